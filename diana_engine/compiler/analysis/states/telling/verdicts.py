"""From what the layers proved to the report: what none can tell is unknown."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.states.graph.model import Model
from diana_engine.compiler.analysis.states.results.proved import Proved
from diana_engine.compiler.analysis.states.results.report import (
    Availability,
    Found,
    FragmentVerdict,
    PointOfNoReturn,
    Reachable,
    Report,
    Way,
)
from diana_engine.program.exits import ways_of
from diana_engine.program.model import Program

__all__ = ["reported"]


def reported(
    program: Program,
    model: Model,
    proved: Proved,
    points: tuple[PointOfNoReturn, ...] = (),
    reasons: tuple[str, ...] = (),
    bounded: tuple[str, ...] = (),
) -> Report:
    """Return the report of a program: `proved` is what is known of its model."""
    verdicts = _Verdicts(model, proved)
    fragments = {id: verdicts.fragment(place) for place, id in enumerate(program.fragments)}
    choices: dict[Way, Availability] = {}
    for place, (id, fragment) in enumerate(program.fragments.items()):
        known = verdicts.options(place)
        for written in range(1, len(ways_of(fragment.exit)) + 1):
            option = known.get(written)
            choices[id, written] = "unknown" if option is None else verdicts.option(option)
    report = Report(fragments, choices, points, verdicts.winnable(), (), bounded)
    return (
        report
        if report.complete
        else Report(fragments, choices, points, report.winnable, reasons, bounded)
    )


class _Verdicts:
    def __init__(self, model: Model, proved: Proved) -> None:
        self.model, self.proved = model, proved

    def fragment(self, place: int) -> FragmentVerdict:
        """Return the verdict on a fragment; at a deck that players may pass by, some come who do not rest."""
        verdict = self.place(place)
        coming = self.model.coming.get(place)
        if coming is None:
            return verdict
        came = self.place(coming)
        return FragmentVerdict(
            came.reachable, verdict.stuck, _either(verdict.soft_lock, came.soft_lock)
        )

    def options(self, place: int) -> dict[int, int]:
        """Return the options of a fragment by their numbers."""
        model, coming = self.model, self.model.coming.get(place)
        every = [
            *model.options_of[place],
            *(model.options_of[coming] if coming is not None else ()),
        ]
        return {model.options[one].number: one for one in every}

    def place(self, place: int) -> FragmentVerdict:
        """Return the verdict on the fragment of a place."""
        proved = self.proved
        reachable: Reachable = "unknown"
        if place in proved.reached:
            reachable = "yes"
        elif place in proved.unreached:
            return FragmentVerdict("no", "none", "none")
        if self.model.ending[place]:
            return FragmentVerdict(reachable, "none", "none")
        return FragmentVerdict(
            reachable,
            _found(place in proved.stuck, place in proved.unstuck),
            _found(place in proved.locked, place in proved.unlocked),
        )

    def option(self, option: int) -> Availability:
        """Return the verdict on an option."""
        proved = self.proved
        if option in proved.never_opened or self.model.options[option].place in proved.unreached:
            return "never"
        if option in proved.opened:
            if option in proved.shut:
                return "sometimes"
            if option in proved.never_shut:
                return "always"
        return "unknown"

    def winnable(self) -> bool | None:
        """Return whether an ending can be reached."""
        endings = list(self._endings())
        if any(place in self.proved.reached for place in endings):
            return True
        return False if all(place in self.proved.unreached for place in endings) else None

    def _endings(self) -> Iterator[int]:
        return (place for place, ends in enumerate(self.model.ending) if ends)


def _either(one: Found, other: Found) -> Found:
    if "some" in (one, other):
        return "some"
    return "unknown" if "unknown" in (one, other) else "none"


def _found(some: bool, none: bool) -> Found:
    return "some" if some else "none" if none else "unknown"
