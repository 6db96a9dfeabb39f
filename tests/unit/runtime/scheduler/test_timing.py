"""Which timers a step sets and cancels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from diana_engine.database.ports.timers import CancelTimer, SetTimer
from diana_engine.expressions.terms import GrantVip, MissionId, StartMission
from diana_engine.play import step
from diana_engine.play.actions import Action, Choose, Continue, Start
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.model import Choices, Program, Remind, Wait
from diana_engine.program.systems import Around, Mission, StepVisit, Streak
from diana_engine.runtime.scheduler.timing import Standing, timer_changes
from strategies.builders import choice, ending, fragment, onward, story, words

DAY, DAWN = 86_400, 1_700_000_000
FIND = Mission(MissionId("find"), "Find it", (StepVisit(fragment("sprout").id),), expires=3_600)


def garden(**parts: Any) -> Program:
    """A seed that takes a day to grow, with a reminder; a mission to see that, and VIP, on the way."""
    plant = choice("hall.plant", "sprout", wait=Wait(DAY), remind=Remind(60, words("Look!")))
    ask = choice("hall.ask", "hall", effects=(StartMission(FIND.id), GrantVip(100)))
    hall = fragment("hall", Choices((plant, ask)), remind=Remind(7, words("Plant it.")))
    return story(hall, fragment("sprout", onward("end")), ending(), missions=(FIND,), **parts)


def begun(program: Program) -> Standing:
    return Standing(program, step(program, None, Start(1), Moment(DAWN)).state, DAWN)


def after(standing: Standing, action: Action, now: int) -> Standing:
    outcome = step(standing.program, standing.state, action, Moment(now))
    assert outcome.refused is None
    return Standing(standing.program, outcome.state, now)


PLANT, ASK = (Choose(choice(name).key) for name in ("hall.plant", "hall.ask"))


def test_a_beginning_sets_the_reminder_of_the_first_place() -> None:
    assert timer_changes(None, begun(garden())) == (SetTimer("remind", "remind", DAWN + 7),)


def test_who_sets_out_on_a_way_that_takes_time_waits_and_is_reminded_after_it() -> None:
    first = begun(garden())
    on_the_way = after(first, PLANT, DAWN + 5)
    assert timer_changes(first, on_the_way) == (
        SetTimer("wait", "wait", DAWN + 5 + DAY),
        SetTimer("remind", "remind", DAWN + 5 + DAY + 60),
    )
    there = after(on_the_way, Continue(), DAWN + 2 * DAY)
    assert timer_changes(on_the_way, there) == (CancelTimer("wait"), CancelTimer("remind"))


def test_missions_and_vip_have_their_ends_and_a_mission_that_is_done_has_none() -> None:
    first = begun(garden())
    asked = after(first, ASK, DAWN + 5)
    assert timer_changes(first, asked) == (
        SetTimer("remind", "remind", DAWN + 12),
        SetTimer("vip", "vip", DAWN + 105),
        SetTimer("mission:find", "mission", DAWN + 3_605, {"mission": "find"}),
    )
    again = after(asked, ASK, DAWN + 6)
    assert SetTimer("vip", "vip", DAWN + 205) in timer_changes(asked, again)
    done = replace(
        asked.state, missions={FIND.id: replace(asked.state.missions[FIND.id], active=False)}
    )
    assert timer_changes(asked, asked._replace(state=done)) == (CancelTimer("mission:find"),)


def test_a_step_that_changes_no_time_changes_no_timer() -> None:
    first = begun(garden())
    assert timer_changes(first, first._replace(at=DAWN + DAY)) == ()


def daily(before: Standing | None, later: Standing) -> list[int]:
    changes = timer_changes(before, later)
    return [one.due_at for one in changes if isinstance(one, SetTimer) and one.kind == "daily"]


def test_the_first_step_of_a_day_sets_the_timer_of_the_next_one() -> None:
    program = garden(around=Around(streak=Streak()), time_zone="Europe/Madrid")
    first = begun(program)  # 2023-11-14, 23:13 in Madrid
    midnight = DAWN + 2_800
    assert daily(None, first) == [midnight]
    assert daily(first, first._replace(at=midnight - 1)) == []
    assert daily(first, first._replace(at=midnight)) == [midnight + DAY]


def test_a_story_in_which_a_day_means_nothing_has_no_daily_timer() -> None:
    assert daily(None, begun(garden())) == []


def test_a_version_that_lets_more_time_moves_the_end_of_a_mission() -> None:
    asked = after(begun(garden()), ASK, DAWN)
    longer = replace(asked.program, missions=(replace(FIND, expires=7_200),))
    moved = SetTimer("mission:find", "mission", DAWN + 7_200, {"mission": "find"})
    assert timer_changes(asked, asked._replace(program=longer)) == (moved,)


def test_who_begins_anew_leaves_no_timer_of_the_old_play() -> None:
    on_the_way = after(begun(garden()), PLANT, DAWN + 5)
    state: PlayerState = step(garden(), on_the_way.state, Start(2), Moment(DAWN + 9)).state
    changes = timer_changes(on_the_way, Standing(on_the_way.program, state, DAWN + 9))
    assert changes == (CancelTimer("wait"), SetTimer("remind", "remind", DAWN + 16))
