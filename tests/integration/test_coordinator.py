"""The one entry for every player's action, on real databases."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

import pytest

from diana_engine.database.connect import Database, open_database
from diana_engine.database.port import PlayerKey, PlayerRecord, PlayerStore, PlayKey, UpdateId
from diana_engine.database.stores import store_on
from diana_engine.database.stories.repository import SqlStories
from diana_engine.expressions.text import Plain
from diana_engine.program.model import Program
from diana_engine.runtime.coordinator import Begin, Coordinator, Intent, Look, Reply, Request, Tap
from diana_engine.runtime.versions.library import Library
from strategies.stories import COINS, KEY, cellar, endless

ANA, BEA = PlayerKey("test", "ana"), PlayerKey("test", "bea")


@dataclass
class House:
    """A runtime, put together as the bot would."""

    players: PlayerStore
    library: Library
    coordinator: Coordinator
    program: Program
    updates: Iterator[int]

    async def ask(self, intent: Intent, who: PlayerKey = ANA, update: int | None = None) -> Reply:
        """Send a request as one new delivery, or as the one given."""
        number = UpdateId(next(self.updates) if update is None else update)
        return await self.coordinator.handle(Request(who, intent, number))

    async def tap(self, reply: Reply, choice: int | None, who: PlayerKey = ANA) -> Reply:
        """Press a button of a reply."""
        return await self.ask(button(reply, choice), who)

    async def record(self, who: PlayerKey = ANA) -> PlayerRecord | None:
        return await self.players.find(PlayKey(who, self.program.story))


def button(reply: Reply, choice: int | None) -> Tap:
    return Tap(reply.story_token, reply.sequence, choice)


async def build(database: Database, program: Program, *, keep: int = 8) -> House:
    def clock() -> int:
        return 1_700_000_000

    library = Library(SqlStories(database, clock), keep=keep)
    await library.store(program)
    players = store_on(database, clock).players
    seeds = count(100)
    coordinator = Coordinator(players, library, program.story, clock, lambda: next(seeds))
    return House(players, library, coordinator, program, count(1))


@pytest.fixture
async def house(database: Database) -> House:
    return await build(database, cellar())


@pytest.fixture
async def rooms(database: Database) -> House:
    return await build(database, endless())


# Beginning ----------------------------------------------------------------------------------------


async def test_a_player_begins_at_the_start_with_a_seed_of_their_own(house: House):
    reply = await house.ask(Begin())
    assert (reply.outcome, reply.view.fragment, reply.sequence) == ("started", "house.hall", 1)
    assert (await house.ask(Begin(), BEA)).outcome == "started"
    assert {(await house.record(who)).state.seed for who in (ANA, BEA)} == {100, 101}


async def test_beginning_again_shows_the_present_scene_of_a_play_that_goes_on(house: House):
    moved = await house.tap(await house.ask(Begin()), 0)
    again = await house.ask(Begin())
    assert (again.outcome, again.view, again.sequence) == ("shown", moved.view, moved.sequence)


async def test_beginning_anew_starts_over_and_old_buttons_stay_old(house: House):
    first = await house.ask(Begin())
    await house.tap(first, 0)
    anew = await house.ask(Begin(anew=True))
    assert (anew.outcome, anew.sequence) == ("started", 3)
    assert (await house.record()).state.items == {}
    assert (await house.tap(first, 0)).outcome == "stale"


async def test_after_an_ending_beginning_starts_over(house: House):
    reply = await play_to_dawn(house)
    assert reply.view.ending == "dawn"
    assert (await house.ask(Begin())).outcome == "started"


async def play_to_dawn(house: House) -> Reply:
    reply = await house.ask(Begin())
    for choice in (0, 0, None):
        reply = await house.tap(reply, choice)
        assert reply.outcome == "moved"
    return reply


# Moving -------------------------------------------------------------------------------------------


async def test_a_whole_story_can_be_played(house: House):
    reply = await play_to_dawn(house)
    assert (reply.view.fragment, reply.sequence) == ("night.dawn", 4)
    assert (await house.record()).state.values[COINS] == 5


async def test_a_choice_replies_and_gives(house: House):
    reply = await house.tap(await house.ask(Begin()), 0)
    assert reply.view.said == (Plain("It is cold."),)
    assert (await house.record()).state.items == {KEY: 1}


async def test_looking_shows_the_scene_and_changes_nothing(house: House):
    started = await house.ask(Begin())
    before = await house.record()
    looked = await house.ask(Look())
    assert looked == replace(started, outcome="shown")
    assert await house.record() == before


async def test_players_do_not_touch_each_other(house: House):
    ana, bea = await house.ask(Begin()), await house.ask(Begin(), BEA)
    await house.tap(ana, 0)
    assert (await house.record(BEA)).sequence == 1
    assert (await house.tap(bea, 0, BEA)).outcome == "moved"


@pytest.mark.parametrize("intent", [Look(), Tap("", 1, 0), Tap("0" * 8, 1, None)])
async def test_who_never_began_is_told_so(house: House, intent: Intent):
    reply = await house.ask(intent)
    assert (reply.outcome, reply.view, reply.sequence) == ("unknown player", None, 0)
    assert await house.record() is None


# What must not move -------------------------------------------------------------------------------


async def test_an_old_button_changes_nothing_and_shows_the_present_scene(house: House):
    first = await house.ask(Begin())
    second = await house.tap(first, 0)
    before = await house.record()
    reply = await house.tap(first, 0)
    assert reply == replace(second, outcome="stale")
    assert await house.record() == before


async def test_a_button_of_another_story_changes_nothing(house: House, database: Database):
    other = await build(database, endless())
    foreign = await other.ask(Begin(), update=900)
    own = await house.ask(Begin(), update=901)
    assert foreign.sequence == own.sequence
    assert (await house.ask(button(foreign, 0), update=902)).outcome == "stale"


@pytest.mark.parametrize(
    ("choice", "why"),
    [(1, "requirement"), (2, "cost"), (9, "no such choice"), (-1, "no such choice"),
     (None, "nothing to continue")],
)  # fmt: skip
async def test_a_locked_or_forged_choice_is_refused_with_its_reason(house: House, choice, why):
    started = await house.ask(Begin())
    before = await house.record()
    reply = await house.tap(started, choice)
    assert (reply.outcome, reply.refusal.why, reply.view) == ("refused", why, started.view)
    assert await house.record() == before


async def test_a_delivery_that_is_repeated_steps_once(house: House):
    started = await house.ask(Begin())
    moved = await house.ask(button(started, 0), update=500)
    assert moved.outcome == "moved"
    again = await house.ask(button(started, 0), update=500)
    assert again == replace(moved, outcome="repeated")


async def test_a_repeated_start_does_not_start_twice(house: House):
    await house.ask(Begin(anew=True), update=500)
    again = await house.ask(Begin(anew=True), update=500)
    assert (again.outcome, again.sequence) == ("repeated", 1)


async def test_a_repetition_by_somebody_unknown_is_answered_too(house: House):
    for _ in range(2):
        assert (await house.ask(Look(), update=500)).outcome == "unknown player"
        assert (await house.ask(Tap("", 1, 0), update=501)).outcome == "unknown player"


async def test_sixteen_taps_at_once_on_one_button_are_one_step(rooms: House):
    started = await rooms.ask(Begin())
    replies = await asyncio.gather(*(rooms.tap(started, 0) for _ in range(16)))
    outcomes = sorted(reply.outcome for reply in replies)
    assert outcomes == ["moved"] + ["stale"] * 15
    record = await rooms.record()
    assert (record.sequence, record.state.values[COINS]) == (2, 1)
    assert {reply.sequence for reply in replies} == {2}


async def test_one_delivery_sixteen_times_at_once_is_one_step(rooms: House):
    started = await rooms.ask(Begin())
    tap = button(started, 0)
    replies = await asyncio.gather(*(rooms.ask(tap, update=77) for _ in range(16)))
    assert sorted(reply.outcome for reply in replies) == ["moved"] + ["repeated"] * 15
    assert (await rooms.record()).state.values[COINS] == 1


async def test_two_workers_on_one_database_step_once_together(fresh_url: str):
    async with await open_database(fresh_url) as one, await open_database(fresh_url) as two:
        workers = [await build(database, endless()) for database in (one, two)]
        begun = await asyncio.gather(*(worker.ask(Begin(), update=1) for worker in workers))
        assert sorted(reply.outcome for reply in begun) == ["repeated", "started"]
        for update in range(2, 22):
            tap = button(await workers[0].ask(Look()), 0)
            requests = [worker.ask(tap, update=update) for worker in workers for _ in range(3)]
            outcomes = sorted(reply.outcome for reply in await asyncio.gather(*requests))
            assert outcomes == ["moved"] + ["repeated"] * 5
        assert (await workers[1].record()).state.values[COINS] == 20


async def test_the_two_first_deliveries_of_a_player_may_come_to_two_workers(fresh_url: str):
    async with await open_database(fresh_url) as one, await open_database(fresh_url) as two:
        workers = [await build(database, endless()) for database in (one, two)]
        for number in range(10):
            who = PlayerKey("test", f"new-{number}")
            begun = await asyncio.gather(
                *(worker.ask(Begin(), who, update) for update, worker in enumerate(workers))
            )
            assert sorted(reply.outcome for reply in begun) == ["shown", "started"]
            assert begun[0].view == begun[1].view


# Versions -----------------------------------------------------------------------------------------


async def test_a_player_stays_on_the_version_they_began_with(house: House):
    started = await house.ask(Begin())
    await house.library.store(changed())
    moved = await house.tap(started, 0)
    assert (moved.outcome, moved.story_token) == ("moved", started.story_token)
    assert (await house.ask(Look())).view.title == "The hall"
    assert (await house.ask(Begin())).view.title == "The hall"


async def test_a_new_start_and_a_new_player_get_the_latest_version(house: House):
    started = await house.ask(Begin())
    await house.library.store(changed())
    assert (await house.ask(Begin(), BEA)).view.title == "The great hall"
    anew = await house.ask(Begin(anew=True))
    assert anew.view.title == "The great hall"
    assert anew.story_token != started.story_token
    assert (await house.tap(started, 0)).outcome == "stale"


async def test_a_version_that_left_the_memory_is_read_again(database: Database):
    house = await build(database, cellar(), keep=1)
    first = await house.ask(Begin())
    await house.library.store(changed())
    await house.ask(Begin(), BEA)
    moved = await house.tap(first, 0)
    assert (moved.outcome, moved.view.title) == ("moved", "The hall")
    assert (await house.record()).sequence == 2


def changed() -> Program:
    old = cellar("2.0.0")
    hall = replace(old.fragments["house.hall"], title="The great hall")
    return replace(old, fragments={**old.fragments, "house.hall": hall})


# For good -----------------------------------------------------------------------------------------


async def test_a_play_goes_on_after_a_restart(fresh_url: str):
    async with await open_database(fresh_url) as database:
        house = await build(database, cellar())
        moved = await house.tap(await house.ask(Begin()), 0)
    async with await open_database(fresh_url) as database:
        house = await build(database, cellar())
        assert await house.ask(Look()) == replace(moved, outcome="shown")
        assert (await house.ask(button(moved, 0), update=9)).outcome == "moved"


async def test_a_thousand_players_leave_nothing_in_memory(house: House):
    async def visit(number: int) -> None:
        reply = await house.coordinator.handle(Request(PlayerKey("test", str(number)), Look()))
        assert reply.outcome == "unknown player"

    most = 0
    async with asyncio.TaskGroup() as group:
        for start in range(0, 1_000, 100):
            tasks = [group.create_task(visit(number)) for number in range(start, start + 100)]
            await asyncio.sleep(0)
            most = max(most, house.coordinator.active)
            await asyncio.wait(tasks)
    assert most == 100
    assert house.coordinator.active == 0


async def test_an_action_that_fails_leaves_no_lock_and_no_record(house: House, monkeypatch):
    started = await house.ask(Begin())

    def broken(*_arguments):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("diana_engine.runtime.deciding.touches.tap", broken)
        with pytest.raises(ZeroDivisionError):
            await house.ask(button(started, 0), update=50)
    assert house.coordinator.active == 0
    assert (await house.ask(button(started, 0), update=50)).outcome == "moved"
