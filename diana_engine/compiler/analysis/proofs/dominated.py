"""Choices that are never better than another one of the same fragment."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.proofs.places import Places, named
from diana_engine.compiler.analysis.states.report import Dominated, Report, Way
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose

__all__ = ["never_better"]


def never_better(places: Places, report: Report) -> Iterator[Diagnostic]:
    """Yield a note for each choice that is, wherever it stands, never better than another one.

    A point of no return is told as what it is: nothing is better than that.
    """
    first: dict[Way, Dominated] = {}
    for one in report.dominated:
        first.setdefault(one.choice, one)
    told = {places.span(point.choice) for point in report.points_of_no_return}
    for way, one in first.items():
        span = places.span(way)
        if span in told or report.choices[way] == "never":
            continue
        told.add(span)
        if _is_so_everywhere(places, report, way, first):
            yield _note(places, one)


def _is_so_everywhere(
    places: Places, report: Report, way: Way, dominated: dict[Way, Dominated]
) -> bool:
    """Return whether a choice that fragments share is no better anywhere."""
    written = places.choice(way)
    if written is None or written[1].included is None:
        return True
    span = places.span(way)
    return all(
        other in dominated
        for other, available in report.choices.items()
        if available != "never" and places.span(other) == span
    )


def _note(places: Places, one: Dominated) -> Diagnostic:
    words, better = places.words(one.choice), places.words(one.by)
    to = places.targets(one.choice)[0]
    return diagnose(
        "DIA512",
        places.span(one.choice),
        f"“{words}” in `{one.choice[0]}` is never better than “{better}”: that is open whenever this is, leads to `{to}` "
        f"too, and leaves players better off in {named(list(one.in_what))}.",
        labels=(Label(places.span(one.by), "always at least as good"),),
        help=f"Let “{words}” bring something that “{better}” does not, or ask for less; or remove it. If it is there for "
        "what players read, all is well.",
    )
