"""From what the layers proved to the report: what none can tell is unknown."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.states.model import Model
from diana_engine.compiler.analysis.states.proved import Proved
from diana_engine.compiler.analysis.states.report import (
    Availability,
    Found,
    FragmentVerdict,
    PointOfNoReturn,
    Reachable,
    Report,
    Way,
)
from diana_engine.program.exits import branches_of, choices_of
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
    fragments = {id: verdicts.place(place) for place, id in enumerate(model.places)}
    choices: dict[Way, Availability] = {}
    for place, id in enumerate(model.places):
        known = {model.options[number].number: number for number in model.options_of[place]}
        for written in range(1, _ways(program, id) + 1):
            option = known.get(written)
            choices[id, written] = "unknown" if option is None else verdicts.option(option)
    report = Report(fragments, choices, points, verdicts.winnable(), (), bounded)
    return (
        report
        if report.complete
        else Report(fragments, choices, points, report.winnable, reasons, bounded)
    )


def _ways(program: Program, id: str) -> int:
    way = program.fragments[id].exit  # type: ignore[index]
    return len(choices_of(way)) + len(branches_of(way))


class _Verdicts:
    def __init__(self, model: Model, proved: Proved) -> None:
        self.model, self.proved = model, proved

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


def _found(some: bool, none: bool) -> Found:
    return "some" if some else "none" if none else "unknown"
