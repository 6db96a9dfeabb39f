"""What a wait comes to: it is waited out, or paid off."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.states.graph.model import NEVER
from diana_engine.compiler.analysis.states.lowering.courses import Course
from diana_engine.compiler.analysis.states.lowering.parts import Parts
from diana_engine.compiler.analysis.states.lowering.passing import after_waiting
from diana_engine.compiler.analysis.states.lowering.slots import LATE
from diana_engine.program.model import Cost, Wait

__all__ = ["waited"]

_LATE = "how much of a wait is left when it is paid off"


def waited(parts: Parts, courses: list[Course], wait: Wait | None) -> list[Course]:
    """Return the ways through a wait: in patience, or paying for what can be paid."""
    if wait is None:
        return courses
    patient = [after for one in courses for after in after_waiting(parts, one, wait.seconds)]
    if wait.skip is None:
        return patient
    patient = [parts.courses.change(one, LATE, (0, 0, 0)) for one in patient]
    if ("value", wait.skip.points) not in parts.slots.number:
        # Nothing asks for these points but such prices, and who cannot pay one can wait.
        return patient
    paying = [
        paid
        for one in courses
        for soon in _in_time(parts, one, wait.seconds)
        if (paid := _paid(parts, soon, wait.skip)).guard is not NEVER
    ]
    return [*patient, *paying]


def _paid(parts: Parts, course: Course, price: Cost) -> Course:
    return parts.courses.pay(course, price.points, price.amount)


def _in_time(parts: Parts, course: Course, seconds: int) -> Iterator[Course]:
    """Yield the courses of those for whom a wait is not over yet; who lets too much time pass has nothing left to pay for."""
    if LATE not in parts.slots.number:
        yield course
        return
    late, pace = parts.slots.number[LATE], parts.slots.pace
    soon = parts.courses.ask(course, parts.guards.below(late, pace.ticks(seconds)))
    yield parts.courses.change(soon, LATE, (0, 0, 0))
    if not pace.pays_exact:
        parts.courses.reasons.append(_LATE)
        yield parts.courses.change(course, LATE, (0, 0, 0))._replace(certain=False)
