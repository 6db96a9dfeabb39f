"""One report of two worlds: one in which players are VIP from the beginning, and one in which they are not.

Whether a player is VIP is a fact from outside, which the story cannot decide but for `grant vip`. So everything is proved
for either. What holds in both is told plainly, and a lock that only one of them has says for whom it is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from diana_engine.compiler.analysis.states.results.report import (
    Availability,
    Dominated,
    Earning,
    Found,
    FragmentVerdict,
    NeedsIncome,
    PointOfNoReturn,
    Reachable,
    Report,
    Way,
)

__all__ = ["ASSUMED", "of_both"]

ASSUMED = "a player is VIP at first or is not, and who is VIP stays so"


def of_both(plain: Report, vip: Report) -> Report:
    """Return what is true of all plays: `plain` are those of players who are not VIP at first, `vip` the others'."""
    reasons = tuple(dict.fromkeys((*plain.reasons, *vip.reasons)))
    return Report(
        fragments={
            id: _fragment(verdict, vip.fragments[id]) for id, verdict in plain.fragments.items()
        },
        choices={way: _choice(way, plain, vip) for way in plain.choices},
        points_of_no_return=_points(plain, vip),
        winnable=_winnable(plain.winnable, vip.winnable),
        reasons=reasons,
        bounded=tuple(sorted({*plain.bounded, *vip.bounded})),
        assumed=(*plain.assumed, ASSUMED),
        earnings=_earnings(plain, vip),
        dominated=tuple(_dominated(plain, vip)),
        effort=vip.effort if plain.complete else plain.effort,
        needs_income=tuple(_needs_income(plain, vip)),
        gates={id: _found(one, vip.gates[id]) for id, one in plain.gates.items()},
        after_calls={way: _after_call(way, plain, vip) for way in plain.after_calls},
        only_for=_only_for(plain.winnable, vip.winnable),
    )


def _fragment(one: FragmentVerdict, other: FragmentVerdict) -> FragmentVerdict:
    return FragmentVerdict(
        _reachable(one.reachable, other.reachable),
        _found(one.stuck, other.stuck),
        _found(one.soft_lock, other.soft_lock),
    )


def _reachable(one: Reachable, other: Reachable) -> Reachable:
    if "yes" in (one, other):
        return "yes"
    return "unknown" if "unknown" in (one, other) else "no"


def _found(one: Found, other: Found) -> Found:
    if "some" in (one, other):
        return "some"
    return "unknown" if "unknown" in (one, other) else "none"


def _choice(way: Way, plain: Report, vip: Report) -> Availability:
    """Return how often a choice is available in the worlds in which its fragment is reached at all."""
    reached = [
        report.choices[way] for report in (plain, vip) if report.fragments[way[0]].reachable != "no"
    ]
    if not reached:
        return "never"
    if "sometimes" in reached or {"always", "never"} <= set(reached):
        return "sometimes"
    return "unknown" if "unknown" in reached else reached[0]


def _after_call(way: Way, plain: Report, vip: Report) -> Availability:
    """Return how often a branch is taken after a call in the worlds in which the sub-story is ever over."""
    over = [
        report.after_calls[way]
        for report in (plain, vip)
        if any(one != "never" for (id, _), one in report.after_calls.items() if id == way[0])
    ]
    if not over:
        return "never"
    if "sometimes" in over or {"always", "never"} <= set(over):
        return "sometimes"
    return "unknown" if "unknown" in over else over[0]


def _points(plain: Report, vip: Report) -> tuple[PointOfNoReturn, ...]:
    """Return each point once; one that is none in the other world says in which it is."""
    found: dict[Way, PointOfNoReturn] = {}
    for report, is_vip in ((plain, False), (vip, True)):
        for point in report.points_of_no_return:
            known = found.get(point.choice)
            if known is None:
                found[point.choice] = replace(point, vip=is_vip)
            elif len(point.witness) < len(known.witness):
                found[point.choice] = replace(point, vip=None)
            else:
                found[point.choice] = replace(known, vip=None)
    return tuple(found[way] for way in sorted(found))


def _dominated(plain: Report, vip: Report) -> Iterator[Dominated]:
    """Yield what is so in both worlds; where a choice is never available, it is never better."""
    others = {(one.choice, one.by) for one in vip.dominated}
    for one in plain.dominated:
        if (one.choice, one.by) in others or vip.choices[one.choice] == "never":
            yield one
    known = {(one.choice, one.by) for one in plain.dominated}
    for one in vip.dominated:
        if (one.choice, one.by) not in known and plain.choices[one.choice] == "never":
            yield one


def _needs_income(plain: Report, vip: Report) -> Iterator[NeedsIncome]:
    """Yield what needs income in both worlds, or in one and is in no play of the other; the less of the two."""
    for report, other in ((plain, vip), (vip, plain)):
        others = {one.what: one for one in other.needs_income}
        for one in report.needs_income:
            known = others.get(one.what)
            if known is not None and report is plain:
                yield min(one, known, key=lambda need: sum(amount for _, amount in need.missing))
            elif known is None and _is_in_no_play(other, one.what):
                yield one


def _is_in_no_play(report: Report, what: Way) -> bool:
    if what[1]:
        return report.choices[what] == "never"
    return report.fragments[what[0]].reachable == "no"


def _earnings(plain: Report, vip: Report) -> tuple[Earning, ...]:
    """Return what can be gained without end by somebody, and what by nobody."""
    others = {one.variable: one for one in vip.earnings}
    found = []
    for one in plain.earnings:
        other = others.get(one.variable, one)
        both = {one.farmable, other.farmable}
        if "yes" in both:
            found.append(one if one.farmable == "yes" else other)
        else:
            found.append(one if one.farmable == "unknown" or both == {"no"} else other)
    return tuple(found)


def _winnable(one: bool | None, other: bool | None) -> bool | None:
    if one or other:
        return True
    return None if one is None or other is None else False


def _only_for(plain: bool | None, vip: bool | None) -> bool | None:
    """Return in which world alone a play can end: whether its players are VIP."""
    return vip if {plain, vip} == {True, False} else None
