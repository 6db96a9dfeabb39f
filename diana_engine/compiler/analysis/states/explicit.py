"""The search through all states, one by one, shortest plays first.

It is exact while the states fit in its budget. Beyond, what it saw remains true: a state that it did not look beyond
may lead anywhere, so a soft-lock is told only where every way on was followed to its end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from diana_engine.compiler.analysis.states.moves import Moves, State, Step, TooMuchLuck
from diana_engine.compiler.analysis.states.report import Facts, PointOfNoReturn, Way
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Choices, Ending, Next

__all__ = ["search"]


def search(moves: Moves, budget: int) -> Facts:
    """Return what is found by looking at up to `budget` states."""
    return _Search(moves, budget).facts()


class _Search:
    """The states that plays can come to, in the order of the shortest play to each."""

    def __init__(self, moves: Moves, budget: int) -> None:
        self.moves = moves
        self.states: list[State] = []
        self.steps: dict[int, Step] = {}
        self.too_much_luck: set[str] = set()
        self._index: dict[State, int] = {}
        self._depth: list[int] = []
        self._parent: list[tuple[int, int] | None] = []
        self._before: list[list[int]] = []
        self._search(budget)
        self.can_end = self._leading_to(
            index for index in self.steps if self._is_ending(self.states[index])
        )
        hopeful = [index for index in range(len(self.states)) if index not in self.steps]
        self.doomed = frozenset(self.steps) - self.can_end - self._leading_to(hopeful)

    @property
    def complete(self) -> bool:
        """Whether every state was looked at."""
        return len(self.steps) == len(self.states)

    def stuck(self, index: int) -> bool:
        """Return whether in this state, which is no ending, nothing can be done."""
        return not self.steps[index].open and not self._is_ending(self.states[index])

    def facts(self) -> Facts:
        """Return what was found."""
        opened, shut = self._availability()
        return Facts(
            complete=self.complete,
            reached=frozenset(state.fragment for state in self.states),
            stuck=frozenset(
                self.states[index].fragment for index in self.steps if self.stuck(index)
            ),
            locked=frozenset(self.states[index].fragment for index in self.doomed),
            opened=opened,
            shut=shut,
            points=self.points_of_no_return(),
            bounded=tuple(sorted(name for _, name in self.moves.bounded)),
            reasons=tuple(self._reasons()),
            states=len(self.states),
        )

    def _availability(self) -> tuple[frozenset[Way], frozenset[Way]]:
        opened: set[Way] = set()
        shut: set[Way] = set()
        for index, step in self.steps.items():
            id = self.states[index].fragment
            opened.update((id, number) for number in step.open)
            for number in range(1, self._ways(id) + 1):
                if number not in step.sure:
                    shut.add((id, number))
        return frozenset(opened), frozenset(shut)

    def _ways(self, id: FragmentId) -> int:
        match self.moves.program.fragments[id].exit:
            case Choices(choices):
                return len(choices)
            case Next(branches):
                return len(branches)
            case _:
                return 0

    def _reasons(self) -> Iterator[str]:
        for fragment in sorted(self.too_much_luck):
            yield f"a move from {fragment} makes too many draws at once"
        if len(self.steps) + len(self.too_much_luck) < len(self.states):
            yield f"the search ended after {len(self.states)} states"

    def points_of_no_return(self) -> tuple[PointOfNoReturn, ...]:
        """Return each choice that leads from a state that can end to one that cannot, with a shortest play."""
        first: dict[Way, int] = {}
        for index, step in self.steps.items():
            if index not in self.can_end:
                continue
            for move in step.moves:
                way = (self.states[index].fragment, move.number)
                known = first.get(way)
                if (known is None or self._depth[index] < self._depth[known]) and (
                    self._index[move.to] in self.doomed
                ):
                    first[way] = index
        return tuple(
            PointOfNoReturn(way, (*self.play_to(index), way))
            for way, index in sorted(first.items())
        )

    def play_to(self, index: int) -> tuple[Way, ...]:
        """Return a shortest play to a state: what the player does, without what is only passed through."""
        ways: list[Way] = []
        parent = self._parent[index]
        while parent is not None:
            before, number = parent
            fragment = self.states[before].fragment
            if self.moves.program.fragments[fragment].rests:
                ways.append((fragment, number))
            parent = self._parent[before]
        return tuple(reversed(ways))

    # Searching ------------------------------------------------------------------------------------------------------

    def _search(self, budget: int) -> None:
        waiting: deque[int] = deque()
        for state in self.moves.beginnings():
            waiting.append(self._add(state, 0, None))
        while waiting and len(self.states) < budget:
            index = waiting.popleft()
            if index not in self.steps:
                self._look(index, waiting)

    def _look(self, index: int, waiting: deque[int]) -> None:
        state = self.states[index]
        try:
            step = self.moves.step(state)
        except TooMuchLuck:
            self.too_much_luck.add(state.fragment)
            return
        self.steps[index] = step
        # Passing through takes nothing from the player, so it makes no play longer.
        rests = self.moves.program.fragments[state.fragment].rests
        depth = self._depth[index] + rests
        for move in step.moves:
            to = self._index.get(move.to)
            if to is None:
                to = self._add(move.to, depth, (index, move.number))
            elif to in self.steps or depth >= self._depth[to]:
                self._before[to].append(index)
                continue
            else:
                self._depth[to], self._parent[to] = depth, (index, move.number)
            self._before[to].append(index)
            if rests:
                waiting.append(to)
            else:
                waiting.appendleft(to)

    def _add(self, state: State, depth: int, parent: tuple[int, int] | None) -> int:
        self._index[state] = index = len(self.states)
        self.states.append(state)
        self._depth.append(depth)
        self._parent.append(parent)
        self._before.append([])
        return index

    def _is_ending(self, state: State) -> bool:
        return isinstance(self.moves.program.fragments[state.fragment].exit, Ending)

    def _leading_to(self, targets: Iterable[int]) -> frozenset[int]:
        waiting = list(targets)
        found = set(waiting)
        while waiting:
            for before in self._before[waiting.pop()]:
                if before not in found:
                    found.add(before)
                    waiting.append(before)
        return frozenset(found)
