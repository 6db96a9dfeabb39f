"""The analyses of a checked story, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from diana_engine.compiler.analysis.alike import alike_names
from diana_engine.compiler.analysis.asked import Questions, questions_of
from diana_engine.compiler.analysis.buttons import too_many_buttons
from diana_engine.compiler.analysis.certain import certain
from diana_engine.compiler.analysis.choices import choices_alike, choices_idle
from diana_engine.compiler.analysis.contradictions import contradictions
from diana_engine.compiler.analysis.graph import analyse_graph
from diana_engine.compiler.analysis.ladders import branches_in_vain
from diana_engine.compiler.analysis.lengths import long_texts
from diana_engine.compiler.analysis.needless import needless_parts
from diana_engine.compiler.analysis.storylets import idle_storylets
from diana_engine.compiler.analysis.things import idle_things
from diana_engine.compiler.analysis.uses import Uses, uses_of
from diana_engine.compiler.analysis.variables import idle_variables
from diana_engine.compiler.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic

__all__ = ["ANALYSES", "ANALYSES_OF_QUESTIONS", "ANALYSES_OF_USES", "analyse"]

ANALYSES: tuple[Callable[[CheckedStory], Iterable[Diagnostic]], ...] = (
    analyse_graph,
    alike_names,
    choices_alike,
    too_many_buttons,
    idle_storylets,
)
"""Those that need the story alone."""

ANALYSES_OF_QUESTIONS: tuple[Callable[[CheckedStory, Questions], Iterable[Diagnostic]], ...] = (
    certain,
    contradictions,
    branches_in_vain,
    needless_parts,
)
"""Those that look at each requirement beside its words; all share one walk over them."""

ANALYSES_OF_USES: tuple[Callable[[CheckedStory, Uses], Iterable[Diagnostic]], ...] = (
    idle_variables,
    idle_things,
    choices_idle,
    long_texts,
)
"""Those that ask which names are read and written; all share one walk over these."""


def analyse(story: CheckedStory) -> list[Diagnostic]:
    """Return what all analyses find in a story without errors of shape, names and types."""
    uses, questions = uses_of(story), questions_of(story)
    return [
        *(one for analysis in ANALYSES for one in analysis(story)),
        *(one for analysis in ANALYSES_OF_QUESTIONS for one in analysis(story, questions)),
        *(one for analysis in ANALYSES_OF_USES for one in analysis(story, uses)),
    ]
