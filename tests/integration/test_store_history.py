"""The step log, the ledger and what failed, on every store."""

from __future__ import annotations

import asyncio
from hashlib import blake2b

import pytest

from diana_engine.database.port import (
    Entitlement,
    Entry,
    Failure,
    LedgerError,
    Message,
    NewEvent,
    Note,
    PlayerKey,
    PlayKey,
    UpdateId,
)
from diana_engine.database.ports.events import Delivered, EventDelivery
from diana_engine.database.ports.history import LoggedStep, Purged
from diana_engine.database.ports.store import Store
from diana_engine.database.steps.written import as_json
from diana_engine.play.saved import encode_state
from strategies.steps import DIGEST, Steps, play, state

ANA = play("ana")


async def test_a_step_is_logged_with_all_that_makes_it_again(store: Store, steps: Steps):
    await steps.make(delivery=UpdateId(77))
    await steps.make()
    digest = blake2b(as_json(encode_state(state(1))).encode(), digest_size=16).hexdigest()
    first, second = await store.history.steps(ANA)
    assert first == LoggedStep(1, "77", DIGEST, {"do": "this"}, 1_234, 1, digest)
    assert (second.sequence, second.delivery, second.seed) == (2, None, 2)
    assert await store.history.steps(ANA, after=1) == (second,)
    assert await store.history.steps(play("bea")) == ()


async def test_a_decision_that_changed_nothing_is_no_step(store: Store, steps: Steps):
    await steps.make(delivery=UpdateId(77), saves=False)
    assert await store.history.steps(ANA) == ()


async def test_a_balance_is_the_sum_of_its_entries(store: Store, steps: Steps):
    await steps.make(entries=(Entry("coins", 5, "start"), Entry("gems", 1, "start")))
    await steps.make(entries=(Entry("coins", -2, "bribe"),))
    await steps.make(who="bea", entries=(Entry("coins", 9, "start"),))
    assert await store.history.balances(ANA) == {"coins": 3, "gems": 1}
    posted = await store.history.ledger(ANA)
    assert [(one.entry.key, one.entry.amount, one.sequence) for one in posted] == [
        ("1:0", 5, 1), ("1:1", 1, 1), ("2:0", -2, 2),
    ]  # fmt: skip


async def test_points_never_fall_below_nothing(store: Store, steps: Steps):
    await steps.make(entries=(Entry("coins", 5, "start"),))
    with pytest.raises(LedgerError):
        await steps.make(delivery=UpdateId(7), entries=(Entry("coins", -6, "too much"),))
    assert await store.history.balances(ANA) == {"coins": 5}
    assert (await store.players.find(ANA)).sequence == 1
    assert not (await steps.make(delivery=UpdateId(7))).repeated


async def test_a_reason_pays_once(store: Store, steps: Steps):
    gift = Entry("coins", 5, "gift", "gift:2026-11-28")
    await steps.make(entries=(gift,))
    with pytest.raises(LedgerError):
        await steps.make(entries=(gift,))
    with pytest.raises(LedgerError):
        await steps.make(entries=(Entry("gems", 1, "x", "k"), Entry("gems", 1, "y", "k")))
    await steps.make(who="bea", entries=(gift,))
    assert await store.history.balances(ANA) == {"coins": 5}


@pytest.mark.parametrize("entry", [Entry("coins", 0, "nothing"), Entry("coins", 1, "no key")])
async def test_an_entry_is_of_something_and_can_be_told_apart(store: Store, steps: Steps, entry):
    with pytest.raises(LedgerError):
        await steps.make(entries=(entry,), saves=entry.amount == 0)


async def test_an_entitlement_replaces_what_was_there(store: Store, steps: Steps):
    await steps.make(entitlements=(Entitlement("vip", 5_000), Entitlement("pass", 1)))
    await steps.make(entitlements=(Entitlement("vip", 9_000, "stars"),))
    assert await store.history.entitlements(ANA) == (
        Entitlement("pass", 1), Entitlement("vip", 9_000, "stars"),
    )  # fmt: skip


async def test_the_audit_log_keeps_what_steps_and_operators_write(store: Store, steps: Steps):
    await steps.make(notes=(Note("admin", "grant", "ana", {"coins": 5}),))
    await store.history.audit(Note("operator", "publish"))
    first, second = await store.history.audited()
    assert first.note == Note("admin", "grant", "ana", {"coins": 5})
    assert second.note == Note("operator", "publish")
    assert await store.history.audited(first.id) == (second,)


async def test_a_delivery_that_fails_each_time_is_given_up_and_then_repeated(
    store: Store, steps: Steps
):
    update = UpdateId(7)
    parked = [
        await store.players.park(ANA, Failure(update, f"error {n}", NewEvent("failed", n)), after=3)
        for n in range(4)
    ]
    assert parked == [False, False, True, True]
    [told] = await store.events.read(
        0, 9
    )  # in the same transaction, so that no kill comes between, and once
    assert (told.event.payload, told.key, told.sequence) == (2, "u7:0", 0)
    again = await steps.make(delivery=update)
    assert (again.repeated, again.result, again.record) == (True, "parked", None)
    [kept] = await store.history.parked(10)
    assert (kept.play, kept.delivery, kept.attempts, kept.given_up) == (ANA, "7", 4, True)
    assert kept.error == "error 3"


async def test_a_delivery_that_somebody_else_has_handled_meanwhile_is_not_given_up(
    store: Store, steps: Steps
):
    failed = Failure(UpdateId(7), "error", NewEvent("failed", None))
    assert not await store.players.park(ANA, failed, after=2)
    await steps.make(delivery=UpdateId(7))
    # The first worker counts its second failure only now.
    assert not await store.players.park(ANA, failed, after=2)
    assert not await store.players.park(ANA, failed, after=2)
    assert await store.events.read(0, 9) == ()
    [kept] = await store.history.parked(10)
    assert (kept.attempts, kept.given_up) == (3, False)
    again = await steps.make(delivery=UpdateId(7))
    assert (again.repeated, again.result) == (True, "moved")


async def test_what_is_old_and_done_is_purged_and_nothing_else(store: Store, steps: Steps):

    await steps.make(
        delivery=UpdateId(1),
        messages=(Message("a", 1), Message("a", 2)),
        events=(NewEvent("a"), NewEvent("b")),
    )
    [claimed] = await store.outbox.claim("test", "me", 1_000, lease=30, limit=9)
    await store.outbox.sent(claimed, 1, 1_000)
    first, _ = await store.events.read(0, 9)
    await store.events.advance("fan", first.position)
    assert await store.upkeep.purge(inbox=0, outbox=0, events=0) == Purged()
    later = 10**9
    assert await store.upkeep.purge(inbox=later, outbox=later, events=later) == Purged(1, 1, 1)
    assert (await store.outbox.counts("test")).ready == 1
    assert len(await store.events.read(0, 9)) == 1
    assert not (await steps.make(delivery=UpdateId(1))).repeated


async def test_what_is_old_and_still_to_be_done_is_kept(store: Store, steps: Steps):
    """A message on its way, one that waits, and one for a chat that only another bot may not write to; events not heard by all."""
    second = PlayKey(PlayerKey("second", "bea"), ANA.story)
    await steps.say(Message("a", 1), Message("b", 2), Message("c", 3))
    await steps.say(Message("b", 4), where=second)
    [_, _] = await store.outbox.claim("test", "me", 1_000, lease=30, limit=2)
    assert await store.outbox.pause("test", "a", "blocked") == 0, "it is on its way"
    await store.outbox.pause("second", "c", "blocked")
    await steps.tell("heard", "waits", "unheard by one", "unheard")
    heard, waits, unheard, last = await store.events.read(0, 9)
    await store.events.advance("slow", waits.position)
    kept = EventDelivery("quick", waits, "waiting", 1, 1_100, "down")
    await store.events.advance("quick", last.position, Delivered(kept=(kept,)))
    later = 10**9
    assert await store.upkeep.purge(inbox=0, outbox=later, events=later) == Purged(0, 0, 1)
    assert await store.events.read(heard.position, 9) == (waits, unheard, last)
    assert await store.events.due("quick", later, 9) == (kept,)
    assert (await store.outbox.counts("test")).sending == 2


async def test_a_delivery_that_fails_is_counted_by_itself(store: Store, steps: Steps):
    for where, update in ((ANA, 7), (ANA, 8), (play("bea"), 7)):
        failed = Failure(UpdateId(update), "error", NewEvent("failed", update))
        assert not await store.players.park(where, failed, after=2)
    failed = Failure(UpdateId(7), "error", NewEvent("failed"))
    assert await store.players.park(ANA, failed, after=2)
    assert not (await steps.make(delivery=UpdateId(8))).repeated
    assert not (await steps.make(who="bea", delivery=UpdateId(7))).repeated


async def test_the_past_of_each_story_of_a_player_is_its_own(store: Store, steps: Steps):
    other = PlayKey(ANA.player, "endless")
    for where, n in ((ANA, 1), (other, 2), (play("bea"), 3)):
        await steps.make(
            where=where,
            entries=(Entry("coins", n, "found"),),
            entitlements=(Entitlement("vip", 1_000 + n, "gift"),),
        )
    for where, n in ((ANA, 1), (other, 2)):
        assert await store.history.balances(where) == {"coins": n}
        assert [one.entry.amount for one in await store.history.ledger(where)] == [n]
        assert await store.history.entitlements(where) == (Entitlement("vip", 1_000 + n, "gift"),)
        assert len(await store.history.steps(where)) == 1


async def test_what_is_old_is_purged_wherever_it_stands_among_what_is_young(
    store: Store, steps: Steps
):
    """A clock may have been wrong for a while, and a table is walked through a few hundred rows at a time."""
    for n in range(4):
        late = 2_000 if n % 2 else 1_000
        said = tuple(Message(f"{n}:{i}", i, not_before=late) for i in range(400))
        await steps.make(who=f"p{n}", messages=said)
    for at in (1_000, 2_000):
        while claimed := await store.outbox.claim("test", "me", at, lease=30, limit=1_000):
            await asyncio.gather(*(store.outbox.dead(one, "gone") for one in claimed))
    assert await store.upkeep.purge(inbox=0, outbox=1_500, events=0) == Purged(0, 800, 0)
    assert (await store.outbox.counts("test")).dead == 800
    assert await store.upkeep.purge(inbox=0, outbox=2_001, events=0) == Purged(0, 800, 0)


async def test_events_that_nobody_listens_to_are_purged_too(store: Store, steps: Steps):
    for n in range(3):
        await steps.make(who=f"p{n}", events=(NewEvent("a"),))
    purged = await store.upkeep.purge(inbox=0, outbox=0, events=10**9)
    assert purged.events >= 2, "but for the last one"
    await steps.make(events=(NewEvent("b"),))
    told = await store.events.read(0, 9)
    assert told[-1].event.name == "b"
    assert len(told) == 4 - purged.events
