"""Walks over a graph of ways: what can be reached, and which places lie in rings together.

Plain tables of neighbours: a library of graphs takes longer to import than a small story to check, and several times
as long over a large one. A property test holds these walks equal to networkx.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeVar

__all__ = ["Ways", "components", "reach"]

_Place = TypeVar("_Place")

Ways = Mapping[_Place, Collection[_Place]]
"""Where each place leads; one that is not in the table leads nowhere."""


def reach(starts: Iterable[_Place], ways: Ways[_Place]) -> set[_Place]:
    """Return the places that can be reached, the starts included."""
    reached = set(starts)
    waiting = list(reached)
    while waiting:
        for other in ways.get(waiting.pop(), ()):
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    return reached


def components(places: Iterable[_Place], ways: Ways[_Place]) -> Iterator[list[_Place]]:
    """Yield the largest groups of places that all reach each other, those that lead nowhere else first.

    Ways to places that are not among `places` are passed over. Tarjan's algorithm, with a list in place of recursion.
    """
    inside = dict.fromkeys(places, 0)  # 0: not met; else in the order of meeting, from 1
    lowest: dict[_Place, int] = {}
    stack: list[_Place] = []
    for root in inside:
        if inside[root]:
            continue
        path = [(root, iter(ways.get(root, ())))]
        inside[root] = lowest[root] = len(lowest) + 1
        stack.append(root)
        while path:
            place, waiting = path[-1]
            deeper = _next_unmet(place, waiting, inside, lowest)
            if deeper is not None:
                inside[deeper] = lowest[deeper] = len(lowest) + 1
                stack.append(deeper)
                path.append((deeper, iter(ways.get(deeper, ()))))
                continue
            path.pop()
            if path:
                above = path[-1][0]
                lowest[above] = min(lowest[above], lowest[place])
            if lowest[place] == inside[place]:
                yield _cut_off(stack, place, lowest)


def _next_unmet(
    place: _Place, waiting: Iterator[_Place], met: dict[_Place, int], lowest: dict[_Place, int]
) -> _Place | None:
    for other in waiting:
        number = met.get(other)
        if number == 0:
            return other
        if number is not None and number < lowest[place] and lowest[other] < _DONE:
            lowest[place] = number
    return None


_DONE = 1 << 62
"""In the place of the lowest number, for what lies in a group that was told already."""


def _cut_off(stack: list[_Place], place: _Place, lowest: dict[_Place, int]) -> list[_Place]:
    group: list[_Place] = []
    while True:
        member = stack.pop()
        lowest[member] = _DONE
        group.append(member)
        if member == place:
            return group
