"""Requirements that keep nobody out: true in every play that comes to them."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.proofs.causes import Causes
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose

__all__ = ["always"]


def always(causes: Causes) -> Iterator[Diagnostic]:
    """Yield a note for each choice with a requirement that is available to everybody who sees it."""
    places = causes.places
    for way, verdict in causes.report.choices.items():
        if verdict != "always" or places.choice(way) is None:
            continue
        asked = places.asked(way)
        if asked is None or causes.told.explains(asked):
            continue
        yield diagnose(
            "DIA510",
            asked.span,
            f"`{asked.words}` holds in every play that comes to `{way[0]}`, so it keeps nobody out.",
            help="Leave it out; or ask for something that not everybody has by then.",
        )
