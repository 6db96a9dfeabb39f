"""Shortest plays through sets of states: a search forwards in rounds, then a way back through the rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diana_engine.compiler.analysis.states.bits import Node
from diana_engine.compiler.analysis.states.report import Way
from diana_engine.expressions.terms import FragmentId

if TYPE_CHECKING:
    from diana_engine.compiler.analysis.states.symbolic import Symbolic
    from diana_engine.compiler.analysis.states.symbolic_moves import Arrival

__all__ = ["Trace"]


class Trace:
    """When which states were first reached, in rounds of one move of the player each."""

    def __init__(self, states: Symbolic) -> None:
        self.states = states
        self.seen: dict[FragmentId, Node] = dict.fromkeys(states.rank, states.bits.false)
        self.gains: dict[FragmentId, list[tuple[int, Node, Arrival]]] = {
            id: [] for id in states.rank
        }
        self.clock = 0

    def shortest(self, targets: dict[Way, Node]) -> dict[Way, tuple[Way, ...]]:
        """Return for each way a shortest play to a state of its set; every set has a state that is reached."""
        plays: dict[Way, tuple[Way, ...]] = {}
        fresh: dict[FragmentId, Node] = {}
        for begin in self.states.beginnings:
            self._gain(begin, self.states.bits.true, fresh)
        while fresh and len(plays) < len(targets):
            following = self._round(fresh)
            for way in targets.keys() - plays.keys():
                if self.seen[way[0]] & targets[way] != self.states.bits.false:
                    plays[way] = self._play_to(way[0], self.seen[way[0]] & targets[way])
            fresh = following
        return plays

    def _round(self, fresh: dict[FragmentId, Node]) -> dict[FragmentId, Node]:
        """Pass on through all that does not rest, then let players move; return where they come to."""
        fragments, rank = self.states.program.fragments, self.states.rank
        passing = sorted((id for id in fresh if not fragments[id].rests), key=rank.__getitem__)
        while passing:
            through: dict[FragmentId, Node] = {}
            for id in passing:
                states = fresh.pop(id)
                for arrival in self.states.leaving[id]:
                    self._gain(arrival, states, through)
            for id, states in through.items():
                fresh[id] = fresh.get(id, self.states.bits.false) | states
            passing = sorted((id for id in fresh if not fragments[id].rests), key=rank.__getitem__)
        following: dict[FragmentId, Node] = {}
        for id in sorted(fresh, key=rank.__getitem__):
            for arrival in self.states.leaving[id]:
                self._gain(arrival, fresh[id], following)
        return following

    def _gain(self, arrival: Arrival, states: Node, fresh: dict[FragmentId, Node]) -> None:
        to, false = arrival.to, self.states.bits.false
        gained = arrival.image(states) & ~self.seen[to]
        if gained != false:
            self.clock += 1
            self.gains[to].append((self.clock, gained, arrival))
            self.seen[to] |= gained
            fresh[to] = fresh.get(to, false) | gained

    def _play_to(self, id: FragmentId, states: Node) -> tuple[Way, ...]:
        """Return the way back to the beginning, always over the earliest gain."""
        fragments, false = self.states.program.fragments, self.states.bits.false
        ways: list[Way] = []
        while True:
            _, gained, arrival = next(gain for gain in self.gains[id] if gain[1] & states != false)
            if arrival.number == 0:
                return tuple(reversed(ways))
            states = arrival.preimage(gained & states) & self.seen[arrival.source]
            id = arrival.source
            if fragments[id].rests:
                ways.append((id, arrival.number))
