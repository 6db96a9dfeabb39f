"""From a program to its report: the layers are asked in turn, and what none can tell is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from diana_engine.compiler.analysis.states.explicit import search
from diana_engine.compiler.analysis.states.moves import Moves, TooMuchLuck
from diana_engine.compiler.analysis.states.relevance import gates, targets
from diana_engine.compiler.analysis.states.report import (
    Availability,
    Facts,
    FragmentVerdict,
    Report,
    Way,
)
from diana_engine.compiler.analysis.states.unfollowed import unfollowed
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.exits import branches_of, choices_of
from diana_engine.program.model import Ending, Program

__all__ = ["NODES", "STATES", "prove"]

STATES = 10_000
"""How many states the search through single states looks at before it gives up."""
NODES = 1_000_000
"""How many nodes the decision diagrams of the search through sets may have."""
_FEW = 3_000
"""How many states are looked at one by one before they are taken together in sets."""


def prove(program: Program, states: int = STATES, nodes: int = NODES) -> Report:
    """Return what is true of every play of `program`; `states` and `nodes` are the budgets of the two searches."""
    if reasons := unfollowed(program):
        nothing = frozenset[FragmentId]()
        ways = frozenset[Way]()
        facts = Facts(False, nothing, nothing, nothing, ways, ways, (), reasons=reasons)
        return _Verdicts(program, facts).report()
    moves = Moves(program)
    facts = search(moves, min(states, _FEW))
    if not facts.complete and nodes and not moves.remembers:
        facts = _symbolic(moves, nodes) or facts
    if not facts.complete and states > _FEW:
        facts = search(moves, states)
    if not facts.complete and nodes:
        facts = replace(facts, reasons=(*facts.reasons, _outgrown(moves, nodes)))
    return _Verdicts(program, facts).report()


def _outgrown(moves: Moves, nodes: int) -> str:
    if moves.remembers:
        return "a draw is looked at both on entering a fragment and in leaving it"
    return f"the sets of states outgrew {nodes} nodes"


def _symbolic(moves: Moves, nodes: int) -> Facts | None:
    """Return what the search through sets of states finds, if it stays within its budget."""
    from diana_engine.compiler.analysis.states.meaning import TooWide
    from diana_engine.compiler.analysis.states.symbolic import OverBudget, Symbolic

    try:
        return Symbolic(moves, nodes).facts()
    except (OverBudget, TooWide, TooMuchLuck):
        return None


class _Verdicts:
    """What is known, a verdict at a time."""

    def __init__(self, program: Program, facts: Facts) -> None:
        self.program, self.facts = program, facts
        self.connected = _connected(program)

    def report(self) -> Report:
        """Return all verdicts."""
        return Report(
            fragments={id: self._fragment(id) for id in self.program.fragments},
            choices={way: self._choice(way) for way in _all_ways(self.program)},
            points_of_no_return=self.facts.points,
            winnable=self._winnable(),
            reasons=self.facts.reasons,
            bounded=self.facts.bounded,
            states=self.facts.states,
        )

    def _fragment(self, id: FragmentId) -> FragmentVerdict:
        facts = self.facts
        if id not in facts.reached:
            if facts.complete or id not in self.connected:
                return FragmentVerdict("no", "none", "none")
            return FragmentVerdict("unknown", "unknown", "unknown")
        rest: Literal["none", "unknown"] = "none" if self._known(id) else "unknown"
        return FragmentVerdict(
            "yes",
            "some" if id in facts.stuck else rest,
            "some" if id in facts.locked else rest,
        )

    def _known(self, id: FragmentId) -> bool:
        return self.facts.complete or isinstance(self.program.fragments[id].exit, Ending)

    def _choice(self, way: Way) -> Availability:
        facts = self.facts
        if way[0] not in facts.reached:
            return "never" if facts.complete or way[0] not in self.connected else "unknown"
        if way in facts.opened and way in facts.shut:
            return "sometimes"
        if not facts.complete:
            return "unknown"
        return "always" if way in facts.opened else "never"

    def _winnable(self) -> bool | None:
        if any(isinstance(self.program.fragments[id].exit, Ending) for id in self.facts.reached):
            return True
        return False if self.facts.complete else None


def _ways(program: Program, id: FragmentId) -> int:
    way = program.fragments[id].exit
    return len(choices_of(way)) + len(branches_of(way))


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
