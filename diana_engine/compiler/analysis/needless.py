"""Parts of a requirement that another part says already, and requirements that are met, or not met, in every case.

Each requirement is looked at by itself, as `together` sees it. What a single comparison or a plain contradiction gives
away is told by `certain` and `contradictions`, and passed over here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diana_engine.compiler.analysis.asked import Asked, Questions
from diana_engine.compiler.analysis.certain import has_certain
from diana_engine.compiler.analysis.contradictions import has_clash
from diana_engine.compiler.analysis.together import can_hold, denied
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import All, Any, ConditionId, Holds, Not, Requirement

__all__ = ["needless_parts"]

_MOST = 40
"""How many parts of one `and` or `or` are held against each other."""


def needless_parts(story: CheckedStory, questions: Questions) -> Iterator[Diagnostic]:
    """Yield a finding for each requirement with only one outcome, or with a part that adds nothing."""
    told: dict[Requirement, bool] = {}
    settled = {id for id, term in story.conditions.items() if _answer(term, story) is not None}
    for requirement in questions.all:
        # What follows from a condition with only one outcome is told where that condition stands.
        if not _has_parts(requirement.term) or (settled and _names(requirement.term) & settled):
            continue
        if requirement.term not in told:
            found = list(_needless(requirement, story))
            told[requirement.term] = bool(found)
            yield from found
        elif told[requirement.term]:
            yield from _needless(requirement, story)


def _has_parts(term: Requirement) -> bool:
    while isinstance(term, Not):
        term = term.requirement
    return isinstance(term, All | Any)


def _names(term: Requirement) -> set[ConditionId]:
    match term:
        case Holds(condition):
            return {condition}
        case Not(inner):
            return _names(inner)
        case All(parts) | Any(parts):
            return {name for part in parts for name in _names(part)}
        case _:
            return set()


def _needless(requirement: Asked, story: CheckedStory) -> Iterator[Diagnostic]:
    if has_certain(requirement.term, story) or has_clash(requirement.term, story):
        return
    nodes = [part for part in requirement.all() if isinstance(part.term, All | Any)]
    if any(len(list(node.parts())) > _MOST for node in nodes):
        return
    for node in nodes:
        answer = _answer(node.term, story)
        if answer is not None:
            yield _only_one_outcome(node, holds=answer)
            return
    for node in _outermost(requirement):
        yield from _spare(list(_members(node)), node, story)


def _answer(term: Requirement, story: CheckedStory) -> bool | None:
    if not can_hold([term], story):
        return False
    return True if not can_hold([denied(term)], story) else None


def _outermost(requirement: Asked) -> Iterator[Asked]:
    """Yield each `and` and `or` that is no part of another of its kind."""
    waiting: list[tuple[Asked, type | None]] = [(requirement, None)]
    while waiting:
        part, above = waiting.pop()
        kind = type(part.term)
        if isinstance(part.term, All | Any) and kind is not above:
            yield part
        waiting += [(inner, kind) for inner in part.parts()]


def _members(part: Asked) -> Iterator[Asked]:
    for inner in part.parts():
        if isinstance(inner.term, All | Any) and type(inner.term) is type(part.term):
            yield from _members(inner)
        else:
            yield inner


def _spare(members: Sequence[Asked], node: Asked, story: CheckedStory) -> Iterator[Diagnostic]:
    """Of two parts that say the same, the later one is told."""
    left = list(members)
    for member in reversed(members):
        others = [one for one in left if one is not member]
        if others and _is_said(member, others, node.term, story):
            left = others
            by = next((one for one in others if _is_said(member, [one], node.term, story)), None)
            yield _adds_nothing(member, by)


def _is_said(
    member: Asked, others: Sequence[Asked], kind: Requirement, story: CheckedStory
) -> bool:
    """Whether an `and` of the others implies the member; or, for an `or`, whether the member implies one of them."""
    if isinstance(kind, All):
        return not can_hold([*(one.term for one in others), denied(member.term)], story)
    return not can_hold([member.term, *(denied(one.term) for one in others)], story)


def _adds_nothing(member: Asked, by: Asked | None) -> Diagnostic:
    other = f"`{by.words}` says it" if by is not None else "the other parts say it"
    return diagnose(
        "DIA324",
        member.span,
        f"`{member.words}` adds nothing here: {other} already.",
        labels=() if by is None else (Label(by.span, "this says it already"),),
        help="Leave it out; or, if you meant something else, ask for that.",
    )


def _only_one_outcome(node: Asked, *, holds: bool) -> Diagnostic:
    if holds:
        message = f"`{node.words}` holds in every case."
        help = "Leave it out; or write `and` where you wrote `or`, if all of it is to hold."
    else:
        message = f"`{node.words}` never holds."
        help = "Leave a part out, or write `or` where one of two parts is enough."
    return diagnose("DIA325" if holds else "DIA322", node.span, message, help=help)
