"""Where plays are within a block of the story: a block after the other, so that each play is gone through once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diana_engine.compiler.analysis.states.graph.model import Model, changed
from diana_engine.compiler.analysis.states.plays.seeking import Plays
from diana_engine.records import dataclass

__all__ = ["Start", "Stroll", "Strolls"]

Start = tuple[tuple[int, ...], int, tuple[int, ...]]
"""The edges of a play, where it comes to, and the values there."""


@dataclass(slots=True)
class Stroll:
    """A play that has come to a block, by its first `length` edges and with these values."""

    model: Model
    block: list[int]
    edges: Sequence[int]
    length: int
    values: list[int]

    def states(self) -> Iterator[tuple[int, int, list[int]]]:
        """Yield each state within the block: how long the play is by then, its place, and the values as they are then."""
        values, number = list(self.values), self.here
        edges, block = self.model.edges, self.block
        yield self.length, edges[self.edges[self.length - 1]].target, values
        for length in range(self.length, len(self.edges)):
            _, to, _, changes, _, _, loose = edges[self.edges[length]]
            if loose or block[to] != number:
                return
            for variable, change in changes.items():
                values[variable] = changed(values[variable], change)
            yield length + 1, to, values

    @property
    def here(self) -> int:
        """The block in which the play is."""
        return self.block[self.model.edges[self.edges[self.length - 1]].target]

    def at(self, length: int) -> Start:
        """Return the state within the block that the play has come to by then."""
        _, place, values = next(state for state in self.states() if state[0] == length)
        return tuple(self.edges[:length]), place, tuple(values)

    def go_to(self, number: int) -> bool:
        """Go on to where the play comes to the block `number`, and return whether it does; blocks are only left forwards."""
        edges = self.model.edges
        while self.length == 0 or self.here < number:
            if self.length == len(self.edges):
                return False
            edge = edges[self.edges[self.length]]
            if edge.loose:
                # What the player answered is not kept with the play.
                return False
            for variable, change in edge.changes.items():
                self.values[variable] = changed(self.values[variable], change)
            self.length += 1
        return self.here == number


class Strolls:
    """All plays, in one block; blocks must be asked for in their order."""

    def __init__(self, plays: Plays, block: list[int]) -> None:
        initial = [one.initial for one in plays.model.variables]
        self._strolls = [
            Stroll(plays.model, block, edges, 0, list(initial)) for edges in plays.plays
        ]

    def within(self, number: int) -> list[Stroll]:
        """Return the plays that come to the block `number`."""
        return [stroll for stroll in self._strolls if stroll.go_to(number)]
