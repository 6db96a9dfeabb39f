"""Choices that are never better than another one of the same fragment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from diana_engine.compiler.analysis.proofs.places import Places, named
from diana_engine.compiler.analysis.states.results.report import Dominated, Report, Way
from diana_engine.compiler.analysis.uses import Uses
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import ConditionId, FragmentId
from diana_engine.program.model import Choices, Fragment, Program

__all__ = ["never_better"]


def never_better(places: Places, report: Report) -> Iterator[Diagnostic]:
    """Yield a note for each choice that is, wherever it stands, never better than another one.

    A point of no return is told as what it is: nothing is better than that.
    """
    first: dict[Way, Dominated] = {}
    asked = _Asked(places.program)
    for one in report.dominated:
        # Who shuts a choice behind them, as `once` does, loses nothing but that choice.
        gains = tuple(name for name in one.in_what if asked.elsewhere(name, one.choice))
        if gains:
            first.setdefault(one.choice, replace(one, in_what=gains))
    told = {places.span(point.choice) for point in report.points_of_no_return}
    for way, one in first.items():
        span = places.span(way)
        if span in told or report.choices[way] == "never":
            continue
        told.add(span)
        if _is_so_everywhere(places, report, way, first):
            yield _note(places, one)


class _Asked:
    """Which names are asked for where; looked up only where something is never better."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def elsewhere(self, name: str, way: Way) -> bool:
        """Return whether something else than what this choice requires asks for the name."""
        id, number = way
        if self._by_name.get(name, set()) - {id}:
            return True
        fragment = self.program.fragments[id]
        if not isinstance(fragment.exit, Choices):
            return True
        choices = [
            replace(one, requires=None) if count == number else one
            for count, one in enumerate(fragment.exit.choices, start=1)
        ]
        return name in self._names(replace(fragment, exit=Choices(tuple(choices))))

    @cached_property
    def _by_name(self) -> dict[str, set[FragmentId]]:
        found: dict[str, set[FragmentId]] = {}
        for id, fragment in self.program.fragments.items():
            for name in self._names(fragment):
                found.setdefault(name, set()).add(id)
        return found

    def _names(self, fragment: Fragment) -> set[str]:
        uses, seen = Uses(), set[ConditionId]()
        uses.fragment(fragment)
        while fresh := uses.conditions - seen:
            seen |= fresh
            for condition in fresh:
                uses.requirement(self.program.conditions[condition])
        words = {variable for variable, _ in uses.words_asked}
        return {*uses.read, *uses.asked, *uses.taken, *uses.paid, *words}


def _is_so_everywhere(
    places: Places, report: Report, way: Way, dominated: dict[Way, Dominated]
) -> bool:
    """Return whether a choice that fragments share is no better anywhere."""
    written = places.choice(way)
    if written is None or written[1].included is None:
        return True
    span = places.span(way)
    return all(
        other in dominated
        for other, available in report.choices.items()
        if available != "never" and places.span(other) == span
    )


def _note(places: Places, one: Dominated) -> Diagnostic:
    words, better = places.words(one.choice), places.words(one.by)
    to = places.targets(one.choice)[0]
    return diagnose(
        "DIA512",
        places.span(one.choice),
        f"“{words}” in `{one.choice[0]}` is never better than “{better}”: that is open whenever this is, leads to `{to}` "
        f"too, and leaves players better off in {named(list(one.in_what))}.",
        labels=(Label(places.span(one.by), "always at least as good"),),
        help=f"Let “{words}” bring something that “{better}” does not, or ask for less; or remove it. If it is there for "
        "what players read, all is well.",
    )
