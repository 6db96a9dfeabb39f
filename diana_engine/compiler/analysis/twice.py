"""Branches that ask what an earlier one asked already, so that they are never taken."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.asked import Asked, Questions
from diana_engine.compiler.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import Requirement

__all__ = ["asked_twice"]


def asked_twice(_story: CheckedStory, questions: Questions) -> Iterator[Diagnostic]:
    """Yield a finding for each branch whose requirement stands before it in the same `next:` or ``{if …}``."""
    for ladder in questions.ladders:
        seen: dict[Requirement, Asked] = {}
        for branch in ladder:
            # Two draws of chance have places of their own, so that they are never equal.
            first = seen.setdefault(branch.term, branch)
            if first is not branch:
                yield diagnose(
                    "DIA323",
                    branch.span,
                    f"An earlier branch asks for `{branch.words}` already, so this one is never taken.",
                    labels=(Label(first.span, "the earlier one"),),
                    help="Ask for something else, or remove one of the two.",
                )
