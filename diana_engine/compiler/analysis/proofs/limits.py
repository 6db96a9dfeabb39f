"""What is not known of a story, and what was known only up to a bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diana_engine.compiler.analysis.proofs.places import Places
from diana_engine.compiler.analysis.states.results.report import Report, few
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose

__all__ = ["limits"]

_MOST_NAMED = 3
"""How many choices or fragments of which something is not known are marked."""


def limits(
    places: Places, report: Report, earned: Sequence[Diagnostic] = ()
) -> Iterator[Diagnostic]:
    """Yield a note if something could not be decided, and one if something was followed only up to a bound.

    Of what was told to be `earned` without end, the missing bound is told already.
    """
    if not report.complete and report.followed:
        yield _undecided(places, report)
    told = {one.primary.span for one in earned}
    variables = [
        one
        for one in places.story.manifest.variables
        if one.id.text in report.bounded and one.id.whole not in told
    ]
    if variables:
        first, *others = variables
        yield diagnose(
            "DIA521",
            first.id.whole,
            f"`{first.id.text}` has no bound, and what it can come to was followed only some way.",
            labels=tuple(Label(one.id.whole, "nor has this one") for one in others),
            help="Declare a `max:` (and a `min:`) that no player will miss, as small as you can; "
            "then what is told of this story holds for every play.",
        )


def _open(places: Places, report: Report) -> Iterator[Label]:
    """Yield labels for the first of what is not known."""
    ways = [way for way, verdict in report.choices.items() if verdict == "unknown"]
    yield from (Label(places.span(way), "not known when") for way in ways[:_MOST_NAMED])
    if not ways:
        ids = [id for id, one in report.fragments.items() if one.soft_lock == "unknown"]
        yield from (
            Label(places.fragment(id), "not known whether one is locked")
            for id in ids[:_MOST_NAMED]
        )


def _undecided(places: Places, report: Report) -> Diagnostic:
    unknown = sum(verdict == "unknown" for verdict in report.choices.values())
    locks = sum(one.soft_lock == "unknown" for one in report.fragments.values())
    parts = []
    if unknown:
        parts.append(f"of {unknown} of {len(report.choices)} choices when they are available")
    if locks:
        parts.append(
            f"of {locks} of {len(report.fragments)} fragments whether one can get locked in"
        )
    if report.winnable is None:
        parts.append("whether an ending can be reached")
    if not parts:
        parts.append("by which plays all of it comes about")
    because = f"Because {few(report.reasons)}. " if report.reasons else ""
    return diagnose(
        "DIA520",
        places.start,
        f"This story has more plays than were followed: it is not known {', nor '.join(parts)}.",
        labels=tuple(_open(places, report)),
        help=f"{because}`diana prove` takes longer and may find out. "
        "Numbers with a smaller `max:` and fewer things that are remembered for long make it easier.",
    )
