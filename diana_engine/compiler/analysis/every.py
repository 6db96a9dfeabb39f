"""The analyses of a checked story, in the order in which they run.

Most look at one fragment after the other. They are given one chapter at a time, with what they may know of the others:
so what they find can be remembered for as long as the chapter and that stay as they are. The rest looks at all of the
story, in which texts are bare (`compiler.chapters.bare`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from diana_engine.compiler.analysis.alike import alike_names
from diana_engine.compiler.analysis.asked import Questions, questions_of
from diana_engine.compiler.analysis.buttons import too_many_buttons
from diana_engine.compiler.analysis.certain import certain
from diana_engine.compiler.analysis.choices import choices_alike, choices_idle
from diana_engine.compiler.analysis.contradictions import contradictions
from diana_engine.compiler.analysis.effects import effects_in_vain
from diana_engine.compiler.analysis.graph import analyse_graph
from diana_engine.compiler.analysis.ladders import branches_in_vain
from diana_engine.compiler.analysis.lengths import long_texts
from diana_engine.compiler.analysis.memory import visited_here
from diana_engine.compiler.analysis.needless import needless_parts
from diana_engine.compiler.analysis.rewards import idle_rewards
from diana_engine.compiler.analysis.storylets import idle_storylets
from diana_engine.compiler.analysis.things import idle_things
from diana_engine.compiler.analysis.turned_away import turned_away
from diana_engine.compiler.analysis.twins import twins
from diana_engine.compiler.analysis.uses import SeenUses, Uses
from diana_engine.compiler.analysis.variables import idle_variables
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic

__all__ = [
    "ANALYSES",
    "ANALYSES_OF_CHAPTERS",
    "ANALYSES_OF_QUESTIONS",
    "ANALYSES_OF_SEEN_USES",
    "ANALYSES_OF_USES",
    "analyse",
    "analyse_chapter",
    "analyse_conditions",
]

ANALYSES_OF_CHAPTERS: tuple[Callable[[CheckedStory], Iterable[Diagnostic]], ...] = (
    choices_alike,
    too_many_buttons,
    effects_in_vain,
    visited_here,
)
"""Those that need one chapter, with the names of the manifest."""

ANALYSES_OF_QUESTIONS: tuple[Callable[[CheckedStory, Questions], Iterable[Diagnostic]], ...] = (
    certain,
    contradictions,
    branches_in_vain,
    needless_parts,
)
"""Those that look at each requirement of a chapter beside its words; all share one walk over them."""

ANALYSES_OF_SEEN_USES: tuple[Callable[[CheckedStory, SeenUses], Iterable[Diagnostic]], ...] = (
    choices_idle,
    long_texts,
)
"""Those that need one chapter and ask which names the other chapters use."""

ANALYSES: tuple[Callable[[CheckedStory], Iterable[Diagnostic]], ...] = (
    analyse_graph,
    alike_names,
    twins,
    turned_away,
    idle_storylets,
)
"""Those that need all of the story."""

ANALYSES_OF_USES: tuple[Callable[[CheckedStory, Uses], Iterable[Diagnostic]], ...] = (
    idle_variables,
    idle_things,
    idle_rewards,
)
"""Those that ask which names are read and written in all of the story."""


def analyse_chapter(chapter: CheckedStory, seen: SeenUses) -> list[Diagnostic]:
    """Return what there is to find in one chapter, without errors of shape, names and types.

    `chapter` is the story with this chapter alone; the manifest's conditions are not asked for in it.
    """
    questions = questions_of(chapter)
    return [
        *(one for analysis in ANALYSES_OF_CHAPTERS for one in analysis(chapter)),
        *(one for analysis in ANALYSES_OF_QUESTIONS for one in analysis(chapter, questions)),
        *(one for analysis in ANALYSES_OF_SEEN_USES for one in analysis(chapter, seen)),
    ]


def analyse_conditions(manifest: CheckedStory) -> list[Diagnostic]:
    """Return what there is to find in the manifest's conditions; `manifest` is the story without its chapters."""
    questions = questions_of(manifest)
    return [one for analysis in ANALYSES_OF_QUESTIONS for one in analysis(manifest, questions)]


def analyse(story: CheckedStory, uses: Uses) -> list[Diagnostic]:
    """Return what there is to find in all of a story without errors of shape, names and types."""
    return [
        *(one for analysis in ANALYSES for one in analysis(story)),
        *(one for analysis in ANALYSES_OF_USES for one in analysis(story, uses)),
    ]
