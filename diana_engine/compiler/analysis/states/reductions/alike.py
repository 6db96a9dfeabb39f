"""Flags that are always the same: what one edge does to one of them, it does to the others.

A player who takes the shears from a drawer has been at the drawer: the item and the visit are told apart by no state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diana_engine.compiler.analysis.states.graph.model import Change, Model

__all__ = ["alike"]


def alike(model: Model, flags: Iterable[int]) -> Iterator[list[int]]:
    """Yield groups of two or more of the variables `flags`, from 0 to 1 each, that have the same value in every state."""
    done: dict[int, int] = dict.fromkeys(flags, 0)
    # All that was done to a flag, as a number for the way to it: the last of these numbers, the edge and the change.
    numbers: dict[tuple[int, int, int], int] = {}
    for number, edge in enumerate(model.edges):
        for variable, change in edge.changes.items():
            if variable in done and (value := _given(change)) is not None:
                way = (done[variable], number, value)
                done[variable] = numbers.setdefault(way, len(numbers) + 1)
        for variable in edge.loose:
            if variable in done:
                # Of two that may come to be anything, nothing makes the same.
                way = (done[variable], number, -1 - variable)
                done[variable] = numbers.setdefault(way, len(numbers) + 1)
    groups: dict[tuple[int, int], list[int]] = {}
    for variable, last in done.items():
        groups.setdefault((model.variables[variable].initial, last), []).append(variable)
    return (group for group in groups.values() if len(group) > 1)


def _given(change: Change) -> int | None:
    """Return what a flag becomes, or nothing if it stays what it is."""
    k, least, most = change
    if k > 0 or least > 0:
        return min(1, max(0, most))
    if k < 0 or most < 1:
        return max(0, least)
    return None
