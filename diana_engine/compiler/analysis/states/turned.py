"""Gates, and whether they ever turn anybody away.

An edge says where a move ends, not which gates it met. But a gate has one `otherwise`, so where a move was to lead and
where it ended tell which gates turned the player away. A return leads to one of several fragments; where that leaves
open which gates were met, both may be so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from diana_engine.compiler.analysis.states.contraction import Contracted
from diana_engine.compiler.analysis.states.exact import Exact
from diana_engine.compiler.analysis.states.forward import Abstract
from diana_engine.compiler.analysis.states.graph import gates
from diana_engine.compiler.analysis.states.model import NOWHERE, Edge, Model
from diana_engine.compiler.analysis.states.plays import Plays
from diana_engine.compiler.analysis.states.report import Found
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.exits import branches_of, choices_of
from diana_engine.program.model import Call, Choices, Deck, Next, Program, Return

__all__ = ["Meetings", "Turned", "met", "of_plays", "of_sets", "turned"]


@dataclass(frozen=True, slots=True)
class Meetings:
    """Which edges turn away whom: for certain, or perhaps. All others turn nobody away."""

    gates: tuple[FragmentId, ...] = ()
    surely: Mapping[int, tuple[FragmentId, ...]] = field(default_factory=dict)
    perhaps: Mapping[int, tuple[FragmentId, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turned:
    """Edges that somebody goes for certain, and edges that somebody may go."""

    gone: frozenset[int]
    maybe: frozenset[int]


def met(program: Program, model: Model) -> Meetings:
    """Return which edges of `model` lead past a gate to its `otherwise`."""
    gated = tuple(id for id, fragment in program.fragments.items() if fragment.gate is not None)
    if not gated:
        return Meetings()
    surely: dict[int, tuple[FragmentId, ...]] = {}
    perhaps: dict[int, tuple[FragmentId, ...]] = {}
    behind = {fragment.gate.otherwise for fragment in program.fragments.values() if fragment.gate}
    for number, edge in enumerate(model.edges):
        target = model.places[edge.target]
        if target not in behind or _is_income(model, edge):
            continue
        passed = [_passed(program, to, target) for to in _aims(program, model, edge)]
        known = [gates for gates in passed if gates is not None]
        if any(known):
            perhaps[number] = tuple({gate: None for gates in known for gate in gates})
            first, *others = known
            surely[number] = tuple(gate for gate in first if all(gate in one for one in others))
    return Meetings(gated, surely, perhaps)


def _is_income(model: Model, edge: Edge) -> bool:
    return edge.option != NOWHERE and model.options[edge.option].number < 0


def _passed(program: Program, to: FragmentId, target: FragmentId) -> list[FragmentId] | None:
    """Return the gates that turn away who goes to `to` and ends at `target`, or nothing where one cannot end there."""
    chain: list[FragmentId] = []
    for fragment in gates(program, to):
        if fragment.id == target:
            return chain
        chain.append(fragment.id)
    return None


def _aims(program: Program, model: Model, edge: Edge) -> Iterator[FragmentId]:
    """Yield the fragments to which an edge may have been meant to lead."""
    if edge.source == NOWHERE:
        yield program.start
        return
    exit_ = program.fragments[model.places[edge.source]].exit
    number = model.options[edge.option].number
    match exit_:
        case Choices(choices):
            yield choices[number - 1].to
        case Next(branches):
            yield branches[number - 1].to
        case Call(to):
            yield to
        case Deck() as deck:
            yield from deck.storylets
            yield from (choice.to for choice in choices_of(deck))
            if deck.otherwise is not None:
                yield deck.otherwise
        case Return():
            for fragment in program.fragments.values():
                if isinstance(fragment.exit, Call | Deck):
                    yield from (branch.to for branch in branches_of(fragment.exit))
        case _:
            pass


def turned(meetings: Meetings, edges: Turned) -> dict[FragmentId, Found]:
    """Return for each gate whether it turns anybody away."""
    some = {gate for number in edges.gone for gate in meetings.surely.get(number, ())}
    maybe = {gate for number in edges.maybe for gate in meetings.perhaps.get(number, ())}
    return {
        gate: "some" if gate in some else "unknown" if gate in maybe else "none"
        for gate in meetings.gates
    }


# What the layers know of edges ---------------------------------------------------------------------------------------


def of_plays(meetings: Meetings, plays: Plays, abstract: Abstract) -> Turned:
    """Return which of the edges at gates plays went, and which may be gone by what is known of values one by one."""
    gone = {number for play in plays.plays for number in play}
    return Turned(
        frozenset(gone & meetings.surely.keys()),
        frozenset(number for number in meetings.perhaps if abstract.taken[number]),
    )


def of_sets(meetings: Meetings, contracted: Contracted, exact: Exact) -> Turned:
    """Return which of the edges at gates are gone by the sets of all states."""
    numbers = {first: number for number, first in enumerate(contracted.first)}
    place_of = {old: place for place, old in enumerate(contracted.place_of)}
    onward = _Onward(contracted, exact, numbers)
    gone, maybe = set(), set()
    for number in meetings.perhaps:
        source = contracted.whole.edges[number].source
        kept = source == NOWHERE or source in place_of
        on_way = [numbers[number]] if kept else onward.through(number)
        if any(onward.goes(one, certainly=True) for one in on_way):
            gone.add(number)
        if any(onward.goes(one) for one in on_way):
            maybe.add(number)
    return Turned(frozenset(gone), frozenset(maybe))


class _Onward:
    """The edges of a contracted model that lead over an edge of the whole one."""

    def __init__(self, contracted: Contracted, exact: Exact, numbers: Mapping[int, int]) -> None:
        self.contracted, self.exact, self.numbers = contracted, exact, numbers
        self._through: dict[int, list[int]] | None = None

    def through(self, forced: int) -> Iterable[int]:
        """Return the edges whose chain of forced moves leads over an edge."""
        if self._through is None:
            self._through = {}
            for number in range(len(self.contracted.first)):
                for one in self.contracted.path(number):
                    self._through.setdefault(one, []).append(number)
        return self._through.get(forced, ())

    def goes(self, number: int, *, certainly: bool = False) -> bool:
        """Return whether anybody may go an edge of the contracted model, or somebody does."""
        exact, encoding = self.exact, self.exact.encoding
        edge = exact.model.edges[number]
        none = exact.diagrams.none
        if certainly and not exact.certain[number]:
            return False
        if not encoding.liveness.abstract.taken[number]:
            return False
        if edge.source == NOWHERE:
            return bool(encoding.begun(number) != none)
        states = (exact.least if certainly else exact.most).reached[edge.source]
        return bool(states != none and states & encoding.move(number).who != none)
