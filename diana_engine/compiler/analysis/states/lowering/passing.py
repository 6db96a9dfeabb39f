"""Time that passes: wherever a player rests, as much of it as one likes; and where one waits, as much as it takes."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.states.graph.model import Model, Slot
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT, Course
from diana_engine.compiler.analysis.states.lowering.edges import Edges
from diana_engine.compiler.analysis.states.lowering.parts import Parts
from diana_engine.compiler.analysis.states.lowering.slots import LATE
from diana_engine.compiler.analysis.states.results.report import DAYS, PASSING
from diana_engine.play.earning import DAY
from diana_engine.program.exits import wait_of, ways_of
from diana_engine.program.model import Choice

__all__ = ["after_waiting", "let_pass", "taking"]

_ORDER = "of more than two times that are asked for, it is not followed which strikes first"
_SOONER = (
    "what comes of days outside the story takes time, of which it is not followed how little may do"
)
_BETWEEN = "the times that are asked for have too many moments between them"


def let_pass(parts: Parts, edges: Edges, model: Model) -> None:
    """Add time to a model that has all else: at each place where players rest and the story goes on."""
    slots = parts.slots
    _let_days_come(parts, edges, model)
    if not slots.clocks:
        return
    some_go = parts.guards.some(
        [parts.guards.below(clock, slots.variables[clock].high) for clock in slots.clocks]
    )
    courses = list(_strikes(parts, parts.courses.ask(STRAIGHT, some_go)))
    if not slots.pace.exact:
        parts.opaque["time"] = _ORDER if slots.pace.tick else _BETWEEN
    for place, rests in enumerate(model.rests):
        if rests and not model.ending[place]:
            pays = LATE in slots.number and _may_pay(parts, model, place)
            edges.pause(place, PASSING, [_late(parts, one) for one in courses] if pays else courses)


def _let_days_come(parts: Parts, edges: Edges, model: Model) -> None:
    """Let a day's visit make a streak longer, and a day that is missed end it."""
    slots = parts.slots
    days: Slot = ("streak", "")
    if days not in slots.number:
        return
    index = slots.number[days]
    high = slots.variables[index].high
    fewer = parts.courses.ask(STRAIGHT, parts.guards.below(index, high))
    some = parts.courses.ask(STRAIGHT, parts.guards.at_least(index, 1))
    more = parts.courses.change(fewer, days, (1, 0, high))
    none = parts.courses.change(some, days, (0, 0, 0))
    courses = [*taking(parts, more, DAY), *taking(parts, none, 2 * DAY)]
    for place, rests in enumerate(model.rests):
        if rests and not model.ending[place]:
            edges.pause(place, DAYS, courses)


def _may_pay(parts: Parts, model: Model, place: int) -> bool:
    """Return whether one waits at a place, and may pay for not having to."""
    exit_ = parts.program.fragments[model.places[place]].exit
    wait = wait_of(exit_)
    if place in model.waits:
        choice = ways_of(exit_)[model.waits[place] - 1]
        wait = choice.wait if isinstance(choice, Choice) else None
    return wait is not None and wait.skip is not None


def _late(parts: Parts, course: Course) -> Course:
    high = parts.slots.variables[parts.slots.number[LATE]].high
    return parts.courses.change(course, LATE, (1, 0, high))


def _strikes(parts: Parts, start: Course) -> Iterator[Course]:
    """Yield what becomes of the clocks of those who go on for the least time that makes a difference."""
    slots, pace = parts.slots, parts.slots.pace
    if pace.tick or len(slots.clocks) == 1:
        yield _moved(parts, start, 1)
    else:
        yield _struck(parts, start, pace.longest)
    if not pace.exact:
        for clock in slots.clocks:
            one = slots.variables[clock]
            course = parts.courses.change(start, one.slot, (1, 0, one.high))
            yield course._replace(certain=False)


def after_waiting(parts: Parts, course: Course, seconds: int) -> Iterator[Course]:
    """Yield what becomes of a course after so much time; who waits may be away for longer before that."""
    slots, pace = parts.slots, parts.slots.pace
    if not slots.clocks:
        yield course
        return
    if pace.unit:
        ticks = pace.unit // pace.tick
        whole, rest = divmod(seconds, pace.unit)
        yield _moved(parts, course, (whole + bool(rest)) * ticks)
        less = _moved(parts, course, whole * ticks) if rest else None
    else:
        yield _struck(parts, course, pace.lasting(seconds))
        less = _struck(parts, course, seconds) if seconds < pace.longest else None
    if less is not None:
        parts.courses.reasons.append(_BETWEEN)
        yield less._replace(certain=False)


def taking(parts: Parts, course: Course, seconds: int) -> Iterator[Course]:
    """Yield a course that surely happens if so much time is taken for it, and perhaps sooner."""
    yield from after_waiting(parts, course, seconds)
    if parts.slots.clocks:
        parts.opaque["days"] = _SOONER
        yield course._replace(certain=False)


def _moved(parts: Parts, course: Course, ticks: int) -> Course:
    """Return a course after which all clocks have gone on by so many ticks."""
    for clock in parts.slots.clocks:
        one = parts.slots.variables[clock]
        course = parts.courses.change(course, one.slot, (ticks, 0, one.high))
    return course


def _struck(parts: Parts, course: Course, seconds: int) -> Course:
    """Return a course after which all clocks have struck that do so within this time."""
    for clock in parts.slots.clocks:
        one = parts.slots.variables[clock]
        _, passed = parts.slots.passed(one.slot, seconds)
        course = parts.courses.change(course, one.slot, (0, passed, one.high))
    return course
