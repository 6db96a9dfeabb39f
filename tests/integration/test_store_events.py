"""Events, on every store: each once, in order, and each subscriber as far as it has come."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

from diana_engine.database.port import NewEvent, PlayKey
from diana_engine.database.ports.events import (
    Delivered,
    EventDelivery,
    StoredEvent,
    Subscription,
)
from diana_engine.database.ports.store import Store
from strategies.steps import Steps, play


def waiting(event: StoredEvent, at: int = 1_100, attempts: int = 1) -> EventDelivery:
    return EventDelivery("fan", event, "waiting", attempts, at, "it was out")


async def all_of(store: Store) -> tuple[StoredEvent, ...]:
    return await store.events.read(0, 1_000)


async def test_an_event_comes_back_as_it_was_told(store: Store, steps: Steps):
    event = NewEvent("points_awarded", {"amount": 5, "why": "Añá \x00"}, "corr-1")
    await steps.make(delivery=77, events=(event, NewEvent("level_up")))
    first, second = await all_of(store)
    assert (first.event, first.play, first.sequence, first.key) == (event, play("ana"), 1, "1:0")
    assert (second.event, second.key) == (NewEvent("level_up"), "1:1")
    assert first.id == "test/ana:cellar:1:0"


async def test_a_delivery_that_changed_nothing_may_tell_of_it_once(store: Store, steps: Steps):
    for _ in range(2):
        await steps.make(delivery=77, saves=False, events=(NewEvent("narrative_access_denied"),))
    [event] = await all_of(store)
    assert (event.key, event.sequence) == ("u77:0", 0)


async def test_a_step_that_fails_tells_nothing(store: Store):
    with contextlib.suppress(ZeroDivisionError):
        await store.players.step(play("ana"), None, lambda _: 1 / 0)
    assert await all_of(store) == ()


async def test_events_are_read_after_a_position_in_order(store: Store, steps: Steps):
    for n in range(5):
        await steps.tell(f"e{n}", who=("ana", "bea")[n % 2])
    events = await all_of(store)
    assert [one.event.name for one in events] == ["e0", "e1", "e2", "e3", "e4"]
    assert sorted({one.position for one in events}) == [one.position for one in events]
    assert await store.events.read(events[1].position, 2) == events[2:4]
    assert await store.events.read(events[-1].position, 2) == ()


async def test_nothing_appears_later_before_what_was_read(store: Store, steps: Steps):
    seen: list[StoredEvent] = []

    async def read() -> None:
        while len(seen) < 60:
            after = seen[-1].position if seen else 0
            seen.extend(await store.events.read(after, 7))
            await asyncio.sleep(0)

    async def write(who: str) -> None:
        for n in range(15):
            await steps.tell(f"{n}", who=who)

    await asyncio.wait_for(asyncio.gather(read(), *(write(who) for who in "abcd")), 60)
    for who in "abcd":
        mine = [one.event.name for one in seen if one.play == play(who)]
        assert mine == [str(n) for n in range(15)]


async def test_each_subscriber_has_a_cursor_of_its_own_that_never_goes_back(
    store: Store, steps: Steps
):
    await steps.tell("a", "b")
    first, second = await all_of(store)
    await store.events.advance("fan", second.position)
    await store.events.advance("fan", first.position)
    assert await store.events.cursor("fan") == second.position
    assert (await store.events.cursor("other"), await store.events.lag("other")) == (0, 2)
    assert await store.events.lag("fan") == 0


async def test_a_delivery_that_failed_waits_and_holds_back_its_play_only(
    store: Store, steps: Steps
):
    await steps.tell("a", "b")
    await steps.tell("c", who="bea")
    a, b, c = await all_of(store)
    kept = (waiting(a), waiting(b, 0, 0), waiting(c, 1_200))
    await store.events.advance("fan", c.position, Delivered(kept=kept))
    assert await store.events.waiting("fan") == {play("ana"), play("bea")}
    assert await store.events.due("fan", 1_099, 9) == ()
    assert await store.events.due("fan", 1_100, 9) == (waiting(a),)
    await store.events.advance("fan", c.position, Delivered(done=(a.position,)))
    assert await store.events.due("fan", 1_100, 9) == (waiting(b, 0, 0),)
    assert await store.events.due("other", 9_999, 9) == ()


async def test_a_delivery_that_is_parked_holds_back_nothing_and_can_be_tried_again(
    store: Store, steps: Steps
):
    await steps.tell("a", "b")
    a, b = await all_of(store)
    parked = replace(waiting(a), state="parked", attempts=8)
    await store.events.advance("fan", b.position, Delivered(kept=(parked, waiting(b))))
    assert await store.events.parked("fan", 9) == (parked,)
    assert await store.events.due("fan", 2_000, 9) == (waiting(b),)
    await store.events.advance(
        "fan", b.position, Delivered(kept=(replace(parked, state="waiting"),))
    )
    assert [one.event for one in await store.events.due("fan", 2_000, 9)] == [a]


async def test_a_subscriber_that_is_rewound_hears_everything_once_more(store: Store, steps: Steps):
    await steps.tell("a")
    [a] = await all_of(store)
    await store.events.advance("fan", a.position, Delivered(kept=(waiting(a),)))
    await store.events.rewind("fan", 0)
    assert await store.events.cursor("fan") == 0
    assert await store.events.waiting("fan") == frozenset()


# Who feeds a subscriber


async def test_a_new_subscriber_begins_where_it_is_told_and_an_old_one_stays(
    store: Store, steps: Steps
):
    await steps.tell("a", "b")
    end = await store.events.end()
    assert end == (await all_of(store))[-1].position
    assert await store.events.subscribe("fan", end) == end
    await steps.tell("c")
    assert await store.events.subscribe("fan", await store.events.end()) == end
    assert [one.event.name for one in await store.events.read(end, 9)] == ["c"]


async def test_where_nothing_happened_yet_the_end_is_the_beginning(store: Store):
    assert await store.events.end() == 0


async def test_one_worker_feeds_a_subscriber_until_its_lease_is_over_or_it_lets_go(store: Store):
    events = store.events
    assert not await events.hold("fan", "one", 1_000, lease=60)
    await events.subscribe("fan", 0)
    assert await events.hold("fan", "one", 1_000, lease=60)
    assert not await events.hold("fan", "two", 1_059, lease=60)
    assert await events.hold("fan", "one", 1_059, lease=60)
    assert not await events.hold("fan", "two", 1_060, lease=60)
    assert await events.hold("fan", "two", 1_119, lease=60)
    await events.let_go("fan", "one")  # is not its own any more
    assert not await events.hold("fan", "one", 1_120, lease=60)
    await events.let_go("fan", "two")
    assert await events.hold("fan", "one", 1_120, lease=60)


async def test_of_many_who_want_to_feed_a_subscriber_one_does(store: Store):
    await store.events.subscribe("fan", 0)
    held = await asyncio.gather(
        *(store.events.hold("fan", f"w{one}", 1_000, lease=60) for one in range(8))
    )
    assert sum(held) == 1


async def test_subscriptions_are_listed_and_one_that_is_forgotten_leaves_nothing(
    store: Store, steps: Steps
):
    await steps.tell("a", "b")
    [first, _] = await all_of(store)
    await store.events.subscribe("fan", 0)
    await store.events.subscribe("ant", first.position)
    await store.events.hold("fan", "me", 1_000, lease=60)
    await store.events.advance("fan", first.position, Delivered(kept=(waiting(first),)))
    assert await store.events.subscriptions() == (
        Subscription("ant", first.position),
        Subscription("fan", first.position, "me", 1_060),
    )
    assert await store.events.forget("fan")
    assert not await store.events.forget("fan")
    assert await store.events.due("fan", 9_999, 9) == ()
    assert [one.subscriber for one in await store.events.subscriptions()] == ["ant"]


async def test_what_one_subscriber_could_not_deal_with_is_no_other_s_affair(
    store: Store, steps: Steps
):
    elsewhere = PlayKey(play("ana").player, "endless")
    await steps.tell("a")
    await steps.make(where=elsewhere, events=(NewEvent("b"),))
    a, b = await all_of(store)
    slow = replace(waiting(a), subscriber="slow")
    given_up = replace(waiting(a), state="parked")
    await store.events.advance("slow", b.position, Delivered(kept=(slow,)))
    await store.events.advance("fan", b.position, Delivered(kept=(given_up, waiting(b))))
    assert await store.events.waiting("fan") == {elsewhere}
    assert await store.events.due("fan", 1_100, 9) == (waiting(b),)
    await store.events.advance("fan", b.position, Delivered(done=(a.position,)))
    assert await store.events.due("slow", 1_100, 9) == (slow,)
    await steps.tell("c")
    c = (await all_of(store))[-1]
    await store.events.advance("fan", c.position, Delivered(kept=(waiting(c),)))
    assert await store.events.due("fan", 1_100, 9) == (waiting(b), waiting(c))
    await store.events.rewind("fan", 0)
    assert await store.events.waiting("slow") == {play("ana")}


async def test_a_play_s_deliveries_hold_back_none_of_the_player_s_other_plays(
    store: Store, steps: Steps
):
    elsewhere = PlayKey(play("ana").player, "endless")
    await steps.tell("a")
    await steps.make(where=elsewhere, events=(NewEvent("b"),))
    a, b = await all_of(store)
    later = waiting(a, 9_000)
    await store.events.advance("fan", b.position, Delivered(kept=(later, waiting(b))))
    assert await store.events.due("fan", 1_100, 9) == (waiting(b),)
