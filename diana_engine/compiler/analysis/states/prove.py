"""From a program to its report: the layers are asked in turn, and what none can tell is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from diana_engine.compiler.analysis.states.explicit import search
from diana_engine.compiler.analysis.states.layers import Layers
from diana_engine.compiler.analysis.states.moves import Moves, TooMuchLuck
from diana_engine.compiler.analysis.states.relevance import gates, targets
from diana_engine.compiler.analysis.states.report import (
    Availability,
    Certain,
    Facts,
    Found,
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
    layers = Layers(program)
    return replace(_searched(program, layers, states, nodes), earnings=layers.earnings())


def _searched(program: Program, layers: Layers, states: int, nodes: int) -> Report:
    moves = Moves(program)
    facts = search(moves, min(states, _FEW))
    if not facts.complete and nodes and not moves.remembers:
        facts = _symbolic(moves, nodes) or facts
    if not facts.complete and states > _FEW:
        facts = search(moves, states)
    if not facts.complete and nodes:
        facts = replace(facts, reasons=(*facts.reasons, _outgrown(moves, nodes)))
    if facts.complete:
        return _Verdicts(program, facts).report()
    report = _Verdicts(program, facts, layers.certain()).report()
    # Without a lock there is no point of no return that was missed.
    clear = all(one.soft_lock == "none" for one in report.fragments.values())
    return settled if clear and (settled := replace(report, reasons=())).complete else report


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

    def __init__(self, program: Program, facts: Facts, certain: Certain | None = None) -> None:
        self.program, self.facts = program, facts
        self.certain = certain or Certain()
        self.reached = facts.reached | self.certain.reached
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
        facts, certain = self.facts, self.certain
        stuck: Found = "none" if self._known(id) or id in certain.unstuck else "unknown"
        locked: Found = "none" if self._known(id) or id in certain.unlocked else "unknown"
        if id not in self.reached:
            if self._unreached(id):
                return FragmentVerdict("no", "none", "none")
            return FragmentVerdict("unknown", stuck, locked)
        return FragmentVerdict(
            "yes",
            "some" if id in facts.stuck | certain.stuck else stuck,
            "some" if id in facts.locked | certain.locked else locked,
        )

    def _unreached(self, id: FragmentId) -> bool:
        return self.facts.complete or id not in self.connected or id in self.certain.unreached

    def _known(self, id: FragmentId) -> bool:
        return self.facts.complete or isinstance(self.program.fragments[id].exit, Ending)

    def _choice(self, way: Way) -> Availability:
        facts, certain = self.facts, self.certain
        if way[0] not in self.reached and self._unreached(way[0]):
            return "never"
        opened = way in facts.opened or way in certain.opened
        if opened and (way in facts.shut or way in certain.shut):
            return "sometimes"
        if way in certain.never_opened:
            return "never"
        if way[0] in self.reached:
            if way in certain.never_shut:
                return "always"
            if facts.complete:
                return "always" if opened else "never"
        return "unknown"

    def _winnable(self) -> bool | None:
        if any(isinstance(self.program.fragments[id].exit, Ending) for id in self.reached):
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
