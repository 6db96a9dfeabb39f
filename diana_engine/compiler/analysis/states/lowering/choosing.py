"""Taking a choice: `play.choices.take` for all players."""

from __future__ import annotations

from diana_engine.compiler.analysis.states.graph.draws import Luck, decide
from diana_engine.compiler.analysis.states.graph.model import NEVER
from diana_engine.compiler.analysis.states.lowering.asides import Asides
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT, Course
from diana_engine.compiler.analysis.states.lowering.edges import Leaving
from diana_engine.compiler.analysis.states.lowering.parts import TOO_MUCH_LUCK, Opening, Parts
from diana_engine.program.model import Choice

__all__ = ["choose"]


def choose(asides: Asides, place: int, number: int, choice: Choice) -> None:
    """Add the option of a choice; one that takes time leads to where it is waited out."""
    parts = asides.parts
    ways = parts.lucks.ways(parts.lucks.of_choice(choice) | parts.kept_at(place))
    if ways is None:
        _leave(asides, place, number, choice, [(_taken_somehow(parts, choice), choice.to, None)])
        return
    leaving: list[Leaving] = []
    by_luck: list[Opening] = []
    for luck in ways:
        courses = _taken(parts, place, choice, luck) if luck else _as_ever(parts, place, choice)
        opens = parts.guards.some([course.guard for course in courses])
        by_luck.append(parts.opening(place, luck, opens))
        leaving += [(course, choice.to, luck) for course in courses]
    _leave(asides, place, number, choice, leaving, by_luck)


def _leave(
    asides: Asides,
    place: int,
    number: int,
    choice: Choice,
    leaving: list[Leaving],
    by_luck: list[Opening] | None = None,
) -> None:
    if choice.wait is None:
        asides.edges.leave(place, number, leaving, by_luck)
        return
    moving = [
        (course, asides.waiting(place, number, choice, luck or {})) for course, _, luck in leaving
    ]
    asides.edges.move(place, number, moving, by_luck)


def _taken_somehow(parts: Parts, choice: Choice) -> Course:
    """Return the course of a choice that draws too much to be followed."""
    written = parts.effects.written(choice.effects)
    if choice.cost is not None:
        written.append(("value", choice.cost.points))
    return parts.courses.unknown(_marked(parts, STRAIGHT, choice), written, TOO_MUCH_LUCK)


def _as_ever(parts: Parts, place: int, choice: Choice) -> list[Course]:
    """Return the same where nothing is drawn; choices that ask for the same and do the same are followed once."""
    if choice.once or ("chosen", choice.key) in parts.slots.number:
        return _taken(parts, place, choice, {})
    key = (choice.requires, choice.cost, choice.effects)
    found = parts.taken.get(key)
    if found is None:
        found = _taken(parts, place, choice, {})
        if all(course.certain for course in found):
            # Why one is not certain is told of each choice anew.
            parts.taken[key] = found
    return found


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
    return [one for one in taken if one.guard is not NEVER]


def _marked(parts: Parts, course: Course, choice: Choice) -> Course:
    return parts.courses.change(course, ("chosen", choice.key), (0, 1, 1))
