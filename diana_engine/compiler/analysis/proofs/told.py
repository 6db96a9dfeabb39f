"""What the ordinary checks have told already: what follows from it is not told again."""

from __future__ import annotations

from collections.abc import Iterable

from diana_engine.compiler.analysis.asked import Asked, asked_of
from diana_engine.compiler.analysis.uses import Uses
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.syntax.story import ParsedChoice
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.terms import ConditionId
from diana_engine.source import Span

__all__ = ["Told"]

_OF_WORDS = frozenset(
    ("DIA320", "DIA321", "DIA322", "DIA323", "DIA324", "DIA325", "DIA326", "DIA430")
)
"""Comparisons that are certain, contradictions, branches that ask again or come too late, cases that leave none out, and
fragments that ask whether they were visited."""
_OF_PRICES = "DIA317"
"""More than anybody can ever have."""
_OF_NAMES = frozenset(("DIA224", "DIA226", "DIA228"))
"""What never changes, is never given, or never becomes so."""


class Told:
    """The findings that may explain why a requirement never or always holds."""

    def __init__(self, story: CheckedStory, found: Iterable[Diagnostic]) -> None:
        self.story, found = story, list(found)
        self._spans: list[Span] = []
        self._names: set[str] = set()
        self._prices = [one.primary.span for one in found if one.code == _OF_PRICES]
        names = [one for one in found if one.code in _OF_NAMES]
        self._spans = [one.primary.span for one in found if one.code in _OF_WORDS]
        self._names = _names(story, [one.primary.span for one in names])
        self._conditions = {
            ConditionId(one.id.text): asked_of(
                one.requirement, story.conditions.get(ConditionId(one.id.text))
            )
            for one in story.manifest.conditions
        }

    def explains(self, asked: Asked | None) -> bool:
        """Return whether what is required was told of already."""
        if asked is None or not (self._spans or self._names):
            return False
        waiting, seen = [asked], set[ConditionId]()
        while waiting:
            one = waiting.pop()
            if self._within(one):
                return True
            uses = Uses()
            uses.requirement(one.term)
            words = {variable for variable, _ in uses.words_asked}
            if self._names & {*uses.read, *uses.asked, *words}:
                return True
            for name in uses.conditions - seen:
                seen.add(name)
                condition = self._conditions.get(name)
                waiting += [condition] if condition is not None else []
        return False

    def explains_price(self, choice: ParsedChoice) -> bool:
        """Return whether it was told that what the choice takes is more than anybody has."""
        taken = [one.source for one in choice.effects]
        taken += [choice.cost.source] if choice.cost is not None else []
        return any(
            span.file is source.file and span.start == source.start
            for span in self._prices
            for source in taken
        )

    def _within(self, asked: Asked) -> bool:
        sources = [one.source for one in asked.members] or [asked.source]
        return any(
            span.file is source.file and source.start <= span.start < source.end
            for span in self._spans
            for source in sources
        )


def _names(story: CheckedStory, spans: list[Span]) -> set[str]:
    """Return the variables and items whose declaration one of the spans points at."""
    places = {(span.file.path, span.start) for span in spans}
    manifest = story.manifest
    declared = [one.id for one in manifest.variables] + [one.id for one in manifest.items]
    found = {one.text for one in declared if (one.file.path, one.start) in places}
    for variable in manifest.variables:
        if any((value.file.path, value.start) in places for value in variable.values):
            found.add(variable.id.text)
    return found
