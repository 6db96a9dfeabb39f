"""Going on where nothing is chosen: the branches of a `next`, and the answer or the wait before them."""

from __future__ import annotations

from itertools import product

from diana_engine.compiler.analysis.states.graph.answers import answers
from diana_engine.compiler.analysis.states.graph.draws import Luck
from diana_engine.compiler.analysis.states.graph.model import NEVER, Slot
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT, Course
from diana_engine.compiler.analysis.states.lowering.edges import Edges, Leaving
from diana_engine.compiler.analysis.states.lowering.parts import Opening, Parts
from diana_engine.compiler.analysis.states.lowering.waiting import waited
from diana_engine.program.model import Branch, Next

__all__ = ["branch", "go_on"]


def go_on(parts: Parts, edges: Edges, place: int, onward: Next) -> None:
    """Add an option for each branch of a `next`."""
    branches = onward.branches
    draws = parts.lucks.of(*[one.requires for one in branches])
    ways = parts.lucks.ways(draws | parts.kept_at(place))
    leaving: list[list[Leaving]] = [[] for _ in branches]
    by_luck: list[list[Opening]] = [[] for _ in branches]
    for luck, start in product(
        [None] if ways is None else ways, waited(parts, _answered(parts, onward), onward.wait)
    ):
        rest = start
        if luck is not None:
            rest = parts.courses.joined(parts.remembering(place, luck), start)
        for index, one in enumerate(branches):
            course, rest = branch(parts, rest, one, luck, is_last=index == len(branches) - 1)
            by_luck[index].append(parts.opening(place, luck or {}, course.guard))
            if course.guard is not NEVER:
                leaving[index].append((course, one.to, luck))
    for index in range(len(branches)):
        edges.leave(place, index + 1, leaving[index], by_luck[index])


def branch(
    parts: Parts, rest: Course, one: Branch, luck: Luck | None, *, is_last: bool
) -> tuple[Course, Course]:
    """Return who of the `rest` takes a branch, and who goes on to the next; the last one is not asked."""
    if one.requires is None or is_last:
        return rest, rest._replace(guard=NEVER)
    guard = None if luck is None else parts.guard(one.requires, luck)
    if guard is None:
        unsure = rest._replace(certain=False)
        return unsure, unsure
    return (
        parts.courses.ask(rest, guard),
        parts.courses.ask(rest, parts.guards.negated(guard)),
    )


def _answered(parts: Parts, onward: Next) -> list[Course]:
    """Return how the answer to a question may come out, as far as it matters: like chance, it is free."""
    slot: Slot | None = ("value", onward.ask.into) if onward.ask is not None else None
    number = parts.slots.number
    if slot is None or slot not in number:
        return [STRAIGHT]
    values = answers(parts.slots.variables[number[slot]], parts.program)
    if values is None:
        return [STRAIGHT._replace(loose=frozenset([number[slot]]))]
    return [parts.courses.change(STRAIGHT, slot, (0, value, value)) for value in values]
