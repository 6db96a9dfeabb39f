"""Taking a choice: `play.choices.take` for all players, and the wait that may follow on it."""

from __future__ import annotations

from diana_engine.compiler.analysis.states.draws import Luck, decide
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT, Course
from diana_engine.compiler.analysis.states.lowering.edges import Edges, Leaving
from diana_engine.compiler.analysis.states.lowering.parts import TOO_MUCH_LUCK, Opening, Parts
from diana_engine.compiler.analysis.states.model import NEVER
from diana_engine.program.model import Choice, Wait

__all__ = ["choose", "waited"]


def choose(parts: Parts, edges: Edges, place: int, number: int, choice: Choice) -> None:
    """Add the option of a choice."""
    ways = parts.lucks.ways(parts.lucks.of_choice(choice) | parts.kept_at(place))
    if ways is None:
        edges.leave(place, number, [(_taken_somehow(parts, choice), choice.to, None)])
        return
    leaving: list[Leaving] = []
    by_luck: list[Opening] = []
    for luck in ways:
        courses = _taken(parts, place, choice, luck)
        opens = parts.guards.some([course.guard for course in courses])
        by_luck.append(parts.opening(place, luck, opens))
        leaving += [(course, choice.to, luck) for course in courses]
    edges.leave(place, number, leaving, by_luck)


def waited(parts: Parts, courses: list[Course], wait: Wait | None) -> list[Course]:
    """Return the ways through a wait: in patience, or paying for what can be paid."""
    if wait is None or wait.skip is None:
        return courses
    if ("value", wait.skip.points) not in parts.slots.number:
        # Nothing asks for these points but such prices, and who cannot pay one can wait.
        return courses
    paying = [parts.courses.pay(one, wait.skip.points, wait.skip.amount) for one in courses]
    return [*courses, *(one for one in paying if one.guard is not NEVER)]


def _taken_somehow(parts: Parts, choice: Choice) -> Course:
    """Return the course of a choice that draws too much to be followed."""
    written = parts.effects.written(choice.effects)
    if choice.cost is not None:
        written.append(("value", choice.cost.points))
    return parts.courses.unknown(_marked(parts, STRAIGHT, choice), written, TOO_MUCH_LUCK)


def _taken(parts: Parts, place: int, choice: Choice, luck: Luck) -> list[Course]:
    """Return the ways in which the choice is taken, up to the moment before the player moves."""
    course = parts.remembering(place, luck)
    if choice.once:
        variable = parts.slots.number["chosen", choice.key]
        course = parts.courses.ask(course, parts.guards.below(variable, 1))
    if choice.requires is not None:
        course = parts.meeting(course, choice.requires, luck)
    if choice.cost is not None:
        # The price is asked before anything changes, and paid after the choice is marked as taken.
        course = parts.courses.pay(course, choice.cost.points, choice.cost.amount)
    if course.guard is NEVER:
        return []
    course = _marked(parts, course, choice)
    taken = [course]
    if choice.effects:
        effects = decide(choice.effects, luck) if luck else choice.effects
        taken = parts.effects.follow([course], effects, refusing=True)
    return waited(parts, [one for one in taken if one.guard is not NEVER], choice.wait)


def _marked(parts: Parts, course: Course, choice: Choice) -> Course:
    return parts.courses.change(course, ("chosen", choice.key), (0, 1, 1))
