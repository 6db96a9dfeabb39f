"""Messages to be sent, on every store: at least once each, one at a time in a chat, in order."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import pytest

from diana_engine.database.connect import open_database
from diana_engine.database.memory import MemoryStore
from diana_engine.database.port import Message, PlayerKey, PlayKey, UpdateId
from diana_engine.database.ports.outbox import Allowance, Backlog, Claimed, Notice, Priority
from diana_engine.database.ports.store import Store
from diana_engine.database.stores import store_on
from strategies.steps import Steps, play

BOT = "test"


def words(claims: tuple[Claimed, ...]) -> list[object]:
    return [one.message.payload for one in claims]


async def claim(store: Store, now: int = 1_000, owner: str = "me", limit: int = 100):
    return await store.outbox.claim(BOT, owner, now, lease=30, limit=limit)


async def send(store: Store, now: int = 1_000, owner: str = "me") -> list[object]:
    """Send all that is due, one after another, and return it."""
    done: list[object] = []
    while claims := await claim(store, now, owner, 1):
        done += words(claims)
        assert await store.outbox.sent(claims[0], 5, now)
    return done


async def test_a_message_comes_back_as_it_was_put_in(store: Store, steps: Steps):
    message = Message("chat 7", {"text": "Añá \x00 🗝", "n": [1, None]}, "scene", "reminder", "drop")
    await steps.say(message)
    [claimed] = await claim(store)
    assert (claimed.message.chat, claimed.message.payload) == (message.chat, message.payload)
    assert (claimed.message.kind, claimed.message.priority) == ("scene", "reminder")
    assert (claimed.message.policy, claimed.play, claimed.sequence) == ("drop", play("ana"), 1)
    assert (claimed.owner, claimed.lease_until, claimed.attempts) == ("me", 1_030, 1)


async def test_a_step_that_fails_sends_nothing(store: Store, steps: Steps):
    with pytest.raises(ZeroDivisionError):
        await store.players.step(play("ana"), None, lambda _: 1 / 0)
    assert await claim(store) == ()


async def test_a_chat_has_one_message_in_flight_and_its_order_is_kept(store: Store, steps: Steps):
    await steps.say(Message("a", 1), Message("a", 2))
    await steps.say(Message("a", 3), Message("b", 4), who="bea")
    assert sorted(words(await claim(store))) == [1, 4]
    assert await claim(store) == ()


async def test_no_more_is_claimed_than_was_asked_for(store: Store, steps: Steps):
    await steps.say(*(Message(f"chat {n}", n) for n in range(9)))
    assert [len(await claim(store, limit=limit)) for limit in (1, 1, 3, 9)] == [1, 1, 3, 4]


async def test_what_was_sent_makes_room_for_the_next(store: Store, steps: Steps):
    await steps.say(*(Message("a", n) for n in range(5)))
    assert await send(store) == [0, 1, 2, 3, 4]
    assert (await store.outbox.counts(BOT)).sent == 5


async def test_replies_go_before_reminders_and_those_before_broadcasts(store: Store, steps: Steps):
    await steps.say(Message("a", "b", priority="broadcast"), Message("b", "m", priority="reminder"))
    await steps.say(Message("c", "r"), Message("a", "late reply"))
    assert await send(store) == ["r", "late reply", "m", "b"]


async def test_who_asks_for_urgent_messages_only_gets_no_others(store: Store, steps: Steps):
    await steps.say(Message("a", "b", priority="broadcast"), Message("b", "m", priority="reminder"))
    await steps.say(Message("c", "r"))

    async def urgent(least: Priority) -> list[object]:
        return words(await store.outbox.claim(BOT, "me", 1_000, lease=30, limit=9, least=least))

    assert [await urgent("reply"), await urgent("reminder"), await urgent("broadcast")] == [["r"], ["m"], ["b"]]  # fmt: skip


async def test_the_last_message_of_a_kind_is_one_that_was_really_sent(store: Store, steps: Steps):
    await steps.say(Message("a", 1, "scene"), Message("a", 2, "scene"), Message("a", 3))
    for number in (11, None, 13):
        [claimed] = await claim(store)
        assert await store.outbox.sent(claimed, number, 1_000)
    last = await store.outbox.last(BOT, "a", "scene")
    assert last is not None
    assert (last.message.payload, last.message_id) == (1, 11)


async def test_a_claim_that_is_renewed_stays_whose_it_is(store: Store, steps: Steps):
    await steps.say(Message("a", 1))
    [claimed] = await claim(store)
    kept = await store.outbox.renew(claimed, 1_100)
    assert kept is not None
    assert await store.outbox.recover(BOT, "other", 1_090) == 0
    assert not await store.outbox.sent(claimed, 7, 1_090), (
        "the claim as it was before counts no more"
    )
    assert await store.outbox.sent(kept, 7, 1_090)


async def test_a_claim_that_was_taken_over_cannot_be_renewed(store: Store, steps: Steps):
    await steps.say(Message("a", 1))
    [claimed] = await claim(store)
    assert await store.outbox.recover(BOT, "other", 1_030) == 1
    assert await store.outbox.renew(claimed, 1_100) is None


async def test_a_message_that_is_tried_again_holds_back_those_behind_it(store: Store, steps: Steps):
    await steps.say(Message("a", 1), Message("a", 2))
    [claimed] = await claim(store)
    assert await store.outbox.retry(claimed, 1_060, "flood")
    assert await claim(store, 1_059) == ()
    [again] = await claim(store, 1_060)
    assert (again.message.payload, again.attempts) == (1, 2)


async def test_a_message_for_later_holds_nothing_back(store: Store, steps: Steps):
    await steps.say(Message("a", "later", not_before=2_000), Message("a", "now"))
    assert await send(store) == ["now"]
    assert await send(store, 2_000) == ["later"]


async def test_the_backlog_is_what_is_not_done_with(store: Store, steps: Steps):
    assert await store.outbox.backlog(BOT) == Backlog()
    await steps.say(
        Message("a", 1), Message("a", 2), Message("b", 3), Message("c", 4, not_before=9_000)
    )
    await claim(store, limit=1)
    assert await store.outbox.backlog(BOT) == Backlog(4, 1_000)
    await store.outbox.put_back("me")
    await send(store)
    assert await store.outbox.backlog(BOT) == Backlog(1, 9_000)


async def test_what_waits_for_somebody_who_is_gone_is_no_backlog(store: Store, steps: Steps):
    await store.outbox.pause(BOT, "a", "blocked")
    await steps.say(Message("a", "come back"), Message("b", "here", not_before=9_000))
    assert await store.outbox.backlog(BOT) == Backlog(1, 9_000)
    await store.outbox.resume(BOT, "a")
    assert await store.outbox.backlog(BOT) == Backlog(2, 1_000)
    assert await send(store) == ["come back"], "it waited for them"


async def test_what_waited_too_long_for_somebody_who_is_gone_is_purged(store: Store, steps: Steps):
    await store.outbox.pause(BOT, "a", "blocked")
    await steps.say(Message("a", "come back"), Message("b", "here"))
    assert (await store.upkeep.purge(inbox=0, outbox=1_000, events=0)).outbox == 0
    assert (await store.upkeep.purge(inbox=0, outbox=1_001, events=0)).outbox == 1
    await store.outbox.resume(BOT, "a")
    assert await send(store) == ["here"]


async def test_a_dead_message_lets_the_next_one_go(store: Store, steps: Steps):
    await steps.say(Message("a", 1), Message("a", 2))
    [claimed] = await claim(store)
    assert await store.outbox.dead(claimed, "too long")
    assert await send(store) == [2]
    counts = await store.outbox.counts(BOT)
    assert (counts.dead, counts.sent, counts.ready) == (1, 1, 0)


async def test_of_what_nobody_knows_the_story_goes_again_and_decoration_does_not(
    store: Store, steps: Steps
):
    await steps.say(Message("a", "story"), Message("b", "confetti", policy="drop"))
    for claimed in await claim(store):
        assert await store.outbox.unknown(claimed, 1_005, "timeout")
    [again] = await claim(store, 1_005)
    assert (again.message.payload, again.unknowns) == ("story", 1)
    counts = await store.outbox.counts(BOT)
    assert (counts.unknown, counts.unknown_outcomes) == (1, 2)


async def test_a_lease_that_is_over_is_recovered_and_one_that_is_not_is_left(
    store: Store, steps: Steps
):
    await steps.say(Message("a", 1))
    await claim(store, 1_000, "first")
    assert await store.outbox.recover(BOT, "second", 1_029) == 0
    assert await store.outbox.recover(BOT, "second", 1_030) == 1
    assert words(await claim(store, 1_030, "second")) == [1]


async def test_an_owner_recovers_its_own_at_once(store: Store, steps: Steps):
    await steps.say(Message("a", 1))
    await claim(store)
    assert await store.outbox.recover(BOT, "me", 1_001) == 1
    assert words(await claim(store, 1_001)) == [1]


async def test_a_report_that_comes_too_late_changes_nothing(store: Store, steps: Steps):
    await steps.say(Message("a", 1))
    [old] = await claim(store, 1_000, "first")
    await store.outbox.recover(BOT, "second", 1_030)
    [new] = await claim(store, 1_030, "second")
    for late in (
        store.outbox.sent(old, 1, 1_031),
        store.outbox.retry(old, 1_031, ""),
        store.outbox.unknown(old, 1_031, ""),
        store.outbox.dead(old, ""),
    ):
        assert not await late
    assert await store.outbox.sent(new, 2, 1_032)
    assert (await store.outbox.last(BOT, "a", "")).message_id == 2


async def test_a_report_that_is_made_again_is_not_of_a_newer_claim_in_the_same_second(
    store: Store, steps: Steps
):
    await steps.say(Message("a", 1))
    [old] = await claim(store)
    assert await store.outbox.unknown(old, 1_000, "")
    [new] = await claim(store)
    assert (new.owner, new.lease_until) == (old.owner, old.lease_until)
    assert not await store.outbox.unknown(old, 1_000, ""), "its first answer was lost"
    assert not await store.outbox.gone(old, "blocked")
    assert await store.outbox.renew(old, 1_099) is None
    assert await store.outbox.sent(new, 2, 1_001)


async def test_what_was_not_begun_is_put_back_and_counts_as_no_attempt(store: Store, steps: Steps):
    await steps.say(Message("a", 1))
    await claim(store)
    assert await store.outbox.put_back("me") == 1
    [again] = await claim(store)
    assert (again.attempts, again.unknowns) == (1, 0)


async def test_a_report_is_of_its_own_claim_whoever_else_claims_in_the_same_second(
    store: Store, steps: Steps
):
    await steps.say(Message("a", 1))
    [first] = await claim(store)
    assert await store.outbox.put_back("me") == 1
    [second] = await claim(store, owner="other")
    assert (second.lease_until, second.attempts) == (first.lease_until, first.attempts)
    for late in (
        store.outbox.sent(first, 1, 1_001),
        store.outbox.retry(first, 1_001, ""),
        store.outbox.unknown(first, 1_001, ""),
        store.outbox.dead(first, ""),
        store.outbox.gone(first, "blocked"),
        store.outbox.renew(first, 1_099),
    ):
        assert not await late, "it is another's"
    renewed = await store.outbox.renew(second, 1_099)
    assert not await store.outbox.sent(second, 1, 1_001), "it was renewed"
    assert await store.outbox.sent(renewed, 2, 1_001)
    assert not await store.outbox.sent(renewed, 3, 1_001), "it is done"
    assert not await store.outbox.retry(renewed, 1_001, ""), "it is done"
    assert (await store.outbox.last(BOT, "a", "")).message_id == 2


async def test_an_owner_recovers_and_puts_back_nothing_of_others(store: Store, steps: Steps):
    bea = PlayKey(PlayerKey("second", "bea"), play("bea").story)
    await steps.say(Message("a", 1), Message("b", 2))
    await steps.say(Message("a", 3), where=bea)
    [mine] = await claim(store, limit=1)
    [theirs] = await claim(store, owner="other")
    [elsewhere] = await store.outbox.claim("second", "me", 1_000, lease=30, limit=1)
    assert await store.outbox.recover(BOT, "me", 1_001) == 1
    assert not await store.outbox.sent(mine, 1, 1_001)
    assert await store.outbox.sent(elsewhere, 1, 1_001)
    assert await store.outbox.put_back("me") == 0
    assert await store.outbox.sent(theirs, 1, 1_001)


async def test_a_paused_chat_gets_nothing_until_it_is_resumed(store: Store, steps: Steps):
    await steps.say(Message("a", 1), Message("a", 2), Message("b", 3))
    assert await store.outbox.pause(BOT, "a", "blocked") == 2
    await steps.say(Message("a", 4))
    assert await send(store) == [3]
    await store.outbox.resume(BOT, "a")
    assert await send(store) == [4]


async def test_a_chat_is_not_paused_by_a_notice_that_a_later_update_overtook(
    store: Store, steps: Steps
):
    late, new = (Notice(play("ana").player, UpdateId(number)) for number in (6, 8))
    await steps.make(delivery=UpdateId(7), messages=(Message("a", 1),))
    assert await store.outbox.pause(BOT, "a", "blocked", late) == 0
    assert await send(store) == [1]
    await steps.say(Message("a", 2))
    assert await store.outbox.pause(BOT, "a", "blocked", new) == 1
    await steps.say(Message("a", 3))
    assert await send(store) == []


async def test_a_chat_is_paused_for_one_bot_whatever_others_do_elsewhere(
    store: Store, steps: Steps
):
    ana, bea = play("ana"), PlayKey(PlayerKey("second", "bea"), play("bea").story)
    await steps.make(where=bea, delivery=UpdateId(9))
    await steps.say(Message("a", 1))
    await steps.say(Message("a", 2), where=bea)
    assert await store.outbox.pause(BOT, "a", "blocked", Notice(ana.player, 5)) == 1
    await steps.say(Message("a", 3))
    assert await claim(store) == ()
    assert words(await store.outbox.claim("second", "me", 1_000, lease=30, limit=9)) == [2]


async def test_who_is_gone_gets_nothing_more_and_what_waits_for_them_is_given_up(
    store: Store, steps: Steps
):
    await steps.say(Message("a", 1), Message("a", 2), Message("b", 3))
    [refused, _] = await claim(store)
    assert await store.outbox.gone(refused, "blocked")
    await steps.say(Message("a", 4))
    assert await claim(store) == ()
    assert (await store.outbox.counts(BOT)).dead == 2
    await store.outbox.resume(BOT, "a")
    assert words(await claim(store)) == [4]


async def test_a_refusal_pauses_nobody_who_came_back_while_it_was_on_its_way(
    store: Store, steps: Steps
):
    await steps.say(Message("a", 1))
    [refused] = await claim(store)
    await store.outbox.resume(BOT, "a")
    await steps.say(Message("a", 2))
    assert not await store.outbox.gone(refused, "blocked")
    assert await store.outbox.retry(refused, 1_000, "they are back")
    assert await send(store) == [1, 2]


async def test_a_refusal_pauses_nobody_who_did_something_while_it_was_on_its_way(
    store: Store, steps: Steps
):
    await steps.say(Message("a", 1))
    [refused] = await claim(store)
    await steps.say(Message("a", 2))
    assert not await store.outbox.gone(refused, "blocked")
    assert await store.outbox.retry(refused, 1_000, "they are there")
    assert await send(store) == [1, 2]


async def test_what_nobody_asked_for_is_no_sign_that_somebody_is_there(store: Store, steps: Steps):
    await steps.say(Message("a", 1), Message("a", 2))
    [refused] = await claim(store)
    await steps.say(Message("a", 3, priority="reminder"))
    assert await store.outbox.gone(refused, "blocked")
    assert (await store.outbox.backlog(BOT)).messages == 0


async def test_what_another_bot_has_to_say_is_no_sign_that_somebody_is_there(
    store: Store, steps: Steps
):
    await steps.say(Message("a", 1))
    [refused] = await claim(store)
    bea = PlayKey(PlayerKey("second", "bea"), play("bea").story)
    await steps.say(Message("a", 2), where=bea)
    assert await store.outbox.gone(refused, "blocked")
    assert words(await store.outbox.claim("second", "me", 1_000, lease=30, limit=9)) == [2]


async def test_who_came_back_once_can_be_gone_again(store: Store, steps: Steps):
    await steps.say(Message("a", 1))
    [refused] = await claim(store)
    await store.outbox.resume(BOT, "a")
    assert not await store.outbox.gone(refused, "blocked")
    assert await store.outbox.retry(refused, 1_000, "they are back")
    [again] = await claim(store)
    assert await store.outbox.gone(again, "blocked")


async def test_a_claim_that_was_taken_over_says_nothing_of_who_is_gone(store: Store, steps: Steps):
    await steps.say(Message("a", 1), Message("a", 2))
    [refused] = await claim(store)
    await store.outbox.recover(BOT, "me", 1_000)
    assert not await store.outbox.gone(refused, "blocked")
    assert await send(store) == [1, 2]


async def test_the_last_message_of_a_kind_is_found_with_its_number(store: Store, steps: Steps):
    await steps.say(Message("a", 1, "scene"))
    await steps.say(Message("a", 2, "scene"), Message("a", 3, "note"))
    number = 70
    while claims := await claim(store, limit=1):
        number += 1
        await store.outbox.sent(claims[0], number, 1_000)
    last = await store.outbox.last(BOT, "a", "scene")
    assert (last.message.payload, last.message_id, last.sequence, last.at) == (2, 72, 2, 1_000)
    assert await store.outbox.last(BOT, "b", "scene") is None


async def test_no_bot_sees_another_s_messages(store: Store, steps: Steps):
    other = PlayKey(PlayerKey("other", "ana"), play("ana").story)
    await steps.say(Message("a", 1), where=other)
    assert await claim(store) == ()
    assert words(await store.outbox.claim("other", "me", 1_000, lease=30, limit=9)) == [1]


async def test_several_senders_at_once_never_take_the_same_message(store: Store, steps: Steps):
    await asyncio.gather(*(steps.say(Message(f"c{n % 5}", n), who=f"p{n}") for n in range(20)))
    sent: list[object] = []

    async def sender(owner: str) -> None:
        while claims := await claim(store, owner=owner, limit=2):
            for claimed in claims:
                sent.append(claimed.message.payload)
                await asyncio.sleep(0)
                assert await store.outbox.sent(claimed, 1, 1_000)

    for _ in range(20):  # a sender stops when all chats are in flight elsewhere
        await asyncio.gather(*(sender(f"s{n}") for n in range(4)))
        if len(sent) == 20:
            break
    assert sorted(sent) == list(range(20))


# What is kept by all who send --------------------------------------------------------------------------

AN_HOUR = 3_600_000_000


async def bulk(store: Store, allowance: Allowance, owner: str = "me") -> list[object]:
    claims = await store.outbox.claim(BOT, owner, 1_000, lease=30, limit=100, allowance=allowance)
    return words(claims)


async def reminders(steps: Steps, count: int) -> None:
    await steps.say(*(Message(f"c{n}", n, priority="reminder") for n in range(count)))


async def test_what_nobody_asked_for_goes_as_far_as_the_allowance_has_room_whoever_sends(
    store: Store, steps: Steps
):
    await reminders(steps, 9)
    allowance = Allowance(every=AN_HOUR, burst=3, at=10**12)
    claims = [
        store.outbox.claim(BOT, f"w{n}", 1_000, lease=30, limit=2, allowance=allowance)
        for n in range(4)
    ]
    assert sum(map(len, await asyncio.gather(*claims))) == 3
    assert await bulk(store, allowance) == []


async def test_replies_wait_for_no_allowance_and_use_none_up(store: Store, steps: Steps):
    allowance = Allowance(every=AN_HOUR, burst=3, at=10**12)
    await steps.say(*(Message(f"r{n}", n) for n in range(3)))
    assert len(await bulk(store, allowance)) == 3
    await reminders(steps, 9)
    assert len(await bulk(store, allowance)) == 3
    await steps.say(Message("r", "reply"))
    assert words(await store.outbox.claim(BOT, "me", 1_000, lease=30, limit=9, least="reply")) == [
        "reply"
    ]


async def test_an_allowance_that_was_used_up_has_room_again_after_a_while(
    store: Store, steps: Steps
):
    await reminders(steps, 9)
    gone, at = 0, 10**12
    while gone < 9:  # PostgreSQL goes by a clock of its own
        gone += len(await bulk(store, Allowance(every=2_000, burst=2, at=at)))
        at += 500


async def test_each_channel_has_an_allowance_of_its_own(store: Store, steps: Steps):
    other = PlayKey(PlayerKey("other", "ana"), play("ana").story)
    await steps.say(*(Message(f"c{n}", n, priority="reminder") for n in range(2)), where=other)
    await reminders(steps, 2)
    allowance = Allowance(every=AN_HOUR, burst=1, at=10**12)
    claims = [
        store.outbox.claim(name, "me", 1_000, lease=30, limit=9, allowance=allowance)
        for name in (BOT, "other")
    ]
    assert list(map(len, await asyncio.gather(*claims))) == [1, 1]


async def test_a_channel_that_is_closed_gives_nothing_to_anybody_until_its_time(
    store: Store, steps: Steps
):
    await steps.say(Message("a", 1))
    await store.outbox.close(BOT, 1_000, 1_030)
    await store.outbox.close(BOT, 1_001, 1_010)
    assert [await claim(store, now) for now in (1_001, 1_015, 1_029)] == [()] * 3
    assert words(await claim(store, 1_030)) == [1]


async def test_a_clock_that_was_set_back_leaves_no_channel_closed(store: Store, steps: Steps):
    await steps.say(Message("a", 1))
    await store.outbox.close(BOT, 9_000, 9_030)
    assert words(await claim(store, 1_000)) == [1]


@pytest.mark.parametrize("seed", range(20))
async def test_of_any_two_stores_on_one_machine_the_limits_are_the_same(seed: int, tmp_path: Path):
    luck = Random(seed)
    every, burst, at, first = luck.randint(1, 10**6), luck.randint(1, 6), 10**12, 10**12
    async with await open_database(f"sqlite:///{tmp_path / 'diana.db'}") as database:
        stores: tuple[Store, ...] = (MemoryStore(lambda: 1_000), store_on(database, lambda: 1_000))
        for store in stores:
            await reminders(Steps(store), 80)
        taken = 0
        for _ in range(30):
            at += luck.choice([0, luck.randint(0, 3 * every)])
            claims = [await bulk(store, Allowance(every, burst, at)) for store in stores]
            assert len(claims[0]) == len(claims[1]) <= burst
            taken += len(claims[0])
            assert taken <= burst + (at - first) // every
        early = Allowance(every, burst, 5)  # the machine was started anew, and its clock with it
        claims = [await bulk(store, early) for store in stores]
        assert len(claims[0]) == len(claims[1]) == min(burst, 80 - taken)
