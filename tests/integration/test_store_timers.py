"""Timers, on every store: each fires once, and what makes it void takes it away."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

from diana_engine.database.port import CancelTimer, Failure, Fired, NewEvent, PlayKey, SetTimer
from diana_engine.database.ports.store import Store
from strategies.steps import Steps, play

WAIT = SetTimer("wait", "wait", 1_500, {"why": "rain"})


async def claim(store: Store, now: int, owner: str = "me"):
    return await store.timers.claim(owner, now, lease=30, limit=10)


async def test_a_timer_is_claimed_when_it_is_due_and_not_before(store: Store, steps: Steps):
    await steps.make(timers=(WAIT,))
    assert await store.timers.next_due() == 1_500
    assert await claim(store, 1_499) == ()
    [due] = await claim(store, 1_500)
    assert (due.play, due.timer, due.attempts) == (play("ana"), WAIT, 1)
    assert await claim(store, 1_501, "other") == ()


async def test_a_timer_fires_in_the_step_that_it_causes_and_only_once(store: Store, steps: Steps):
    await steps.make(timers=(WAIT,))
    [due] = await claim(store, 1_500)
    first = await steps.make(delivery=due.delivery)
    again = await steps.make(delivery=due.delivery)
    assert (first.repeated, again.repeated, again.record.sequence) == (False, True, 2)
    assert await store.timers.of(play("ana")) == ()
    [made] = (await store.history.steps(play("ana")))[1:]
    assert made.delivery == "timer:wait@1500"


async def test_a_timer_fires_once_when_several_fire_it_at_once(store: Store, steps: Steps):
    await steps.make(timers=(WAIT,))
    results = await asyncio.gather(
        *(steps.make(delivery=due.delivery) for due in await claim(store, 1_500) for _ in range(8))
    )
    assert sum(not one.repeated for one in results) == 1
    assert results[-1].record.sequence == 2


async def test_a_step_that_fails_leaves_the_timer(store: Store, steps: Steps):
    await steps.make(timers=(WAIT,))
    [due] = await claim(store, 1_500)
    with contextlib.suppress(ZeroDivisionError):
        await store.players.step(play("ana"), due.delivery, lambda _: 1 / 0)
    assert await store.timers.of(play("ana")) == (WAIT,)


async def test_setting_a_timer_again_moves_it_and_the_old_one_is_void(store: Store, steps: Steps):
    await steps.make(timers=(WAIT,))
    [old] = await claim(store, 1_500)
    moved = SetTimer("wait", "wait", 1_600)
    await steps.make(timers=(moved,))
    assert (await steps.make(delivery=old.delivery)).repeated
    assert not await store.timers.release(old, 1_510)
    assert await claim(store, 1_599) == ()
    [due] = await claim(store, 1_600)
    assert due.timer == moved


async def test_giving_up_a_timer_that_failed_leaves_the_one_that_was_set_meanwhile(
    store: Store, steps: Steps
):
    await steps.make(timers=(WAIT,))
    [old] = await claim(store, 1_500)
    moved = SetTimer("wait", "wait", 1_600)
    await steps.make(timers=(moved,))
    failed = Failure(old.delivery, "KeyError: 'x'", NewEvent("failed", None))
    assert not await store.players.park(play("ana"), failed, after=1)
    assert await store.events.read(0, 9) == ()
    assert await store.timers.of(play("ana")) == (moved,)
    failed = Failure(Fired("wait", 1_600), "KeyError: 'x'", NewEvent("failed", None))
    assert await store.players.park(play("ana"), failed, after=1)
    assert await store.timers.of(play("ana")) == ()


async def test_a_step_may_set_again_the_timer_that_caused_it(store: Store, steps: Steps):
    daily = SetTimer("daily", "daily", 1_000)
    await steps.make(timers=(daily,))
    [due] = await claim(store, 1_000)
    await steps.make(delivery=due.delivery, timers=(SetTimer("daily", "daily", 2_000),))
    assert [one.due_at for one in await store.timers.of(play("ana"))] == [2_000]


async def test_a_cancelled_timer_never_fires(store: Store, steps: Steps):
    await steps.make(timers=(WAIT, SetTimer("remind", "remind", 1_700)))
    await steps.make(timers=(CancelTimer("wait"), CancelTimer("never set")))
    assert [one.key for one in await store.timers.of(play("ana"))] == ["remind"]


async def test_a_timer_may_be_set_and_cancelled_in_one_step(store: Store, steps: Steps):
    await steps.make(timers=(WAIT, CancelTimer("wait")))
    assert await store.timers.of(play("ana")) == ()
    await steps.make(timers=(CancelTimer("wait"), WAIT))
    assert await store.timers.of(play("ana")) == (WAIT,)


async def test_a_claim_that_is_not_kept_is_over_with_its_lease(store: Store, steps: Steps):
    await steps.make(timers=(WAIT,))
    await claim(store, 1_500)
    assert await claim(store, 1_529, "other") == ()
    [due] = await claim(store, 1_530, "other")
    assert due.attempts == 2


async def test_a_timer_that_is_released_is_claimed_again_at_its_time(store: Store, steps: Steps):
    await steps.make(timers=(WAIT,))
    [due] = await claim(store, 1_500)
    assert await store.timers.release(due, 1_510)
    assert await claim(store, 1_509, "other") == ()
    assert len(await claim(store, 1_510, "other")) == 1
    assert not await store.timers.release(due, 1_520)


async def test_the_longest_due_is_claimed_first(store: Store, steps: Steps):
    for who, at in (("ana", 1_300), ("bea", 1_100), ("cai", 1_200)):
        await steps.make(who=who, timers=(SetTimer("t", "t", at),))
    due = await store.timers.claim("me", 2_000, lease=30, limit=2)
    assert [one.timer.due_at for one in due] == [1_100, 1_200]
    assert await store.timers.next_due() == 1_300


async def test_no_more_timers_are_claimed_than_were_asked_for(store: Store, steps: Steps):
    await steps.make(timers=tuple(SetTimer(f"t{n}", "wait", 1_000 + n) for n in range(9)))
    claimed = [
        await store.timers.claim("me", 2_000, lease=60, limit=limit) for limit in (1, 1, 3, 9)
    ]
    assert [len(one) for one in claimed] == [1, 1, 3, 4]
    assert [due.timer.key for due in claimed[2]] == ["t2", "t3", "t4"]


async def test_a_claim_that_another_has_taken_over_gives_nothing_back(store: Store, steps: Steps):
    await steps.make(timers=(WAIT,))
    [first] = await claim(store, 1_500)
    assert await store.timers.release(first, 1_500)
    [second] = await claim(store, 1_500, "other")
    assert second.lease_until == first.lease_until
    assert not await store.timers.release(first, 1_501), "it is another's"
    [third] = await claim(store, second.lease_until, "other")
    assert not await store.timers.release(second, 1_531), "it is that of a later claim"
    assert await store.timers.next_due() == third.lease_until


async def test_giving_up_a_timer_leaves_all_others(store: Store, steps: Steps):
    elsewhere = PlayKey(play("ana").player, "endless")
    for where in (play("ana"), elsewhere, play("bea")):
        await steps.make(where=where, timers=(WAIT, replace(WAIT, key="remind")))
    failed = Failure(Fired("wait", 1_500), "KeyError: 'x'", NewEvent("failed", None))
    assert await store.players.park(play("ana"), failed, after=1)
    assert [one.key for one in await store.timers.of(play("ana"))] == ["remind"]
    for where in (elsewhere, play("bea")):
        assert [one.key for one in await store.timers.of(where)] == ["remind", "wait"]


async def test_a_timer_that_is_set_again_was_never_tried(store: Store, steps: Steps):
    await steps.make(timers=(WAIT,))
    for at in (1_500, 1_600):
        await claim(store, at)
    await steps.make(timers=(replace(WAIT, due_at=1_700),))
    [due] = await claim(store, 1_700)
    assert due.attempts == 1
