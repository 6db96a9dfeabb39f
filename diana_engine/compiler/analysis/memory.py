"""Questions about visits that a fragment asks of itself: a visit counts when it begins, so one is there always."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.asked import Asked, asked_inside
from diana_engine.compiler.analysis.certain import verdict
from diana_engine.compiler.analysis.together import can_hold, denied
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import (
    All,
    Any,
    Between,
    Compare,
    FragmentId,
    Not,
    Requirement,
    Visited,
    Visits,
)

__all__ = ["visited_here"]


def visited_here(story: CheckedStory) -> Iterator[Diagnostic]:
    """Yield a finding for each question about visits of its own fragment that the present visit answers."""
    for id, fragment in story.fragments.items():
        for asked in asked_inside(fragment, story.places[id]):
            if _names(asked.term, id):
                yield from (
                    _finding(part, id, answer)
                    for part in asked.all()
                    if (answer := _answer(part.term, id, story)) is not None
                )


def _names(term: Requirement, id: FragmentId) -> bool:
    match term:
        case Not(inner):
            return _names(inner, id)
        case All(parts) | Any(parts):
            return any(_names(part, id) for part in parts)
        case Visited(fragment):
            return fragment == id
        case Compare(_, left, right):
            return Visits(id) in (left, right)
        case Between(value):
            return value == Visits(id)
        case _:
            return False


def _answer(term: Requirement, id: FragmentId, story: CheckedStory) -> bool | None:
    if (
        isinstance(term, Not | All | Any)
        or not _names(term, id)
        or verdict(term, story) is not None
    ):
        return None
    if not can_hold([term, Visited(id)], story):
        return False
    return True if not can_hold([denied(term), Visited(id)], story) else None


def _finding(part: Asked, id: FragmentId, answer: bool) -> Diagnostic:
    name = id.rpartition(".")[2]
    return diagnose(
        "DIA430",
        part.span,
        f"`{part.words}` {'always' if answer else 'never'} holds inside `{name}`: the present visit counts too.",
        help=f"To ask whether a player was here before, write `visits({name}) > 1`.",
    )
