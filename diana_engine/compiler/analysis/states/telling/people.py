"""The report for people: what goes wrong first, each lock with a playthrough that leads into it."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.states.results.report import (
    PointOfNoReturn,
    Report,
    Way,
    written,
)
from diana_engine.compiler.analysis.states.telling.words import spoken
from diana_engine.program.exits import Dealt, ways_of
from diana_engine.program.model import Choice, Program

__all__ = ["render"]

_MOST = 20
"""How many of a kind are listed; the report for programs holds them all."""
_STEPS = 60
"""How many steps of a playthrough are written out, half from its beginning and half from its end."""


def render(report: Report, program: Program) -> str:
    """Return the report as lines for a terminal."""
    return "\n".join(_lines(report, program)) + "\n"


def _lines(report: Report, program: Program) -> Iterator[str]:
    places = report.fragments
    reached = {id for id, verdict in places.items() if verdict.reachable == "yes"}
    yield f"{len(reached)} of {len(places)} fragments can be reached. {_winnable(report)}"
    yield from _listed(
        "No play comes to:", [id for id, one in places.items() if one.reachable == "no"]
    )
    never = [way for way, verdict in report.choices.items() if verdict == "never"]
    yield from _listed(
        "No play finds open:", [_named(way, program) for way in never if way[0] in reached]
    )
    yield from _listed(
        "A player can be stuck, with nothing to do, in:",
        [id for id, one in places.items() if one.stuck == "some"],
    )
    yield from _listed(
        "A player can be past every ending in:",
        [id for id, one in places.items() if one.soft_lock == "some"],
    )
    for point in report.points_of_no_return[:_MOST]:
        yield from _play(point, program)
    left = len(report.points_of_no_return) - _MOST
    if left > 0:
        yield f"\n{left} more points of no return are not shown; `--format json` lists all of them."
    yield from _earned(report, program)
    yield from _listed("Needs what is earned outside the story:", list(_needing(report, program)))
    yield from _listed(
        "Never better than another choice:",
        [
            f"{_named(one.choice, program)} than {_named(one.by, program)}"
            for one in report.dominated
        ],
    )
    yield from _listed(
        "Taken in no play after its sub-story:",
        [written(way) for way, taken in report.after_calls.items() if taken == "never"],
    )
    yield from _listed(
        "Turns nobody away:", [id for id, found in report.gates.items() if found == "none"]
    )
    yield from _limits(report)


def _earned(report: Report, program: Program) -> Iterator[str]:
    for one in report.earnings:
        if one.farmable == "yes":
            yield f"\n{one.variable} can be earned without end: {one.gain} more each time round"
            yield from (f"  {_named(way, program)}" for way in one.loop[:_MOST])


def _needing(report: Report, program: Program) -> Iterator[str]:
    for one in report.needs_income:
        id, number = one.what
        missing = ", ".join(f"{amount} {points}" for points, amount in one.missing)
        by = " or ".join(
            f"{need.times} × {need.source}, {need.days} {'day' if need.days == 1 else 'days'}"
            for need in one.by
        )
        yield (_named(one.what, program) if number else id) + (
            f": {missing} ({by})" if missing else ""
        )


def _winnable(report: Report) -> str:
    match report.winnable:
        case True if report.only_for is not None:
            others = "not VIP" if report.only_for else "VIP"
            return f"An ending can be reached, but by no player who is {others}."
        case True:
            return "An ending can be reached."
        case False:
            return "No ending can be reached."
        case None:
            return "Whether an ending can be reached is unknown."


def _listed(heading: str, names: list[str]) -> Iterator[str]:
    if not names:
        return
    yield f"\n{heading}"
    yield from (f"  {name}" for name in names[:_MOST])
    if len(names) > _MOST:
        yield f"  and {len(names) - _MOST} more"


def _play(point: PointOfNoReturn, program: Program) -> Iterator[str]:
    yield f"\nPoint of no return: {_named(point.choice, program)}"
    if point.vip is not None:
        yield f"Only for players who are {'' if point.vip else 'not '}VIP."
    yield "After this play no ending can be reached any more, whatever is chosen and drawn:"
    steps = [
        f"  {count}. {_named(way, program)}" for count, way in enumerate(point.witness, start=1)
    ]
    half = _STEPS // 2
    if len(steps) <= _STEPS:
        yield from steps
        return
    yield from steps[:half]
    yield f"  … {len(steps) - 2 * half} more steps …"
    yield from steps[-half:]


def _limits(report: Report) -> Iterator[str]:
    if report.bounded:
        yield f"\nFollowed only some way, because nothing bounds them: {', '.join(report.bounded)}."
        yield "A `max:` (and a `min:`) that no player will miss makes this true of every play."
    for assumed in report.assumed:
        yield f"\nTaken for granted: {assumed}."
    if report.complete:
        yield "\nAll of this is proved: it is true of every play."
        return
    choices = sum(verdict == "unknown" for verdict in report.choices.values())
    locks = sum(one.soft_lock == "unknown" for one in report.fragments.values())
    yield (
        f"\nWhat is told is proved. Not known is of {choices} of {len(report.choices)} choices when they are available, "
        f"and of {locks} of {len(report.fragments)} fragments whether a player can be locked in, because:"
    )
    yield from (f"  {reason}" for reason in report.reasons)
    yield from _listed(
        "Not known is when these are available:",
        [written(way) for way, verdict in report.choices.items() if verdict == "unknown"],
    )
    yield from _listed(
        "Not known is whether a player can be locked in:",
        [id for id, one in report.fragments.items() if one.soft_lock == "unknown"],
    )
    effort = report.effort
    if effort is not None:
        yield f"\nHow far it got, of {len(report.fragments)} fragments and {len(report.choices)} choices:"
        for name, fragments, decided in effort.layers:
            yield f"  by {name}: {fragments} fragments and {decided} choices are decided"
        used = "all of it was used" if effort.used is None else f"{effort.used} were used"
        yield f"  of a budget of {effort.budget} nodes {used}"


def _named(way: Way, program: Program) -> str:
    """Return how a choice is spoken of: where it stands, and its words."""
    fragment, number = way
    if number < 0:
        return written(way, [one.id for one in program.combinations])
    match ways_of(program.fragments[fragment].exit)[number - 1]:
        case Choice(text=text):
            return f"{written(way)} “{spoken(text)}”"
        case Dealt(storylet) if (dealt := program.fragments[storylet].storylet) is not None:
            return f"{written(way)} “{spoken(dealt.text)}”"
        case _:
            return f"{written(way)} (continue)"
