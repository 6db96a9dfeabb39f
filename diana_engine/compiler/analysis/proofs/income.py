"""What players come to only with what they earn outside the story."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.proofs.places import Places
from diana_engine.compiler.analysis.states.results.report import Needed, NeedsIncome, Report
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.source import Span

__all__ = ["only_by_income"]

_WORDS = {
    "check_in": ("a day of check-in", "days of check-in"),
    "daily_gift": ("a daily gift", "daily gifts"),
    "message": ("a message", "messages"),
    "reaction": ("a reaction", "reactions"),
    "comment": ("a comment", "comments"),
    "post": ("a post", "posts"),
    "poll": ("a poll", "polls"),
    "invite": ("an invitation", "invitations"),
}
"""How often something is done outside, once and oftener; in the order in which one of several is named."""


def only_by_income(places: Places, report: Report) -> Iterator[Diagnostic]:
    """Yield a note for each choice, branch or gate that players first pass with what they earned outside.

    What lies behind it needs that too, and is not told of.
    """
    behind = {one.what[0] for one in report.needs_income if not one.what[1]}
    led: set[str] = set()
    told: set[Span] = set()
    for one in report.needs_income:
        id, number = one.what
        if not number or id in behind:
            continue
        found = places.choice(one.what) or places.branch(one.what)
        if found is not None:
            led.update(places.targets(one.what))
        span = _span(places, one)
        if span not in told:
            told.add(span)
            yield _note(places, one, span)
    for one in report.needs_income:
        id, number = one.what
        gate = places.gate(id) if not number and id not in led else None
        if gate is not None and gate.span not in told:
            told.add(gate.span)
            yield _note(places, one, gate.span)


def _span(places: Places, one: NeedsIncome) -> Span:
    """Return what a choice costs or asks, or its words where it does both."""
    found, asked = places.choice(one.what), places.asked(one.what)
    cost = found[1].cost if found is not None else None
    if cost is not None and asked is None:
        return cost.source.whole
    return asked.span if asked is not None and cost is None else places.span(one.what)


def _note(places: Places, one: NeedsIncome, span: Span) -> Diagnostic:
    id, number = one.what
    words = places.words(one.what)
    where = f"“{words}” in `{id}` opens"
    if not words:
        where = f"Players come to `{places.targets(one.what)[0] if number else id}`"
    by = _in_words(one)
    how = f"only by {by}" if by else "only with what is earned outside the story"
    missing = " and ".join(f"{amount} `{points}`" for points, amount in one.missing)
    lacking = f"at least {missing} are missing" if missing else "there is never enough"
    return diagnose(
        "DIA641",
        span,
        f"{where} {how}: with what the story itself brings, {lacking}.",
        help="If that is as you want it, all is well; else ask for less, or let the story bring more before.",
    )


def _in_words(one: NeedsIncome) -> str:
    """Return for each kind of points the first of what brings it, in words."""
    order = list(_WORDS)
    parts = []
    for points, _ in one.missing:
        able = [need for need in one.by if need.points == points]
        if not able:
            return ""
        parts.append(_said(min(able, key=lambda need: order.index(need.source))))
    return " and ".join(parts)


def _said(need: Needed) -> str:
    once, many = _WORDS[need.source]
    said = once if need.times == 1 else f"{need.times} {many}"
    if need.days > 1 and need.days != need.times:
        said += f" on {need.days} days"
    return said
