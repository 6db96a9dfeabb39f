"""The graph of a model: where gates lead, an order in which only loops lead back, and the loops themselves."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.states.graph.model import Model
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Fragment, Program

__all__ = ["components", "gates", "in_order"]


def gates(program: Program, id: FragmentId) -> Iterator[Fragment]:
    """Yield the fragment, and those to which its gate and theirs may send a player on."""
    seen: set[FragmentId] = set()
    following: FragmentId | None = id
    while following is not None and following not in seen:
        seen.add(following)
        fragment = program.fragments[following]
        yield fragment
        following = fragment.gate.otherwise if fragment.gate is not None else None


def in_order(model: Model) -> list[int]:
    """Return the places to which the graph has a way, in reverse postorder: only loops lead back."""
    edges, out = model.edges, model.out
    seen = bytearray(len(model.places))
    finished: list[int] = []
    for number in reversed(model.beginnings):
        root = edges[number].target
        if seen[root]:
            continue
        seen[root] = 1
        stack = [(root, iter(out[root]))]
        while stack:
            place, leaving = stack[-1]
            for edge in leaving:
                to = edges[edge].target
                if not seen[to]:
                    seen[to] = 1
                    stack.append((to, iter(out[to])))
                    break
            else:
                finished.append(place)
                stack.pop()
    finished.reverse()
    return finished


def components(model: Model, order: list[int]) -> list[int]:
    """Return for each place a number that it shares with those it has a way to and back; -1 where the graph has no way.

    `order` is that of `in_order`: going through it against the edges finds a component at a time (Kosaraju).
    """
    edges, inn = model.edges, model.inn
    found = [-1] * len(model.places)
    known = bytearray(len(model.places))
    for place in order:
        known[place] = 1
    count = 0
    for root in order:
        if found[root] >= 0:
            continue
        found[root] = count
        waiting = [root]
        while waiting:
            for edge in inn[waiting.pop()]:
                source = edges[edge].source
                if source >= 0 and known[source] and found[source] < 0:
                    found[source] = count
                    waiting.append(source)
        count += 1
    return found
