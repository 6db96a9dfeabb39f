"""Putting items together, wherever a player rests: `play.combining` for all players."""

from __future__ import annotations

from collections import Counter

from diana_engine.compiler.analysis.states.graph.model import NEVER
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT, Course
from diana_engine.compiler.analysis.states.lowering.edges import Edges
from diana_engine.compiler.analysis.states.lowering.parts import Parts
from diana_engine.compiler.analysis.states.results.report import number_of_combination
from diana_engine.program.model import Ending
from diana_engine.program.systems import Combination

__all__ = ["combine"]


def combine(parts: Parts, edges: Edges) -> None:
    """Add what players may put together at each place where they rest; where no item of it matters, nothing."""
    for index, one in enumerate(parts.program.combinations):
        if ("item", one.gives) not in parts.slots.number:
            continue
        course = _combined(parts, one)
        if course.guard is NEVER:
            continue
        for place, (id, rests) in enumerate(zip(parts.places, parts.rests, strict=True)):
            if rests and not isinstance(parts.program.fragments[id].exit, Ending):
                edges.stay(place, number_of_combination(index), [course])


def _combined(parts: Parts, one: Combination) -> Course:
    """Return the course of those who can put it together: all of it is there, and there is room for what it gives."""
    courses, needed = parts.courses, Counter(one.of)
    course = STRAIGHT
    for item, count in needed.items():
        course = courses.ask(course, courses.at_least(("item", item), count))
    most = parts.program.items[one.gives].maximum + needed[one.gives]
    full = courses.at_least(("item", one.gives), most)
    course = courses.ask(course, parts.guards.negated(full))
    for item, count in needed.items():
        course = courses.change(
            course, ("item", item), (-count, 0, parts.program.items[item].maximum)
        )
    return courses.change(
        course, ("item", one.gives), (1, 0, parts.program.items[one.gives].maximum)
    )
