"""From a program to its report: the layers are asked in turn, and what none can tell is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from diana_engine.compiler.analysis.states.explicit import Search
from diana_engine.compiler.analysis.states.moves import Moves
from diana_engine.compiler.analysis.states.relevance import gates, targets
from diana_engine.compiler.analysis.states.report import (
    Availability,
    FragmentVerdict,
    Report,
    Way,
)
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Choices, Ending, Next, Program

__all__ = ["STATES", "prove"]

STATES = 50_000
"""How many states the search looks at before it gives up."""


def prove(program: Program, states: int = STATES) -> Report:
    """Return what is true of every play of `program`; `states` is the budget of the search."""
    search = Search(Moves(program), states)
    return _Verdicts(program, search).report()


class _Verdicts:
    """What a search tells, a verdict at a time."""

    def __init__(self, program: Program, search: Search) -> None:
        self.program, self.search = program, search
        self.reached: set[FragmentId] = set()
        self.stuck: set[FragmentId] = set()
        self.locked: set[FragmentId] = set()
        self.opened: set[Way] = set()
        self.shut: set[Way] = set()
        for index, state in enumerate(search.states):
            self.reached.add(state.fragment)
            if index in search.steps:
                self._look(index, state.fragment)
        self.connected = _connected(program)

    def _look(self, index: int, fragment: FragmentId) -> None:
        step = self.search.steps[index]
        for number in range(1, _ways(self.program, fragment) + 1):
            if number in step.open:
                self.opened.add((fragment, number))
            if number not in step.sure:
                self.shut.add((fragment, number))
        if self.search.stuck(index):
            self.stuck.add(fragment)
        if index in self.search.doomed:
            self.locked.add(fragment)

    def report(self) -> Report:
        """Return all verdicts."""
        search = self.search
        return Report(
            fragments={id: self._fragment(id) for id in self.program.fragments},
            choices={way: self._choice(way) for way in _all_ways(self.program)},
            points_of_no_return=search.points_of_no_return(),
            winnable=self._winnable(),
            reasons=tuple(self._reasons()),
            bounded=tuple(sorted(name for _, name in search.moves.bounded)),
            states=len(search.states),
        )

    def _fragment(self, id: FragmentId) -> FragmentVerdict:
        if id not in self.reached:
            unreached = self.search.complete or id not in self.connected
            if unreached:
                return FragmentVerdict("no", "none", "none")
            return FragmentVerdict("unknown", "unknown", "unknown")
        rest: Literal["none", "unknown"] = "none" if self._known(id) else "unknown"
        return FragmentVerdict(
            "yes",
            "some" if id in self.stuck else rest,
            "some" if id in self.locked else rest,
        )

    def _known(self, id: FragmentId) -> bool:
        return self.search.complete or isinstance(self.program.fragments[id].exit, Ending)

    def _choice(self, way: Way) -> Availability:
        complete = self.search.complete
        if way[0] not in self.reached:
            return "never" if complete or way[0] not in self.connected else "unknown"
        if way in self.opened and way in self.shut:
            return "sometimes"
        if not complete:
            return "unknown"
        return "always" if way in self.opened else "never"

    def _winnable(self) -> bool | None:
        if any(isinstance(self.program.fragments[id].exit, Ending) for id in self.reached):
            return True
        return False if self.search.complete else None

    def _reasons(self) -> Iterator[str]:
        if self.search.complete:
            return
        for fragment in sorted(self.search.too_much_luck):
            yield f"a move from {fragment} makes too many draws at once"
        if len(self.search.steps) + len(self.search.too_much_luck) < len(self.search.states):
            yield f"the search ended after {len(self.search.states)} states"


def _ways(program: Program, id: FragmentId) -> int:
    match program.fragments[id].exit:
        case Choices(choices):
            return len(choices)
        case Next(branches):
            return len(branches)
        case Ending():
            return 0


def _all_ways(program: Program) -> Iterator[Way]:
    for id in program.fragments:
        for number in range(1, _ways(program, id) + 1):
            yield id, number


def _connected(program: Program) -> set[FragmentId]:
    """Return the fragments to which the graph has a way, whatever it requires."""
    waiting = [fragment.id for fragment in gates(program, program.start)]
    found = set(waiting)
    while waiting:
        for to in targets(program.fragments[waiting.pop()], program):
            if to not in found:
                found.add(to)
                waiting.append(to)
    return found
