"""Which timers a play has, and how a step changes them: pure, so that it is decided with the step.

A play's timers are a function of its state (`planned`), so a step sets and cancels what differs between the state before
it and the one after. Only the daily timer is not: it is set by the first step of a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from diana_engine.database.ports.timers import CancelTimer, SetTimer, TimerChange
from diana_engine.play.state import PlayerState
from diana_engine.program.model import Program
from diana_engine.runtime.scheduler.calendar import day_of, next_day

__all__ = ["DAILY", "MISSION", "REMIND", "VIP", "WAIT", "Standing", "daily", "planned", "timer_changes", "timers_ahead"]  # fmt: skip

WAIT, REMIND, VIP, MISSION, DAILY = "wait", "remind", "vip", "mission", "daily"
"""The kinds of timers. A play has at most one of each, which has the kind as its key, and of `MISSION` one for each mission."""


class Standing(NamedTuple):
    """Where a player stands in a version of the story, and since when."""

    program: Program
    state: PlayerState
    at: int


def timer_changes(before: Standing | None, after: Standing) -> tuple[TimerChange, ...]:
    """Return which timers are set and cancelled by a step that led from `before` (`None`: the player begins) to `after`."""
    old = {} if before is None else planned(before.program, before.state)
    new = planned(after.program, after.state)
    if not old and not new:
        return _new_day(before, after)
    gone = tuple(CancelTimer(key) for key in old if key not in new)
    set_ = tuple(timer for key, timer in new.items() if old.get(key) != timer)
    return (*gone, *set_, *_new_day(before, after))


def timers_ahead(program: Program, state: PlayerState, now: int) -> tuple[SetTimer, ...]:
    """Return the timers of a player who stands there that are not due yet. To set them again changes nothing."""
    return tuple(timer for timer in planned(program, state).values() if timer.due_at > now)


def planned(program: Program, state: PlayerState) -> Mapping[str, SetTimer]:
    """Return the timers of a player who stands there, by key; the daily one is not among them."""
    timers = []
    if state.waiting is not None:
        timers.append(SetTimer(WAIT, WAIT, state.waiting.due))
    if state.remind_at is not None:
        timers.append(SetTimer(REMIND, REMIND, state.remind_at))
    if state.vip_until:
        timers.append(SetTimer(VIP, VIP, state.vip_until))
    if state.missions:
        timers += _deadlines(program, state)
    return {timer.key: timer for timer in timers}


def daily(program: Program, now: int) -> SetTimer:
    """Return the timer of the next day where the story is."""
    return SetTimer(DAILY, DAILY, next_day(now, program.time_zone))


def _deadlines(program: Program, state: PlayerState) -> list[SetTimer]:
    found = []
    for mission in program.missions:
        run = state.missions.get(mission.id)
        if run is not None and run.active and mission.expires:
            due = run.since + mission.expires
            found.append(SetTimer(f"{MISSION}:{mission.id}", MISSION, due, {"mission": mission.id}))
    return found


def _new_day(before: Standing | None, after: Standing) -> tuple[SetTimer, ...]:
    program, zone = after.program, after.program.time_zone
    if not _has_days(program):
        return ()
    known = before is not None and _has_days(before.program) and before.program.time_zone == zone
    if known and before is not None and day_of(before.at, zone) == day_of(after.at, zone):
        return ()
    return (daily(program, after.at),)


def _has_days(program: Program) -> bool:
    """Return whether a new day means anything in the story."""
    around = program.around
    return (
        around.streak is not None
        or any(income.daily is not None for income in around.income.values())
        or any(mission.kind in ("daily", "weekly") for mission in program.missions)
    )
