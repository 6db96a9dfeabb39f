"""Entering a sub-story and coming back from it: which calls wait is a variable of the model."""

from __future__ import annotations

from collections.abc import Sequence

from diana_engine.compiler.analysis.states.graph.draws import Luck
from diana_engine.compiler.analysis.states.graph.model import ALWAYS, NEVER, Guard, Turn
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT, Course
from diana_engine.compiler.analysis.states.lowering.edges import Edges, Leaving
from diana_engine.compiler.analysis.states.lowering.following import branch
from diana_engine.compiler.analysis.states.lowering.parts import Parts
from diana_engine.compiler.analysis.states.lowering.stacks import STACK, Stack
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.exits import branches_of
from diana_engine.program.model import Fragment

__all__ = ["call", "calling", "come_back"]

_TOO_MANY_CALLS = "too many calls may wait for their return in different ways"


def call(parts: Parts, edges: Edges, place: int, to: FragmentId) -> None:
    """Add the option that enters a sub-story."""
    draws = parts.lucks.at_gates(to) | parts.kept_at(place)
    ways: Sequence[Luck | None] = parts.lucks.ways(draws) or [None]
    courses = calling(parts, place, STRAIGHT)
    leaving: list[Leaving] = [
        (parts.courses.joined(parts.remembering(place, luck or {}), course), to, luck)
        for luck in ways
        for course in courses
    ]
    edges.leave(place, 1, leaving, [(ALWAYS, ALWAYS)])


def calling(parts: Parts, place: int, course: Course) -> list[Course]:
    """Return the course of those who enter a sub-story, for each of the calls that wait already."""
    if not parts.stacks.complete:
        return [parts.courses.unknown(course, [STACK], _TOO_MANY_CALLS)]
    id = parts.places[place]
    return [_restacked(parts, course, stack, (*stack, id)) for stack in parts.stacks.at.get(id, [])]


def come_back(parts: Parts, edges: Edges, place: int, fragment: Fragment) -> None:
    """Add the option that ends a sub-story: what called it last goes on."""
    if not parts.stacks.complete:
        parts.opaque[fragment.id] = _TOO_MANY_CALLS
    leaving: list[Leaving] = []
    after: list[tuple[Turn, ...]] = []
    stacks = [stack for stack in parts.stacks.at.get(fragment.id, []) if stack]
    for stack in stacks:
        branches = branches_of(parts.program.fragments[stack[-1]].exit)
        draws = parts.lucks.of(*[one.requires for one in branches])
        ways: Sequence[Luck | None] = parts.lucks.ways(draws | parts.kept_at(place)) or [None]
        for luck in ways:
            rest = parts.remembering(place, luck or {})
            rest = _restacked(parts, rest, stack, stack[:-1])
            for index, one in enumerate(branches):
                course, rest = branch(parts, rest, one, luck, is_last=index == len(branches) - 1)
                if course.guard is not NEVER:
                    leaving.append((course, one.to, luck))
                    after.append(((stack[-1], index + 1),))
    opens = parts.guards.some([_waits(parts, stack) for stack in stacks])
    edges.leave(place, 1, leaving, [(opens, opens)], after)


def _restacked(parts: Parts, course: Course, stack: Stack, after: Stack) -> Course:
    number = parts.stacks.numbers[after]
    course = parts.courses.ask(course, _waits(parts, stack))
    return parts.courses.change(course, STACK, (0, number, number))


def _waits(parts: Parts, stack: Stack) -> Guard:
    """Return the guard that just these calls wait."""
    if len(parts.stacks.numbers) == 1:
        return ALWAYS
    return parts.guards.equal(parts.slots.number[STACK], parts.stacks.numbers[stack])
