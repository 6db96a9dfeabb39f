"""Words of the language that a later version plays: refused by name until then, never taken for something else."""

from __future__ import annotations

from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.source import Span

__all__ = ["not_yet"]


def not_yet(word: str, span: Span) -> Diagnostic:
    """Say that `word` belongs to the language but cannot be played yet."""
    return diagnose(
        "DIA150",
        span,
        f"`{word}` is part of the story language, but this version of Diana cannot play it yet.",
        help="Leave it out for now; a later version brings it.",
    )
