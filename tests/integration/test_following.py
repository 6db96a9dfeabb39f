"""Players follow to what is in force at their next touch, on real databases, and nobody is disturbed who need not be."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace
from itertools import count

import pytest

from diana_engine.database.connect import Database
from diana_engine.database.port import Message, PlayerKey, PlayerRecord, PlayKey, UpdateId
from diana_engine.database.ports.store import Store
from diana_engine.database.stores import store_on
from diana_engine.database.stories.publications import SqlPublications
from diana_engine.database.stories.repository import SqlStories
from diana_engine.expressions import terms
from diana_engine.expressions.terms import FragmentId, VariableId
from diana_engine.expressions.text import Plain, plain
from diana_engine.program import systems
from diana_engine.program.codec import digest
from diana_engine.program.model import Choices, Cost, Points, Program, Remind, Wait
from diana_engine.runtime.coordinator import (
    Begin,
    Coordinator,
    Intent,
    Look,
    Reply,
    Request,
    Say,
    Tap,
)
from diana_engine.runtime.scheduler.firing import Wakeup
from diana_engine.runtime.scheduler.scheduler import Scheduler
from diana_engine.runtime.upkeep.sweeping import Pace, Sweeper
from diana_engine.runtime.versions.guide import Guide
from diana_engine.runtime.versions.library import Library, story_token
from diana_engine.runtime.versions.publishing import Publisher, Wish
from strategies.builders import choice, ending, fragment, story, words

ANA, BEA = PlayerKey("test", "ana"), PlayerKey("test", "bea")
GOLD, COINS = VariableId("gold"), VariableId("coins")
HALL, YARD = FragmentId("main.hall"), FragmentId("main.yard")


def tale(version: str = "1", text: str = "The hall.", gold: VariableId = GOLD) -> Program:
    """Return a story of a hall and a yard between which one goes for ever, for a coin each time."""
    pay = (terms.AddTo(gold, terms.Constant(1)),)
    hall = fragment(
        "hall", Choices((choice("hall.go", "yard", effects=pay), choice("hall.end"))), text=text
    )
    yard = fragment("yard", Choices((choice("yard.back", "hall", effects=pay),)))
    return replace(story(hall, yard, ending(), variables={gold: Points(3)}), version=version)


def with_hall(program: Program, *choices) -> Program:
    hall = replace(program.fragments[HALL], exit=Choices(choices))
    return replace(program, fragments={**program.fragments, HALL: hall})


def grown(program: Program, **lines) -> Program:
    return replace(program, growth=systems.Growth(**lines))


@dataclass
class Worker:
    """One process that serves the story, with a clock of its own that it sets."""

    coordinator: Coordinator
    store: Store
    updates: count
    now: list[int]

    async def ask(self, intent: Intent, who: PlayerKey = ANA) -> Reply:
        return await self.coordinator.handle(Request(who, intent, UpdateId(next(self.updates))))

    async def tap(self, reply: Reply, number: int | None, who: PlayerKey = ANA) -> Reply:
        return await self.ask(Tap(reply.story_token, reply.sequence, number), who)

    async def record(self, who: PlayerKey = ANA) -> PlayerRecord:
        record = await self.store.players.find(PlayKey(who, tale().story))
        assert record is not None
        return record

    async def balances(self, who: PlayerKey = ANA) -> dict[str, int]:
        return await self.store.history.balances(PlayKey(who, tale().story))

    async def told(self) -> list[str]:
        return [one.event.name for one in await self.store.events.read(0, 1_000_000)]


class Stage:
    """A database with a story in force, its publisher, and workers."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.updates = count(1)
        self.now = [1_700_000_000]
        self.publisher = Publisher(
            SqlStories(database, self.clock), SqlPublications(database, self.clock), self.clock
        )

    def clock(self) -> int:
        return self.now[0]

    def worker(self) -> Worker:
        store = store_on(self.database, self.clock)
        library, seeds = Library(SqlStories(self.database, self.clock)), count(1)
        coordinator = Coordinator(
            store.players, library, tale().story, self.clock, lambda: next(seeds)
        )
        return Worker(coordinator, store, self.updates, self.now)

    async def publish(self, program: Program, **how) -> None:
        version = (await self.publisher.stories.add(program)).version
        await self.publisher.publish(Wish(version, "ana", **how))
        self.now[0] += 1


@pytest.fixture
async def stage(database: Database) -> Stage:
    stage = Stage(database)
    await stage.publish(tale())
    return stage


async def test_a_button_still_does_what_it_says_where_only_words_changed(stage: Stage):
    worker = stage.worker()
    hall = await worker.ask(Begin())
    await stage.publish(tale("2", text="Quite another hall."))
    yard = await worker.tap(hall, 0)
    assert (yard.outcome, yard.view.fragment, yard.sequence) == ("moved", YARD, 2)
    assert (await worker.record()).digest == digest(tale("2", text="Quite another hall."))
    assert await worker.balances() == {GOLD: 4}
    assert (await worker.told()).count("version_changed") == 1


async def test_looking_shows_the_new_words(stage: Stage):
    worker = stage.worker()
    await worker.ask(Begin())
    await stage.publish(tale("2", text="Another."))
    for intent in (Look(), Begin(), Say("hello")):
        reply = await worker.ask(intent)
        assert (reply.outcome, reply.view.text) == ("shown", (Plain("Another."),))
    assert (await worker.record()).sequence == 2  # carried over once


@pytest.mark.parametrize("unseen", [Look(shown=False), Tap(story_token(digest(tale())), 1)])
async def test_what_leaves_the_screen_as_it_is_makes_no_button_old(stage: Stage, unseen: Intent):
    worker = stage.worker()
    hall = await worker.ask(Begin())
    await stage.publish(tale("2", text="Quite another hall."))
    assert (await worker.ask(unseen)).outcome in ("shown", "refused")
    assert (await worker.record()).digest == digest(tale())
    assert (await worker.tap(hall, 0)).outcome == "moved"
    assert (await worker.record()).digest == digest(tale("2", text="Quite another hall."))


async def test_nothing_is_done_that_was_not_read(stage: Stage):
    worker = stage.worker()
    hall = await worker.ask(Begin())
    dear = choice("hall.go", "yard", cost=Cost(GOLD, 2))
    await stage.publish(with_hall(tale("2"), dear))
    reply = await worker.tap(hall, 0)
    assert (reply.outcome, reply.view.fragment) == ("stale", HALL)
    assert reply.view.choices[0].price.amount == 2
    assert await worker.balances() == {GOLD: 3}
    assert (await worker.tap(reply, 0)).outcome == "moved"
    assert await worker.balances() == {GOLD: 1}


async def test_whose_fragment_is_gone_goes_where_the_rule_says(stage: Stage):
    worker = stage.worker()
    yard = await worker.tap(await worker.ask(Begin()), 0)
    back = with_hall(tale("2"), choice("hall.go", "hall"), choice("hall.end"))
    back = replace(back, fragments={id: one for id, one in back.fragments.items() if id != YARD})
    await stage.publish(grown(back, removed={YARD: HALL}))
    reply = await worker.tap(yard, 0)
    assert (reply.outcome, reply.view.fragment) == ("stale", HALL)
    assert (await worker.record()).state.visits == {HALL: 2, YARD: 1}


async def test_the_same_delivery_again_changes_nothing_more(stage: Stage):
    worker = stage.worker()
    hall = await worker.ask(Begin())
    await stage.publish(tale("2", text="Another."))
    request = Request(ANA, Tap(hall.story_token, hall.sequence, 0), UpdateId(900))
    first, again = [await worker.coordinator.handle(request) for _ in range(2)]
    assert (first.outcome, again.outcome) == ("moved", "repeated")
    assert await worker.balances() == {GOLD: 4}


async def test_points_under_another_name_are_booked_under_both(stage: Stage):
    worker = stage.worker()
    hall = await worker.ask(Begin())
    await stage.publish(grown(tale("2", gold=COINS), variables={GOLD: COINS}))
    await worker.tap(hall, 0)
    record = await worker.record()
    assert record.state.values == {COINS: 4}  # the same points, so the button is the same one
    assert {name: held for name, held in (await worker.balances()).items() if held} == {COINS: 4}


async def test_who_is_pinned_stays_until_beginning_anew(stage: Stage):
    worker = stage.worker()
    hall = await worker.ask(Begin())
    await stage.publish(tale("2", gold=COINS), policy="pin")
    yard = await worker.tap(hall, 0)
    assert (yard.outcome, (await worker.record()).digest) == ("moved", digest(tale()))
    await worker.ask(Begin(anew=True))
    record = await worker.record()
    assert (record.digest, record.state.values) == (digest(tale("2", gold=COINS)), {COINS: 3})
    assert {name: held for name, held in (await worker.balances()).items() if held} == {COINS: 3}


async def test_a_worker_that_has_not_noticed_carries_nobody_back(stage: Stage):
    slow, quick = stage.worker(), stage.worker()
    hall = await slow.ask(Begin())
    await stage.publish(tale("2", text="Another."))
    stage.now[0] -= 1  # to the slow worker it is still the second in which it asked
    assert (await quick.tap(hall, 0)).outcome == "moved"
    yard = await slow.ask(Look())
    assert yard.outcome == "shown"
    assert (await slow.tap(yard, 0)).outcome == "moved"
    assert (await slow.record()).digest == digest(tale("2", text="Another."))
    assert (await slow.told()).count("version_changed") == 1


async def test_taking_a_version_back_takes_players_back(stage: Stage):
    worker = stage.worker()
    await worker.ask(Begin())
    await stage.publish(grown(tale("2", gold=COINS), variables={GOLD: COINS}))
    await worker.ask(Look())
    before = await stage.publisher.before(tale().story)
    await stage.publisher.publish(Wish(before, "ana"))
    stage.now[0] += 1
    assert (await worker.ask(Look())).outcome == "shown"
    record = await worker.record()
    assert (record.digest, record.state.values) == (digest(tale()), {GOLD: 3})
    assert {name: held for name, held in (await worker.balances()).items() if held} == {GOLD: 3}


# Who does not come by ---------------------------------------------------------------------------------


@pytest.fixture
def sweeper(stage: Stage) -> Sweeper:
    worker = stage.worker()
    guide = Guide(Library(stage.publisher.stories), tale().story, stage.clock)
    return Sweeper(worker.coordinator, stage.publisher.publications, guide, Pace(0.001, 0.01))


async def test_who_stands_elsewhere_now_is_carried_over_without_a_touch(
    stage: Stage, sweeper: Sweeper
):
    worker = stage.worker()
    await worker.tap(await worker.ask(Begin()), 0)
    await worker.ask(Begin(), BEA)
    back = with_hall(tale("2"), choice("hall.go", "hall"), choice("hall.end"))
    back = replace(back, fragments={id: one for id, one in back.fragments.items() if id != YARD})
    await stage.publish(grown(back, removed={YARD: HALL}))
    assert await sweeper.sweep(asyncio.Event()) == 2
    for who in (ANA, BEA):
        assert (await worker.record(who)).state.fragment == HALL
        assert (await worker.record(who)).digest != digest(tale())
    assert await sweeper.sweep(asyncio.Event()) == 0


async def test_what_is_in_force_is_told_in_the_log_once(
    stage: Stage, sweeper: Sweeper, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO", "diana_engine.runtime.upkeep.sweeping")
    await stage.publish(tale("2"))
    for _ in range(3):
        await sweeper.sweep(asyncio.Event())
    assert [words for words in caplog.messages if words.endswith("is in force")] == [
        f"tale 2 ({digest(tale('2'))[:12]}) is in force"
    ]


async def test_whose_buttons_still_hold_is_left_to_their_next_touch(stage: Stage, sweeper: Sweeper):
    worker = stage.worker()
    hall = await worker.ask(Begin())
    await stage.publish(tale("2", text="Another."))
    assert await sweeper.sweep(asyncio.Event()) == 0
    assert (await worker.record()).sequence == 1
    assert (await worker.tap(hall, 0)).outcome == "moved"


async def test_who_is_to_stay_is_not_swept(stage: Stage, sweeper: Sweeper):
    worker = stage.worker()
    await worker.ask(Begin())
    await stage.publish(with_hall(tale("2"), choice("hall.other")), policy="pin")
    assert await sweeper.sweep(asyncio.Event()) == 0


async def test_a_sweeper_notices_publications_and_ends_when_it_is_told(
    stage: Stage, sweeper: Sweeper
):
    worker = stage.worker()
    await worker.ask(Begin())
    async with asyncio.timeout(30), sweeper.beside():
        await stage.publish(with_hall(tale("2"), choice("hall.other")))
        while (await worker.record()).digest == digest(tale()):  # noqa: ASYNC110 - only the row tells
            await asyncio.sleep(0.01)


# Under load -------------------------------------------------------------------------------------------


async def test_publishing_under_load_no_player_sees_an_error_and_none_is_lost(stage: Stage):
    """Forty players tap through two workers as fast as they are answered, while versions come and go."""
    workers = [stage.worker(), stage.worker()]
    players = [PlayerKey("test", f"p{number}") for number in range(40)]
    published = asyncio.Event()
    paid = dict.fromkeys(players, 0)

    async def play(who: PlayerKey, chance: random.Random) -> None:
        reply = await chance.choice(workers).ask(Begin(), who)
        while not published.is_set() or chance.random() > 0.05:
            assert reply.view is not None
            before, place = reply, reply.view.fragment
            reply = await chance.choice(workers).tap(reply, 0, who)
            assert reply.outcome in ("moved", "stale"), reply
            assert reply.view is not None
            assert reply.view.choices, reply
            if reply.outcome == "moved":
                paid[who] += 1
                assert reply.view.fragment != place
            else:
                assert reply.sequence > before.sequence  # it was carried over meanwhile

    async def publish() -> None:
        for number in range(2, 8):
            text = f"Hall number {number}."
            changed = tale(str(number), text=text, gold=COINS if number % 3 == 0 else GOLD)
            lines = (
                {"variables": {GOLD: COINS}} if number % 3 == 0 else {"variables": {COINS: GOLD}}
            )
            await stage.publish(grown(changed, **lines))
            await asyncio.sleep(0.05)
        before = await stage.publisher.before(tale().story)
        await stage.publisher.publish(Wish(before, "ana"))
        stage.now[0] += 1
        published.set()

    seeds = (random.Random(number) for number in range(len(players)))
    async with asyncio.timeout(120):
        await asyncio.gather(publish(), *map(play, players, seeds))
    active = await stage.publisher.publications.active(tale().story)
    for who in players:
        await workers[0].ask(Look(), who)
        record = await workers[0].record(who)
        assert record.digest == active.version.digest
        (held,) = record.state.values.values()
        assert held == 3 + paid[who]  # nothing was lost, and nothing was paid twice
        balances = {name: one for name, one in (await workers[0].balances(who)).items() if one}
        assert balances == {next(iter(record.state.values)): held}


async def test_other_words_under_load_are_never_noticed(stage: Stage):
    """While only words change, no button is ever an old one."""
    worker = stage.worker()
    players = [PlayerKey("test", f"p{number}") for number in range(20)]
    done = asyncio.Event()

    async def play(who: PlayerKey) -> None:
        reply = await worker.ask(Begin(), who)
        while not done.is_set():
            reply = await worker.tap(reply, 0, who)
            assert reply.outcome == "moved"

    async def publish() -> None:
        for number in range(2, 8):
            await stage.publish(tale(str(number), text=f"Hall number {number}."))
            await asyncio.sleep(0.05)
        done.set()

    async with asyncio.timeout(120):
        await asyncio.gather(publish(), *map(play, players))
    assert (await worker.told()).count("version_changed") > 0


# What wakes ------------------------------------------------------------------------------------------


def sown(version: str, text: str, remind: str) -> Program:
    """Return a story in which one waits a minute, and is reminded after another one."""
    go = choice("hall.go", "yard", wait=Wait(60), remind=Remind(60, words(remind)), say=words(text))
    hall = fragment("hall", Choices((go,)), text=text)
    yard = fragment("yard", Choices((choice("yard.back", "hall"),)))
    return replace(story(hall, yard, ending(), variables={GOLD: Points(3)}), version=version)


def heard(wakeup: Wakeup) -> tuple[Message, ...]:
    """Say a reminder, or what is said on the way of a choice."""
    assert wakeup.reply.view is not None
    said = wakeup.reminder or wakeup.reply.view.said
    return (Message("chat", plain(said)),)


async def woken(stage: Stage, worker: Worker) -> list[object]:
    """Let a minute pass and timers fire, and return what was said."""
    stage.now[0] += 60
    library = Library(SqlStories(stage.database, stage.clock))
    scheduler = Scheduler(worker.store, library, heard, "me", stage.clock, lambda: 1.0)
    await scheduler.turn()
    claims = await worker.store.outbox.claim("test", "me", stage.now[0], lease=9, limit=9)
    for one in claims:
        await worker.store.outbox.sent(one, None, stage.now[0])
    return [one.message.payload for one in claims]


async def test_who_is_woken_is_told_in_new_words_and_carried_over_by_their_next_touch(stage: Stage):
    old, new = sown("1", "A hall.", "Go."), sown("2", "A great hall.", "Do go.")
    await stage.publish(old)
    worker = stage.worker()
    waiting = await worker.tap(await worker.ask(Begin()), 0)
    before = await worker.record()
    await stage.publish(new)
    assert await woken(stage, worker) == ["A great hall."]
    assert await woken(stage, worker) == ["Do go."]
    assert await worker.record() == before
    after = await worker.tap(waiting, None)
    assert (after.outcome, after.view.fragment) == ("moved", YARD)
    assert (await worker.record()).digest == digest(new)


async def test_who_stays_with_their_version_is_woken_in_its_words(stage: Stage):
    old, new = sown("1", "A hall.", "Go."), sown("2", "A great hall.", "Do go.")
    await stage.publish(old)
    worker = stage.worker()
    await worker.tap(await worker.ask(Begin()), 0)
    await stage.publish(grown(new, policy="pin"))
    assert await woken(stage, worker) == ["A hall."]
    assert await woken(stage, worker) == ["Go."]
