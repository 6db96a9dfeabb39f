"""What a wait comes to: it is waited out, or paid off."""

from __future__ import annotations

from diana_engine.compiler.analysis.states.lowering.courses import Course
from diana_engine.compiler.analysis.states.lowering.parts import Parts
from diana_engine.compiler.analysis.states.model import NEVER
from diana_engine.program.model import Wait

__all__ = ["waited"]


def waited(parts: Parts, courses: list[Course], wait: Wait | None) -> list[Course]:
    """Return the ways through a wait: in patience, or paying for what can be paid."""
    if wait is None or wait.skip is None:
        return courses
    if ("value", wait.skip.points) not in parts.slots.number:
        # Nothing asks for these points but such prices, and who cannot pay one can wait.
        return courses
    paying = [parts.courses.pay(one, wait.skip.points, wait.skip.amount) for one in courses]
    return [*courses, *(one for one in paying if one.guard is not NEVER)]
