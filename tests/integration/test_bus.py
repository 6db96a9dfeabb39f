"""Subscribers, on every store: each is told everything, in order per player, whatever befalls it or the others."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest

from diana_engine.database.memory import MemoryStore
from diana_engine.database.memory.events import MemoryEvents
from diana_engine.database.port import NewEvent
from diana_engine.database.ports.store import Store
from diana_engine.errors import DianaError
from diana_engine.runtime.backoff import Backoff
from diana_engine.runtime.bus.bus import Bus
from diana_engine.runtime.bus.feed import Feed, Manner
from diana_engine.runtime.bus.parked import replay
from diana_engine.runtime.bus.subscribers import Event, Subscriber
from diana_engine.runtime.events.catalogue import LevelUp, as_event
from strategies.steps import Steps

Trouble = Callable[[Event], None]


def none(_event: Event) -> None:
    """No trouble."""


@dataclass
class Listener:
    """Somebody who listens, and a clock that a test turns."""

    store: Store
    now: int = 1_000
    trouble: Trouble = none
    heard: list[Event] = field(default_factory=list)
    tries: Counter[str] = field(default_factory=Counter)

    async def handle(self, event: Event) -> None:
        self.tries[event.name] += 1
        self.trouble(event)
        self.heard.append(event)

    def feed(self, owner: str = "me", **parts: object) -> Feed:
        fan = Subscriber("fan", self.handle, from_the_beginning=True, **parts)
        return Feed(fan, self.store.events, owner, lambda: self.now, lambda: 1.0)

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.heard]

    def of(self, who: str) -> list[str]:
        return [one.name for one in self.heard if one.player == f"test/{who}"]


@pytest.fixture
def ear(store: Store) -> Listener:
    return Listener(store)


def down(_event: Event) -> None:
    raise ConnectionError("down")


def bad(*names: str) -> Trouble:
    """Trouble with these events only."""

    def trouble(event: Event) -> None:
        if event.name in names:
            raise KeyError(event.name)

    return trouble


async def run_until(feed: Feed, ear: Listener, end: int) -> None:
    """Let a feed work, and time pass as it asks for, in strides that a database can follow."""
    feed.manner = replace(feed.manner, glance=max(1.0, (end - ear.now) / 60))
    while ear.now < end:
        ear.now += round(await feed.turn())


# Being told ---------------------------------------------------------------------------------------


async def test_a_subscriber_is_told_everything_once_in_order(ear: Listener, steps: Steps):
    await steps.tell("a", "b", who="ana")
    await steps.tell("c", who="bea")
    feed = ear.feed()
    assert await feed.turn() == feed.manner.glance
    await steps.tell("d", who="ana")
    await feed.turn()
    await feed.turn()
    assert ear.names == ["a", "b", "c", "d"]
    assert await ear.store.events.lag("fan") == 0


async def test_an_event_says_whose_it_is_what_caused_it_and_what_it_is(ear: Listener, steps: Steps):
    await steps.make(delivery=77, events=(as_event(LevelUp(3), "update:77"),))
    await ear.feed().turn()
    [event] = ear.heard
    assert (event.id, event.player, event.story) == ("test/ana:cellar:1:0", "test/ana", "cellar")
    assert (event.name, event.payload, event.what) == ("level_up", {"level": 3}, LevelUp(3))
    assert (event.correlation, event.sequence, event.at) == ("update:77", 1, 1_000)


async def test_a_subscriber_is_told_only_what_it_wants(ear: Listener, steps: Steps):
    await steps.tell("user_reaction", "level_up", "points_spent")
    await ear.feed(wants=frozenset({"level_up"})).turn()
    assert ear.names == ["level_up"]
    assert await ear.store.events.lag("fan") == 0


async def test_a_new_subscriber_is_told_what_happens_from_now_on(ear: Listener, steps: Steps):
    await steps.tell("a")
    feed = ear.feed()
    feed.subscriber = replace(feed.subscriber, from_the_beginning=False)
    await feed.turn()
    await steps.tell("b")
    await feed.turn()
    assert ear.names == ["b"]


async def test_more_events_than_a_batch_are_told_without_a_pause(ear: Listener, steps: Steps):
    for _ in range(5):
        await steps.tell("a", "b", "c")
    feed = ear.feed()
    feed.manner = Manner(batch=6)
    assert [await feed.turn() for _ in range(3)] == [0, 0, feed.manner.glance]
    assert ear.names == ["a", "b", "c"] * 5


# Failing ------------------------------------------------------------------------------------------


async def test_who_fails_is_told_again_and_only_that_player_s_events_wait(
    ear: Listener, steps: Steps
):
    await steps.tell("a", "b", who="ana")
    await steps.tell("c", "d", who="bea")
    ear.trouble = bad("a")
    feed = ear.feed()
    await feed.turn()
    await steps.tell("e", who="ana")
    await feed.turn()
    assert ear.names == ["c", "d"]
    ear.trouble = none
    ear.now += 1
    while await feed.turn() == 0:
        pass
    assert ear.of("ana") == ["a", "b", "e"]
    assert (ear.tries["a"], ear.tries["b"], ear.tries["e"]) == (2, 1, 1)


async def test_what_fails_eight_times_is_parked_and_the_player_s_events_go_on(
    ear: Listener, steps: Steps
):
    await steps.tell("a", "b", "c")
    ear.trouble = bad("b")
    await run_until(ear.feed(), ear, 1_300)
    assert ear.names == ["a", "c"]
    assert ear.tries["b"] == 8
    [parked] = await ear.store.events.parked("fan", 9)
    assert (parked.event.event.name, parked.attempts, parked.error) == ("b", 8, "KeyError: 'b'")


async def test_the_pauses_between_attempts_double():
    store = MemoryStore(lambda: 1_000)
    ear = Listener(store)
    await Steps(store).tell("a")
    times: list[int] = []

    def trouble(_event: Event) -> None:
        times.append(ear.now)
        raise KeyError

    ear.trouble = trouble
    feed = ear.feed()
    while ear.now < 1_300:
        ear.now += round(await feed.turn())
    assert [later - sooner for sooner, later in pairwise(times)] == [
        1, 2, 4, 8, 16, 32, 64,
    ]  # fmt: skip


async def test_who_hangs_is_cut_off_and_told_again(ear: Listener, steps: Steps):
    await steps.tell("a", who="ana")
    await steps.tell("b", who="bea")
    hangs = True

    async def handle(event: Event) -> None:
        if hangs and event.name == "a":
            await asyncio.Event().wait()
        await ear.handle(event)

    feed = ear.feed(limit=0.01)
    feed.subscriber = replace(feed.subscriber, handle=handle)
    await feed.turn()
    assert ear.names == ["b"]
    [waiting] = await ear.store.events.due("fan", 2_000, 9)
    assert waiting.error == "it took longer than 0.01 s"
    hangs = False
    ear.now += 1
    await feed.turn()
    assert ear.names == ["b", "a"]


@pytest.mark.parametrize("error", [SystemExit(3), asyncio.CancelledError(), RecursionError()])
async def test_whatever_a_subscriber_raises_is_its_own_affair(
    ear: Listener, steps: Steps, error: BaseException
):
    def trouble(_event: Event) -> None:
        raise error

    await steps.tell("a")
    ear.trouble = trouble
    await ear.feed().turn()
    [waiting] = await ear.store.events.due("fan", 2_000, 9)
    assert waiting.error.startswith(type(error).__name__)


# Being down ---------------------------------------------------------------------------------------


async def test_who_is_down_for_an_hour_costs_few_attempts_and_then_hears_everything(
    ear: Listener, steps: Steps
):
    for n in range(20):
        await steps.tell("a", "b", who=f"p{n}")
    ear.trouble = down
    feed = ear.feed()
    await run_until(feed, ear, 1_000 + 3_600)
    assert sum(ear.tries.values()) < 40
    ear.trouble = none
    await run_until(feed, ear, ear.now + 600)
    assert await ear.store.events.parked("fan", 99) == ()
    for n in range(20):
        assert ear.of(f"p{n}") == ["a", "b"]


async def test_one_success_ends_the_pause_of_who_was_down(ear: Listener, steps: Steps):
    for n in range(9):
        await steps.tell("a", who=f"p{n}")
    ear.trouble = down
    feed = ear.feed()
    await feed.turn()
    assert (feed.breaker.open, sum(ear.tries.values())) == (True, 5)
    ear.trouble = none
    assert await feed.turn() > 0
    assert not ear.heard
    await run_until(feed, ear, ear.now + 10)
    assert not feed.breaker.open
    assert len(ear.heard) == 9


async def test_one_player_s_bad_event_does_not_look_like_being_down(ear: Listener, steps: Steps):
    await steps.tell("a", who="ana")
    ear.trouble = bad("a")
    feed = ear.feed()
    await run_until(feed, ear, 1_040)
    assert not feed.breaker.open
    await steps.tell("b", who="bea")
    await feed.turn()
    assert ear.names == ["b"]


async def test_while_the_database_is_away_nothing_is_lost_and_then_it_goes_on():
    away = False

    async def pause() -> None:
        if away:
            raise DianaError("The database is away.")

    store = MemoryStore(lambda: 1_000, pause)
    ear, steps = Listener(store), Steps(store)
    await steps.tell("a")
    feed = ear.feed()
    await feed.turn()
    away = True
    assert [await feed.turn() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    away = False
    await steps.tell("b")
    await feed.turn()
    assert ear.names == ["a", "b"]


async def test_what_was_told_before_the_cursor_moved_is_told_again():
    broken = False

    async def pause() -> None:
        if broken:
            raise DianaError("The database is away.")

    store = MemoryStore(lambda: 1_000, pause)
    ear, steps = Listener(store), Steps(store)
    await steps.tell("a")

    def trouble(_event: Event) -> None:
        nonlocal broken
        broken = len(ear.heard) == 0

    ear.trouble = trouble
    feed = ear.feed()
    await feed.turn()
    broken = False
    await feed.turn()
    assert [one.id for one in ear.heard] == ["test/ana:cellar:1:0"] * 2


async def test_what_failed_holds_back_the_later_events_though_nobody_heard_that_it_was_noted():
    cut = False

    async def pause() -> None:
        if cut:
            raise DianaError("The database broke the connection.")

    class Lost(MemoryEvents):
        """Events whose notes are taken, while the answer is lost."""

        async def advance(self, *given: Any) -> None:
            nonlocal cut
            await MemoryEvents.advance(self, *given)
            if ear.trouble is not none:
                cut, ear.trouble = True, none
                await pause()

    store = MemoryStore(lambda: 1_000, pause)
    store.events = Lost(store.events._door)
    ear, steps = Listener(store), Steps(store)
    ear.trouble = bad("a")
    feed = ear.feed()
    await steps.tell("a")
    await feed.turn()
    cut = False
    await steps.tell("b")
    await run_until(feed, ear, 1_010)
    assert ear.names == ["a", "b"]


# Several ------------------------------------------------------------------------------------------


async def test_a_subscriber_that_fails_or_hangs_holds_no_other_up(store: Store, steps: Steps):
    for n in range(10):
        await steps.tell("a", who=f"p{n}")
    heard: list[str] = []
    stop = asyncio.Event()

    async def good(event: Event) -> None:
        heard.append(event.player)
        if len(heard) == 10:
            stop.set()

    async def hanging(_event: Event) -> None:
        await asyncio.Event().wait()

    async def failing(_event: Event) -> None:
        raise ValueError

    subscribers = (
        Subscriber("hanging", hanging, limit=0.2, from_the_beginning=True),
        Subscriber("failing", failing, from_the_beginning=True),
        Subscriber("good", good, from_the_beginning=True),
    )
    bus = Bus(store.events, subscribers, "me", lambda: 1_000, lambda: 1.0)
    async with asyncio.timeout(20):
        await bus.run(stop)
    assert len(heard) == 10
    assert await store.events.lag("good") == 0


async def test_steps_are_made_and_others_told_of_them_while_a_subscriber_hangs(
    store: Store, steps: Steps
):
    """It is not cut off meanwhile: for as long as it hangs, nobody waits for it."""
    hangs, heard, stop = asyncio.Event(), asyncio.Queue[str](), asyncio.Event()

    async def hanging(_event: Event) -> None:
        hangs.set()
        await asyncio.Event().wait()

    async def good(event: Event) -> None:
        heard.put_nowait(event.player)

    subscribers = (
        Subscriber("hanging", hanging, limit=3_600.0, from_the_beginning=True),
        Subscriber("good", good, from_the_beginning=True),
    )
    bus = Bus(store.events, subscribers, "me", lambda: 1_000, lambda: 1.0)
    async with asyncio.timeout(20):
        running = asyncio.create_task(bus.run(stop))
        await steps.tell("a", who="p0")
        bus.wake()
        await hangs.wait()
        for n in range(1, 20):
            assert (await steps.make(who=f"p{n}", events=(NewEvent("a"),))).record.sequence == 1
            bus.wake()
        told = [await heard.get() for _ in range(20)]
    assert told == [f"test/p{n}" for n in range(20)]
    assert await store.events.lag("hanging") == 20, "of what it was given it has handled nothing"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_two_workers_tell_a_subscriber_once_and_one_takes_over_from_the_other(
    ear: Listener, steps: Steps
):
    one, two = ear.feed("one"), ear.feed("two")
    await one.turn()
    assert await two.turn() == two.manner.stand_by
    await steps.tell("a")
    await asyncio.gather(one.turn(), two.turn())
    assert ear.names == ["a"]
    ear.now += one.manner.lease
    await steps.tell("b")
    await two.turn()
    await one.turn()
    assert ear.names == ["a", "b"]


async def test_no_other_worker_takes_over_while_a_slow_subscriber_is_told(
    store: Store, steps: Steps
):
    class Slow(Listener):
        async def handle(self, event: Event) -> None:
            self.now += 90
            assert await two.turn() == two.manner.stand_by
            await super().handle(event)

    ear = Slow(store)
    one, two = ear.feed("one", limit=100.0), ear.feed("two", limit=100.0)
    for who in "abcdefgh":
        await steps.tell(who, who=who)
    for _ in range(8):
        await one.turn()
    assert ear.names == list("abcdefgh")


@pytest.mark.parametrize("set_back", [0, 3_600])
async def test_a_worker_whose_lease_another_took_over_tells_nothing_whatever_its_clock_says(
    ear: Listener, steps: Steps, set_back: int
):
    one, two = ear.feed("one"), ear.feed("two")
    await one.turn()
    ear.now += one.manner.lease
    await two.turn()
    await steps.tell("a")
    ear.now -= set_back
    assert await one.turn() == one.manner.stand_by
    assert ear.names == []


async def test_who_feeds_again_holds_back_what_another_noted_meanwhile(ear: Listener, steps: Steps):
    one, two = ear.feed("one"), ear.feed("two")
    one.manner = replace(one.manner, review=600)
    await one.turn()
    ear.now += one.manner.lease
    ear.trouble = bad("a")
    await steps.tell("a")
    await two.turn()
    await ear.store.events.let_go("fan", "two")
    await steps.tell("b")
    await one.turn()
    assert ear.names == [], "`a` is not due yet, and `b` comes after it"


async def test_a_stop_waits_for_what_is_being_told_and_for_nothing_behind_it(
    store: Store, steps: Steps
):
    stop = asyncio.Event()

    class Stopping(Listener):
        async def handle(self, event: Event) -> None:
            await super().handle(event)
            stop.set()
            for _ in range(9):
                await asyncio.sleep(0)

    ear = Stopping(store)
    await steps.tell("a", "b", "c")
    await ear.feed("one").run(stop)
    assert ear.names == ["a"]
    await run_until(ear.feed("two"), ear, ear.now + 10)
    assert ear.names == ["a", "b", "c"]


async def test_a_worker_that_stops_lets_another_go_on_at_once(ear: Listener, steps: Steps):
    stop = asyncio.Event()
    stop.set()
    one, two = ear.feed("one"), ear.feed("two")
    await one.turn()
    await one.run(stop)
    await steps.tell("a")
    await two.turn()
    assert ear.names == ["a"]


async def test_order_is_kept_for_each_player_with_many_hands_and_bad_luck(
    ear: Listener, steps: Steps
):
    for n in range(6):
        for who in range(8):
            await steps.tell(f"e{n}", who=f"p{who}")
    luck = iter(range(10_000))

    def trouble(_event: Event) -> None:
        if next(luck) * 7_919 % 5 == 0:
            raise ConnectionError

    ear.trouble = trouble
    feed = ear.feed(hands=4)
    feed.manner = Manner(batch=13, backoff=Backoff(attempts=50))
    await run_until(feed, ear, 1_400)
    for who in range(8):
        assert ear.of(f"p{who}") == [f"e{n}" for n in range(6)]


# Parked -------------------------------------------------------------------------------------------


async def test_what_was_parked_can_be_tried_again(ear: Listener, steps: Steps):
    await steps.tell("a", "b")
    ear.trouble = bad("a")
    feed = ear.feed()
    await run_until(feed, ear, 1_300)
    assert ear.names == ["b"]
    ear.trouble = none
    assert await replay(ear.store.events, "fan", ear.now) == 1
    await run_until(feed, ear, ear.now + 20)
    assert ear.names == ["b", "a"]
    assert await ear.store.events.parked("fan", 9) == ()


async def test_only_some_of_what_was_parked_can_be_tried_again(ear: Listener, steps: Steps):
    await steps.tell("a", "b")
    ear.trouble = bad("a", "b")
    await run_until(ear.feed(), ear, 1_700)
    parked = await ear.store.events.parked("fan", 9)
    assert len(parked) == 2
    only = frozenset({parked[1].event.position})
    assert await replay(ear.store.events, "fan", ear.now, only) == 1
    assert [one.event.event.name for one in await ear.store.events.parked("fan", 9)] == ["a"]
