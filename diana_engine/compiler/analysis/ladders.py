"""Branches for which the earlier ones leave nothing, so that they are never taken."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.asked import Asked, Ladder, Questions
from diana_engine.compiler.analysis.certain import has_certain
from diana_engine.compiler.analysis.contradictions import has_clash
from diana_engine.compiler.analysis.together import can_hold, denied
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import Requirement

__all__ = ["branches_in_vain"]

_LONGEST = 100
"""How many branches are held against each other; all of more take the square of their number."""


def branches_in_vain(story: CheckedStory, questions: Questions) -> Iterator[Diagnostic]:
    """Yield a finding for each branch of a `next:` or ``{if …}`` that is never taken because of those before it."""
    for ladder in questions.ladders:
        if len(ladder.branches) + len(ladder.within) > 1 or ladder.has_rest:
            yield from _in_vain(ladder, story)


def _in_vain(ladder: Ladder, story: CheckedStory) -> Iterator[Diagnostic]:
    """Two draws of chance have places of their own, so that they are never equal, nor one the other's opposite."""
    passed: list[Requirement] = list(ladder.within)
    earlier: list[Asked] = []
    for branch in ladder.branches[:_LONGEST]:
        # What by itself has only one answer is told elsewhere.
        if has_certain(branch.term, story) or has_clash(branch.term, story):
            return
        if not can_hold([*passed, branch.term], story):
            yield _forestalled(branch, earlier, story)
            return
        passed.append(denied(branch.term))
        earlier.append(branch)
    # One branch that holds in every case by itself is told where requirements are looked at by themselves.
    several = len(earlier) + len(ladder.within) > 1 and len(earlier) == len(ladder.branches)
    if ladder.has_rest and several and not can_hold(passed, story):
        yield _nothing_left(earlier[-1], alone=len(earlier) == 1)


def _forestalled(branch: Asked, earlier: list[Asked], story: CheckedStory) -> Diagnostic:
    by = next(
        (one for one in earlier if not can_hold([branch.term, denied(one.term)], story)), None
    )
    if by is None:
        where = (
            "the branches before it and the `if` around it leave"
            if not earlier
            else "the branches before it leave"
        )
        message = f"`{branch.words}` never holds here: {where} nothing for it."
    elif by.term == branch.term:
        message = (
            f"An earlier branch asks for `{branch.words}` already, so this one is never taken."
        )
    else:
        message = f"Whenever `{branch.words}` holds, `{by.words}` does too, and that branch comes first: this one is never taken."
    return diagnose(
        "DIA323",
        branch.span,
        message,
        labels=() if by is None else (Label(by.span, "the earlier one"),),
        help="Put it before the other one, ask for something else, or remove it.",
    )


def _nothing_left(last: Asked, *, alone: bool) -> Diagnostic:
    so_far = (
        f"`{last.words}` always holds here"
        if alone
        else f"`{last.words}` and the branches before it cover every case"
    )
    return diagnose(
        "DIA326",
        last.span,
        f"{so_far}, so the branch after it is never taken.",
        help="Leave this `if` out, so that it is what remains; or remove the branch after it.",
    )
