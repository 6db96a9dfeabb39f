"""Gates, and whether they ever turn anybody away; and the branches that are taken where a sub-story is over.

The model knows of each edge which gates turned the player away on it, and which branch it is; the layers know who goes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from diana_engine.compiler.analysis.states.graph.model import NOWHERE, Model, Turn
from diana_engine.compiler.analysis.states.plays.seeking import Plays
from diana_engine.compiler.analysis.states.ranges.forward import Abstract
from diana_engine.compiler.analysis.states.reductions.contraction import Contracted
from diana_engine.compiler.analysis.states.results.report import Availability, Found, Way
from diana_engine.compiler.analysis.states.sets.exact import Exact
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Call, Deck, Program

__all__ = ["Meetings", "Turned", "after_calls", "met", "of_plays", "of_sets", "turned"]


@dataclass(frozen=True, slots=True)
class Meetings:
    """The gates of a program, how many branches follow each call, and which edges turn away whom or are which branch."""

    gates: tuple[FragmentId, ...] = ()
    turned: Mapping[int, tuple[Turn, ...]] = field(default_factory=dict)
    branches: Mapping[FragmentId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turned:
    """Edges that somebody goes for certain, and edges that somebody may go."""

    gone: frozenset[int]
    maybe: frozenset[int]


def met(program: Program, model: Model) -> Meetings:
    """Return the gates and calls of a program, and which edges of its `model` lead past one, or on from there."""
    gated = tuple(id for id, fragment in program.fragments.items() if fragment.gate is not None)
    exits = {id: fragment.exit for id, fragment in program.fragments.items()}
    calls = {
        id: len(way.branches)
        for id, way in exits.items()
        if isinstance(way, Call | Deck) and way.branches
    }
    return Meetings(gated, model.turned, calls)


def turned(meetings: Meetings, edges: Turned) -> dict[FragmentId, Found]:
    """Return for each gate whether it turns anybody away."""
    some = {gate for number in edges.gone for gate in meetings.turned.get(number, ())}
    maybe = {gate for number in edges.maybe for gate in meetings.turned.get(number, ())}
    return {
        gate: "some" if gate in some else "unknown" if gate in maybe else "none"
        for gate in meetings.gates
    }


def after_calls(meetings: Meetings, edges: Turned) -> dict[Way, Availability]:
    """Return for each branch after a call when it is taken: whenever its sub-story is over, never, or sometimes."""
    some = {turn for number in edges.gone for turn in meetings.turned.get(number, ())}
    maybe = {turn for number in edges.maybe for turn in meetings.turned.get(number, ())}
    found: dict[Way, Availability] = {}
    for id, count in meetings.branches.items():
        ways = {(id, number) for number in range(1, count + 1)}
        for way in sorted(ways):
            others = ways - {way}
            if way not in maybe:
                found[way] = "never"
            elif way in some and not others & maybe:
                found[way] = "always"
            else:
                found[way] = "sometimes" if way in some and others & some else "unknown"
    return found


# What the layers know of edges ---------------------------------------------------------------------------------------


def of_plays(meetings: Meetings, plays: Plays, abstract: Abstract) -> Turned:
    """Return which of the edges at gates plays went, and which may be gone by what is known of values one by one."""
    gone = {number for play in plays.plays for number in play}
    return Turned(
        frozenset(gone & meetings.turned.keys()),
        frozenset(number for number in meetings.turned if abstract.taken[number]),
    )


def of_sets(meetings: Meetings, contracted: Contracted, exact: Exact) -> Turned:
    """Return which of the edges at gates are gone by the sets of all states."""
    numbers = {first: number for number, first in enumerate(contracted.first)}
    place_of = {old: place for place, old in enumerate(contracted.place_of)}
    onward = _Onward(contracted, exact, numbers)
    gone, maybe = set(), set()
    for number in meetings.turned:
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
