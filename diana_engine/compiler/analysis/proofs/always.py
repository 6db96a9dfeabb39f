"""Requirements that keep nobody out: true in every play that comes to them."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.proofs.causes import Causes
from diana_engine.compiler.analysis.states.reductions.cuts import Slot, read_by
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.program.model import Choice
from diana_engine.source import Span

__all__ = ["always"]


def always(causes: Causes, unchanged: frozenset[Slot]) -> Iterator[Diagnostic]:
    """Yield a note for each choice with a requirement that is available to everybody who sees it.

    Where it asks for what is `unchanged` only because something is in no play, that is what is told.
    """
    places = causes.places
    told: set[Span] = set()
    for way, verdict in causes.report.choices.items():
        choice = places.onward(way) if verdict == "always" else None
        if not isinstance(choice, Choice) or choice.requires is None:
            continue
        if unchanged.intersection(read_by(choice.requires, places.program.conditions)):
            continue
        # What was written is looked up last: a chapter that was remembered must be read for it.
        asked = places.asked(way)
        if asked is None or asked.span in told or causes.told.explains(asked):
            continue
        if not causes.everywhere(way, "always"):
            continue
        told.add(asked.span)
        yield diagnose(
            "DIA510",
            asked.span,
            f"`{asked.words}` holds in every play that comes to `{way[0]}`, so it keeps nobody out.",
            help="Leave it out; or ask for something that not everybody has by then.",
        )
