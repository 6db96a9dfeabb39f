"""Timers that fire, on every store: once each, by one worker, whatever clocks do and whoever fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count

import pytest

from diana_engine.database.memory import MemoryStore
from diana_engine.database.port import Decision, Message, SetTimer
from diana_engine.errors import DianaError
from diana_engine.expressions.terms import GrantVip, MissionId, StartMission, VariableId
from diana_engine.program.model import Choices, Cost, Points, Program, Remind, StoryId, Wait
from diana_engine.program.systems import Around, Mission, StepVisit, Streak
from diana_engine.runtime.requests import Reply
from diana_engine.runtime.scheduler.firing import Wakeup
from diana_engine.runtime.signals import Signal
from diana_engine.runtime.versions.library import Library
from stage import DAWN, Make, Shelf, Stage, say
from strategies.builders import choice, ending, fragment, onward, story, words

GOLD = VariableId("gold")
HOUR, DAY = 3_600, 86_400
FIND = Mission(MissionId("find"), "Find it", (StepVisit(fragment("sprout").id),), expires=HOUR)


def garden() -> Program:
    """A seed that takes a day to grow, or 3 gold; and a choice that brings VIP and a mission for an hour."""
    plant = choice("hall.plant", "sprout", wait=Wait(DAY, Cost(GOLD, 3)), say=words("Sown."))
    ask = choice("hall.ask", "hall", effects=(StartMission(FIND.id), GrantVip(HOUR)))
    hall = fragment("hall", Choices((plant, ask)), remind=Remind(60, words("Plant it.")))
    way = replace(onward("end"), wait=Wait(2 * DAY))
    sprout = fragment("sprout", way, remind=Remind(HOUR, words("It grew.")))
    return story(hall, sprout, ending(), variables={GOLD: Points(3)}, missions=(FIND,))


@pytest.fixture
async def stage(make_store: Make) -> Stage:
    return await Stage(make_store, garden()).open()


async def planted(stage: Stage, who: str = "ana") -> Reply:
    """Begin and plant the seed."""
    return await stage.tap(await stage.begin(who), 0, who)


# What each kind does ------------------------------------------------------------------------------


async def test_who_has_waited_is_shown_the_scene_with_the_way_on_and_nothing_is_changed(
    stage: Stage,
):
    waiting = await planted(stage)
    stage.now += DAY - 1
    await stage.scheduler().turn()
    assert await stage.said() == []
    stage.now += 1
    before = await stage.record()
    await stage.scheduler().turn()
    assert await stage.said() == ["main.hall goes on"]
    assert await stage.told("wait_over") == ["wait_over"]
    assert await stage.record() == before
    assert (await stage.tap(waiting, None)).view.fragment == "main.sprout"


async def test_a_wait_that_was_paid_off_wakes_nobody(stage: Stage):
    moved = await stage.tap(await planted(stage), 0)
    assert moved.view.fragment == "main.sprout"
    stage.now += DAY
    await stage.scheduler().turn()
    assert (await stage.said(), await stage.told("wait_over")) == ([], [])


async def test_a_reminder_is_told_once_to_who_still_stands_there(stage: Stage):
    await stage.begin("ana")
    await planted(stage, "bea")
    stage.now += HOUR
    for _ in range(3):
        await stage.scheduler().turn()
    assert await stage.said() == ["Plant it."]
    assert await stage.told("reminder_told") == ["reminder_told"]


async def test_after_a_wait_the_scene_comes_first_and_the_reminder_when_nobody_went_on(
    stage: Stage,
):
    await stage.tap(await planted(stage), 0)
    stage.now += 2 * DAY + HOUR
    await stage.scheduler().turn()
    assert await stage.said() == ["main.sprout goes on", "It grew."]


async def test_words_that_wake_wait_behind_answers(stage: Stage):
    await planted(stage)
    stage.now += DAY
    await stage.scheduler().turn()
    [claimed] = await stage.store.outbox.claim("test", "me", stage.now, lease=9, limit=9)
    assert claimed.message.priority == "reminder"


async def test_the_ends_of_vip_and_of_a_mission_are_told_and_change_nothing(stage: Stage):
    await stage.tap(await stage.begin(), 1)
    before = await stage.record()
    stage.now += HOUR
    await stage.scheduler().turn()
    assert await stage.told("vip_expired", "mission_overdue") == ["mission_overdue", "vip_expired"]
    assert await stage.record() == before


async def test_vip_that_was_lengthened_ends_at_the_later_time(stage: Stage):
    again = await stage.tap(await stage.begin(), 1)
    stage.now += 10
    await stage.tap(again, 1)
    stage.now += HOUR
    await stage.scheduler().turn()
    assert await stage.told("vip_expired") == []
    stage.now += HOUR
    await stage.scheduler().turn()
    assert await stage.told("vip_expired") == ["vip_expired"]


async def days(stage: Stage) -> list[str]:
    events = await stage.store.events.read(0, 10_000)
    return [one.event.payload["day"] for one in events if one.event.name == "day_began"]


async def test_days_begin_at_midnight_where_the_story_is_until_nobody_comes_any_more(
    make_store: Make,
):
    program = replace(garden(), around=Around(streak=Streak()), time_zone="Europe/Madrid")
    stage = await Stage(make_store, program).open()
    reply = await stage.begin()  # 14 November 2023, 23:13
    for _ in range(12):
        following = await stage.store.timers.next_due()
        stage.now = max(following or 0, stage.now + DAY)
        await stage.scheduler().turn()
    assert await days(stage) == [f"2023-11-{day}" for day in range(15, 23)]
    await stage.tap(reply, 1)
    stage.now += DAY
    await stage.scheduler().turn()
    assert (await days(stage))[8:] == ["2023-11-27"]


async def test_after_days_of_standstill_one_day_is_told_and_it_is_today(make_store: Make):
    program = replace(garden(), around=Around(streak=Streak()), time_zone="Europe/Madrid")
    stage = await Stage(make_store, program).open()
    await stage.begin()
    stage.now += 3 * DAY
    await stage.scheduler().turn()
    assert await days(stage) == ["2023-11-17"]


@pytest.mark.parametrize("stray", ["earlier", "unasked"])
async def test_a_timer_that_no_longer_fits_its_play_comes_to_nothing(stage: Stage, stray: str):
    await planted(stage)
    wait = next(one for one in await stage.store.timers.of(stage.play()) if one.kind == "wait")
    at = wait.due_at - HOUR
    timer = replace(wait, due_at=at) if stray == "earlier" else SetTimer("vip", "vip", at)
    await stage.store.players.step(stage.play(), None, lambda _: Decision("", timers=(timer,)))
    stage.now = at
    await stage.scheduler().turn()
    assert timer not in await stage.store.timers.of(stage.play())
    assert (await stage.said(), await stage.told("wait_over", "vip_expired")) == ([], [])


async def test_the_timers_of_a_play_fire_in_the_order_in_which_they_were_due(make_store: Make):
    class Slow(Shelf):
        """It takes its time to say what is in force, which is asked for reminders only."""

        async def active(self, story: StoryId) -> None:
            await asyncio.sleep(0.05)

    stage = await Stage(make_store, garden(), library=Library(Slow())).open()
    await stage.tap(await stage.begin(), 1)
    stage.now += DAY
    await stage.scheduler().turn()
    in_order = ["reminder_told", "mission_overdue", "vip_expired"]
    assert await stage.told(*in_order) == in_order


# Clocks -------------------------------------------------------------------------------------------


async def test_who_was_woken_by_a_clock_that_ran_ahead_is_woken_again_in_time(stage: Stage):
    waiting = await planted(stage)
    stage.now += 2 * DAY
    await stage.scheduler().turn()
    assert len(await stage.said()) == 1
    stage.now -= 2 * DAY - 60
    assert (await stage.tap(waiting, None)).refusal.why == "waiting"
    await stage.scheduler().turn()
    assert await stage.said() == []
    stage.now = DAWN + DAY
    await stage.scheduler().turn()
    assert len(await stage.said()) == 1
    assert await stage.told("wait_over") == ["wait_over", "wait_over"]


async def test_a_timer_whose_clock_was_set_back_after_it_was_claimed_is_set_again(stage: Stage):
    await planted(stage)
    stage.now += DAY
    scheduler = stage.scheduler()
    ticks = iter([stage.now])  # for the claim; then it is an hour earlier
    scheduler.clock = lambda: next(ticks, stage.now - HOUR)
    await scheduler.turn()
    assert await stage.said() == []
    await stage.scheduler().turn()
    assert await stage.said() == ["main.hall goes on"]


async def test_a_clock_that_was_set_back_wakes_nobody_twice(stage: Stage):
    await planted(stage)
    stage.now += DAY
    await stage.scheduler().turn()
    for jump in (-HOUR, 2 * HOUR):
        stage.now += jump
        await stage.scheduler().turn()
    assert await stage.told("wait_over") == ["wait_over"]


# Workers ------------------------------------------------------------------------------------------


async def test_several_workers_fire_each_timer_once(stage: Stage):
    for who in range(40):
        await planted(stage, f"p{who}")
    stage.now += DAY
    await asyncio.gather(*(stage.scheduler(owner=f"w{one}").turn() for one in range(4)))
    assert len(await stage.told("wait_over")) == 40
    assert len(await stage.said()) == 40


async def test_what_a_worker_held_that_died_is_fired_by_another(stage: Stage):
    await planted(stage)
    stage.now += DAY
    assert len(await stage.store.timers.claim("dead", stage.now, lease=60, limit=9)) == 1
    await stage.scheduler().turn()
    assert await stage.said() == []
    stage.now += 60
    await stage.scheduler().turn()
    assert await stage.said() == ["main.hall goes on"]


async def test_a_worker_that_lost_its_claim_fires_nothing_twice(stage: Stage):
    await planted(stage)
    stage.now += DAY
    held = await stage.store.timers.claim("slow", stage.now, lease=60, limit=9)
    stage.now += 60
    await stage.scheduler().turn()
    for due in held:
        late = await stage.store.players.step(due.play, due.delivery, lambda _: Decision("late"))
        assert late.repeated
    assert len(await stage.said()) == 1


# Failures -----------------------------------------------------------------------------------------


async def test_a_timer_that_fails_is_tried_again_and_given_up_and_the_others_go_on(stage: Stage):
    for who in ("bad", "good"):
        await planted(stage, who)
    stage.now += DAY

    def announce(wakeup: Wakeup) -> tuple[Message, ...]:
        if wakeup.player.user == "bad":
            raise KeyError("no words")
        return say(wakeup)

    tries = []
    for _ in range(20):
        await stage.scheduler(announce).turn()
        parked = await stage.store.history.parked(9)
        tries.append(sum(one.attempts for one in parked))
        stage.now = max(stage.now, await stage.store.timers.next_due() or 0)
    assert tries[:9] == [1, 2, 3, 4, 5, 6, 7, 8, 8]
    assert await stage.said() == ["main.hall goes on"]
    [parked] = await stage.store.history.parked(9)
    assert (parked.play, parked.given_up, parked.error) == (
        stage.play("bad"),
        True,
        "KeyError: 'no words'",
    )
    assert await stage.store.timers.of(stage.play("bad")) == ()
    assert await stage.told("error_occurred") == ["error_occurred"]
    # 2, 4, 8 … seconds between the eight tries
    assert stage.now == DAWN + DAY + sum(2**n for n in range(1, 8))


async def test_a_timer_of_an_unknown_kind_is_no_one_else_s_trouble(stage: Stage):
    await planted(stage)
    odd = SetTimer("moon", "moon", DAWN)
    await stage.store.players.step(
        stage.play("bea"), None, lambda _: Decision("set", timers=(odd,))
    )
    await planted(stage, "bea")
    stage.now += DAY
    await stage.scheduler().turn()
    assert len(await stage.said()) == 2
    assert await stage.store.timers.of(stage.play("bea")) == (odd,)


async def test_a_player_whose_version_is_gone_holds_nobody_up_and_is_woken_when_it_is_back(
    stage: Stage,
):
    await planted(stage)
    stage.now += DAY
    full, stage.library = stage.library, Library(Shelf())
    await stage.scheduler().turn()
    assert await stage.said() == []
    stage.library = full
    stage.now += 600
    await stage.scheduler().turn()
    assert await stage.said() == ["main.hall goes on"]


async def test_while_the_database_is_away_timers_rest_and_then_they_fire():
    away = False

    async def pause() -> None:
        if away:
            raise DianaError("The database is away.")

    stage = await Stage(lambda clock: MemoryStore(clock, pause), garden()).open()
    await planted(stage)
    stage.now += DAY
    away = True
    scheduler = stage.scheduler()
    assert [await scheduler.turn() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    away = False
    await scheduler.turn()
    assert await stage.said() == ["main.hall goes on"]


# The loop -----------------------------------------------------------------------------------------


class Virtual(Signal):
    """A signal for which time passes at once."""

    def __init__(self, stage: Stage, stop: asyncio.Event, until: int) -> None:
        super().__init__()
        self.stage, self.stop, self.until = stage, stop, until
        self.looks = count()

    async def wait(self, seconds: float) -> None:
        next(self.looks)
        self.stage.now += max(1, round(seconds))
        if self.stage.now > self.until:
            self.stop.set()
        await asyncio.sleep(0)


async def test_timers_fire_within_a_second_of_their_time(stage: Stage):
    await planted(stage, "ana")
    stage.now += 100
    await planted(stage, "bea")
    stage.now = DAWN + DAY - 10
    stop = asyncio.Event()
    scheduler = stage.scheduler()
    scheduler.signal = Virtual(stage, stop, DAWN + DAY + 200)
    await scheduler.run(stop)
    assert len(stage.fired) == 2
    for when, due in zip(stage.fired, (DAWN + DAY, DAWN + DAY + 100), strict=True):
        assert due <= when <= due + 1


async def test_more_timers_than_a_batch_are_fired_without_a_pause(stage: Stage):
    for who in range(23):
        await planted(stage, f"p{who}")
    stage.now += DAY
    scheduler = stage.scheduler()
    scheduler.rhythm = replace(scheduler.rhythm, batch=10)
    assert [await scheduler.turn() for _ in range(3)] == [0, 0, 1.0]
    assert len(await stage.said()) == 23


async def test_a_signal_ends_a_wait_and_one_that_came_before_is_kept():
    signal = Signal()
    signal.wake()
    async with asyncio.timeout(5):
        await signal.wait(1_000)
        asyncio.get_running_loop().call_soon(signal.wake)
        await signal.wait(1_000)
