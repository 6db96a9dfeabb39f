"""A player's step in a database: whole or not at all, once, and there for good."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from diana_engine.database.connect import open_database
from diana_engine.database.memory import MemoryStore
from diana_engine.database.port import (
    Decision,
    Entry,
    LedgerError,
    PlayerKey,
    PlayerRecord,
    PlayKey,
    Save,
)
from diana_engine.database.ports.outbox import Message
from diana_engine.database.ports.store import Store
from diana_engine.database.ports.timers import SetTimer
from diana_engine.database.postgresql import batches
from diana_engine.database.sqlite import writer
from diana_engine.database.steps.settle import Found
from diana_engine.database.stores import store_on
from diana_engine.errors import DianaError
from diana_engine.play import step
from diana_engine.play.actions import Start
from diana_engine.play.state import Moment, PlayerState
from strategies.stories import cellar

DIGEST = "d" * 64
ANA = PlayKey(PlayerKey("test", "ana"), cellar().story)
BEA = PlayKey(PlayerKey("test", "bea"), cellar().story)


def state(seed: int) -> PlayerState:
    """Return a state that tells which decision saved it."""
    return step(cellar(), None, Start(seed), Moment()).state


def saving(seed: int, result: str = "moved"):
    return lambda _record: Decision(result, Save(DIGEST, state(seed)))


def adding(record: PlayerRecord | None) -> Decision:
    """Count in the seed, so that a lost update would show."""
    return Decision("moved", Save(DIGEST, state(record.state.seed + 1 if record else 1)))


def never(_record: PlayerRecord | None) -> Decision:
    raise AssertionError("nobody should be asked")


async def test_a_new_play_has_no_record_and_then_has_one(store: Store):
    seen = []

    def decide(record):
        seen.append(record)
        return saving(1, "started")(record)

    assert await store.players.find(ANA) is None
    stored = await store.players.step(ANA, None, decide)
    assert seen == [None]
    assert (stored.result, stored.repeated) == ("started", False)
    assert stored.record == await store.players.find(ANA)
    assert (stored.record.sequence, stored.record.digest, stored.record.state) == (
        1,
        DIGEST,
        state(1),
    )


async def test_each_change_counts_and_is_what_the_next_decision_sees(store: Store):
    for expected in range(1, 6):
        stored = await store.players.step(ANA, None, adding)
        assert (stored.record.sequence, stored.record.state.seed) == (expected, expected)


async def test_a_decision_without_a_state_changes_nothing(store: Store):
    before = (await store.players.step(ANA, None, adding)).record
    stored = await store.players.step(ANA, None, lambda _: Decision("stale"))
    assert (stored.result, stored.record) == ("stale", before)
    assert await store.players.find(ANA) == before
    assert (
        await store.players.step(BEA, None, lambda _: Decision("unknown player"))
    ).record is None


async def test_a_repeated_delivery_is_answered_from_what_was_recorded(store: Store):
    first = await store.players.step(ANA, 7, saving(1, "started"))
    again = await store.players.step(ANA, 7, never)
    assert (again.result, again.repeated, again.record) == ("started", True, first.record)


async def test_a_delivery_that_changed_nothing_is_recorded_too(store: Store):
    await store.players.step(ANA, 7, lambda _: Decision("stale"))
    again = await store.players.step(ANA, 7, never)
    assert (again.result, again.repeated, again.record) == ("stale", True, None)


async def test_deliveries_may_come_in_any_order(store: Store):
    for update in (9, 3, 5, 4):
        assert not (await store.players.step(ANA, update, adding)).repeated
    assert (await store.players.find(ANA)).sequence == 4


async def test_two_players_deliveries_may_have_the_same_number(store: Store):
    await store.players.step(ANA, 7, adding)
    assert not (await store.players.step(BEA, 7, adding)).repeated


async def test_one_player_s_stories_do_not_touch_each_other(store: Store):
    other = PlayKey(ANA.player, "endless")
    await store.players.step(ANA, None, saving(1))
    await store.players.step(other, None, saving(2))
    assert (await store.players.find(ANA)).state.seed == 1
    assert (await store.players.find(other)).state.seed == 2


async def test_an_exception_undoes_everything_and_comes_out_unchanged(
    store: Store,
):
    before = (await store.players.step(ANA, 1, adding)).record
    mistake = KeyError("a mistake")

    def failing(_record):
        raise mistake

    with pytest.raises(KeyError) as caught:
        await store.players.step(ANA, 2, failing)
    assert caught.value is mistake
    assert await store.players.find(ANA) == before
    assert not (await store.players.step(ANA, 2, adding)).repeated


async def test_sixteen_concurrent_steps_of_one_player_lose_nothing(store: Store):
    results = await asyncio.gather(*(store.players.step(ANA, n, adding) for n in range(16)))
    assert sorted(result.record.sequence for result in results) == list(range(1, 17))
    record = await store.players.find(ANA)
    assert (record.sequence, record.state.seed) == (16, 16)


async def test_one_delivery_sixteen_times_at_once_is_one_step(
    store: Store,
):
    results = await asyncio.gather(*(store.players.step(ANA, 7, adding) for _ in range(16)))
    assert sum(not result.repeated for result in results) == 1
    assert {result.record.sequence for result in results} == {1}
    assert len(await store.history.steps(ANA)) == 1


async def test_two_processes_stores_lose_nothing_either(fresh_url: str):
    async with await open_database(fresh_url) as one, await open_database(fresh_url) as two:
        stores = [store_on(database, lambda: 0).players for database in (one, two)]
        steps = [store.step(ANA, n, adding) for n in range(20) for store in stores]
        results = await asyncio.gather(*steps)
        assert sum(not result.repeated for result in results) == 20
        record = await stores[0].find(ANA)
        assert (record.sequence, record.state.seed) == (20, 20)


async def test_a_hundred_players_at_once_are_each_on_their_own(store: Store):
    plays = [PlayKey(PlayerKey("test", str(n)), ANA.story) for n in range(100)]
    await asyncio.gather(*(store.players.step(play, n, saving(n)) for n, play in enumerate(plays)))
    found = [await store.players.find(play) for play in plays]
    assert [record.state.seed for record in found] == list(range(100))


async def test_a_play_is_there_after_closing_and_opening(fresh_url: str):
    async with await open_database(fresh_url) as database:
        before = await store_on(database, lambda: 5).players.step(ANA, 7, adding)
    async with await open_database(fresh_url) as database:
        store = store_on(database, lambda: 6)
        assert await store.players.find(ANA) == before.record
        assert (await store.players.step(ANA, 7, never)).repeated


async def test_a_step_whose_caller_is_cancelled_happens_wholly_or_not_at_all(store: Store):
    for update in range(40):
        task = asyncio.create_task(store.players.step(ANA, update, adding))
        await asyncio.sleep(update / 10_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        # Whoever was cancelled does not know; handing the delivery in again makes sure.
        again = await store.players.step(ANA, update, adding)
        assert again.record.sequence == again.record.state.seed == update + 1


async def test_closing_lets_a_step_end_that_nobody_waits_for(fresh_url: str):
    database = await open_database(fresh_url)
    task = asyncio.create_task(store_on(database, lambda: 0).players.step(ANA, 7, adding))
    await asyncio.sleep(0)  # it has begun
    task.cancel()
    await database.close()
    async with await open_database(fresh_url) as database:
        assert (await store_on(database, lambda: 0).players.step(ANA, 7, never)).repeated


async def test_an_update_s_number_may_be_as_large_as_a_database_holds(store: Store):
    await store.players.step(ANA, 2**63 - 1, adding)
    assert (await store.players.step(ANA, 2**63 - 1, never)).repeated


async def test_what_a_player_typed_comes_back_as_it_was(store: Store):
    typed = "¡Añá! 'quoted' \"twice\" \\ \t \n \x00 \U0001f5dd {coins} %s :x"

    named = replace(state(1), values={**state(1).values, "name": typed})
    await store.players.step(ANA, None, lambda _: Decision("moved", Save(DIGEST, named)))
    assert (await store.players.find(ANA)).state == named


async def test_a_step_that_cannot_be_written_whole_leaves_nothing_and_the_others_of_its_batch_are_made(
    store: Store,
):
    def torn(record: PlayerRecord | None) -> Decision:
        messages = (Message("a", "well"), Message("a", "half a pair: \ud800"))
        timers = (SetTimer("wait", "wait", 2_000),)
        return replace(adding(record), messages=messages, timers=timers)

    others = [PlayKey(PlayerKey("test", f"other{n}"), cellar().story) for n in range(6)]
    plays = [*others[:3], ANA, *others[3:]]
    made = await asyncio.gather(
        *(store.players.step(play, 7, torn if play == ANA else adding) for play in plays),
        return_exceptions=True,
    )
    failed = made.pop(3)
    assert isinstance(failed, UnicodeEncodeError)
    assert [one.record.sequence for one in made] == [1] * 6
    assert await store.players.find(ANA) is None
    assert await store.timers.next_due() is None
    assert (await store.outbox.backlog("test")).messages == 0
    assert not (await store.players.step(ANA, 7, adding)).repeated


async def test_a_step_that_is_overtaken_is_never_saved_over(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    if isinstance(store, MemoryStore):
        pytest.skip("it has no lock that might not hold")
    await store.players.step(ANA, None, adding)
    await store.players.step(ANA, None, adding)
    look_up, look_up_later = writer.look_up, batches.look_up

    def old(found: Found) -> Found:
        """What a lock that did not hold would look like."""
        found.records = {
            name: replace(one, sequence=one.sequence - 1) for name, one in found.records.items()
        }
        return found

    async def later(*arguments) -> Found:
        return old(await look_up_later(*arguments))

    with monkeypatch.context() as patch:
        patch.setattr(writer, "look_up", lambda *arguments: old(look_up(*arguments)))
        patch.setattr(batches, "look_up", later)
        with pytest.raises(DianaError, match="changed by another program"):
            await store.players.step(ANA, 5, adding)
    assert (await store.players.find(ANA)).sequence == 2
    assert not (await store.players.step(ANA, 5, adding)).repeated


async def test_a_step_that_could_not_be_written_is_not_taken_for_the_one_that_another_program_wrote(
    fresh_url: str,
):
    def indebted(_record: PlayerRecord | None) -> Decision:
        return replace(saving(2)(_record), entries=(Entry("coins", -1, "debt"),))

    async with await open_database(fresh_url) as database:
        here, there = (store_on(database, lambda: 1_000) for _ in range(2))
        await here.players.step(ANA, None, saving(1))
        with pytest.raises(LedgerError):
            await here.players.step(ANA, None, indebted)
        await there.players.step(ANA, None, saving(7))
        assert (await here.players.step(ANA, None, adding)).record.state.seed == 8


async def test_a_play_that_another_program_erased_and_began_again_is_not_taken_for_the_old_one(
    fresh_url: str,
):
    async with await open_database(fresh_url) as database:
        here, there = store_on(database, lambda: 1_000), store_on(database, lambda: 2_000)
        await here.players.step(ANA, None, saving(1))
        assert (await here.players.find(ANA)).state.seed == 1
        async with database.transaction(writes=True) as connection:
            for table in ("players", "step_log"):
                await connection.execute(text(f"DELETE FROM {table}"))
        await there.players.step(ANA, None, saving(7))
        assert (await here.players.find(ANA)).state.seed == 7
        assert (await here.players.step(ANA, None, adding)).record.state.seed == 8


async def test_what_one_player_asks_for_at_once_is_made_in_the_order_in_which_it_was_asked(
    store: Store,
):
    made: list[int] = []

    def noting(n: int):
        return lambda record: made.append(n) or adding(record)

    crowd = [PlayKey(PlayerKey("test", f"p{n}"), cellar().story) for n in range(130)]
    await asyncio.gather(
        *(store.players.step(ANA, None, noting(n)) for n in range(3)),
        *(store.players.step(one, None, adding) for one in crowd),
        store.players.step(ANA, None, noting(3)),
    )
    assert made == [0, 1, 2, 3]
