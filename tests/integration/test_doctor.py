"""What does not agree in a database is found, told, and mended by a step that a play can go on from."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from diana_engine.database.connect import Database
from diana_engine.database.migrations.carry import carry
from diana_engine.database.port import Entry
from diana_engine.database.ports.store import Store
from diana_engine.database.stores import store_on
from diana_engine.database.stories.repository import SqlStories
from diana_engine.database.tables import SCHEMA_VERSION
from diana_engine.database.upkeep.examined import patients
from diana_engine.database.upkeep.files import FileHealth
from diana_engine.runtime.doctor.files import FREE, LOG, examined_file
from diana_engine.runtime.doctor.telling import DOCTOR, tell
from diana_engine.runtime.doctor.visit import Doctor, Examined
from diana_engine.runtime.versions.library import Library
from stage import Stage
from strategies.gardens import garden
from strategies.steps import Steps
from strategies.stories import cellar


@dataclass
class Ward:
    """A database in which Ana has planted her seed and waits, and Ben stands in the hall."""

    database: Database
    store: Store
    stage: Stage

    async def damage(self, *statements: str) -> None:
        """Do to the database what no Diana would."""
        async with self.database.transaction(writes=True) as connection:
            for statement in statements:
                await connection.execute(text(statement))

    async def visit(self, *, mend: bool = False) -> list[Examined]:
        """Look at everything, histories too."""
        doctor = Doctor(self.database, self.store.players, self.stage.clock, self.store.history)
        found = [one async for one in doctor.visit(mend=mend)]
        assert doctor.plays == 2
        return found


@pytest.fixture
async def ward(database: Database) -> Ward:
    stage = Stage(lambda clock: store_on(database, clock), garden())
    stage.library = Library(SqlStories(database, stage.clock))
    await stage.open()
    await stage.library.store(cellar())  # has chapters, choices and links to be listed
    await stage.tap(await stage.begin("ana"), 0, "ana")
    await stage.tap(await stage.begin("ben"), 1, "ben")
    return Ward(database, stage.store, stage)


async def test_what_a_runtime_stored_agrees(ward: Ward):
    assert await ward.visit() == []


# Each with the check that finds it. In SQLite and PostgreSQL alike.
DAMAGE = {
    "a balance that is not the sum": ("ledger", "UPDATE balances SET amount = 77"),
    "a balance that is gone": ("ledger", "DELETE FROM balances"),
    "an entry that is gone": ("points", "DELETE FROM ledger WHERE reason = 'start'", "DELETE FROM balances"),
    "lists that have somebody elsewhere": ("place", "UPDATE players SET fragment = 'end'"),
    "a fragment that is not there": (
        "place",
        "UPDATE players SET state = replace(state, '\"main.hall\"', '\"main.cellar\"'), fragment = 'main.cellar'",
    ),
    "a version that is not stored": ("version", "UPDATE players SET digest = 'none'"),
    "a wait that nobody ends": ("timers", "DELETE FROM timers"),
    "VIP that has no entitlement": ("vip", "DELETE FROM entitlements"),
    "rows that are not the program's": ("content", "UPDATE fragments SET kind = 'info'"),
    "rows that are gone": ("content", "DELETE FROM links"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
async def test_damage_is_found_and_mended_and_players_go_on(ward: Ward, name: str):
    check, *statements = DAMAGE[name]
    await ward.damage(*statements)
    before = await ward.visit()
    assert check in {one.ailment.check for one in before}
    assert not any(one.mended for one in before)
    assert await ward.visit() == before, "who only looks changes nothing"
    mended = await ward.visit(mend=True)
    assert [one.ailment for one in mended if one.mended] == [
        one.ailment for one in before if one.ailment.remedy is not None
    ]
    assert await ward.visit() == []
    assert (await ward.stage.begin("ana")).view is not None
    moved = await ward.stage.tap(await ward.stage.begin("ben"), 1, "ben")
    assert moved.outcome == "moved"
    assert await ward.visit() == []


async def test_a_state_that_cannot_be_read_is_told_and_left(ward: Ward):
    await ward.damage("UPDATE players SET state = '{}' WHERE player = 'test/ana'")
    (found,) = await ward.visit(mend=True)
    assert (found.ailment.check, found.mended) == ("state", False)
    assert found.ailment.subject.startswith("test/ana in ")


async def test_a_program_that_is_damaged_is_told_and_so_are_its_players(ward: Ward):
    await ward.damage(
        "UPDATE story_versions SET digest = 'another'", "UPDATE players SET digest = 'another'"
    )
    found = await ward.visit()
    assert found[0].ailment.check == "version"


async def test_a_play_that_is_not_where_its_log_leads_is_told_with_the_step(ward: Ward):
    await ward.damage(
        "UPDATE step_log SET now = now + 1 WHERE player = 'test/ana' AND sequence = 2"
    )
    (found,) = await ward.visit()
    assert (found.ailment.check, found.ailment.grave) == ("history", "error")
    assert "from step 2 on: it leads to another state" in found.ailment.words


async def test_a_log_that_lacks_what_an_older_diana_did_not_note_is_only_a_warning(ward: Ward):
    await ward.damage("DELETE FROM step_log WHERE player = 'test/ana' AND sequence = 1")
    (found,) = await ward.visit()
    assert (found.ailment.check, found.ailment.grave) == ("history", "warning")
    await ward.damage(
        "UPDATE step_log SET action = 'null' WHERE player = 'test/ben' AND sequence = 2"
    )
    assert [one.ailment.grave for one in await ward.visit()] == ["warning", "warning"]


async def test_a_repair_stands_in_the_log_of_the_play_and_in_the_audit_log(ward: Ward):
    await ward.damage("DELETE FROM timers")
    await ward.visit(mend=True)
    play = ward.stage.play("ana")
    last = (await ward.store.history.steps(play))[-1]
    assert (last.action["type"], last.action["checks"]) == ("repair", ["timers"])
    assert await ward.visit() == [], "a history goes on from a repair"
    audited = await ward.store.history.audited()
    assert ("diana doctor", "play repaired", "test/ana") in {
        (one.note.actor, one.note.action, one.note.subject) for one in audited
    }


async def test_a_play_that_goes_on_meanwhile_is_not_overwritten(ward: Ward):
    await ward.damage("DELETE FROM timers")
    doctor = Doctor(ward.database, ward.store.players, ward.stage.clock)
    found = []
    async for one in doctor.visit(mend=True):
        found.append(one)
        if len(found) == 1:  # Ana was mended; Ben was read with her, and plays on before he is
            await ward.stage.tap(await ward.stage.begin("ben"), 1, "ben")
    assert [one.mended for one in found] == [True, False]
    assert [one.mended for one in await ward.visit(mend=True)] == [True]
    assert await ward.visit() == []


async def test_plays_are_seen_as_they_are_at_one_moment_while_they_go_on(database: Database):
    """Read table by table, a ledger would be a step ahead of its state, and the doctor would mend what is sound."""
    store = store_on(database, lambda: 1_000)
    steps, seen = Steps(store), 0

    async def play_on(who: str) -> None:
        while seen < 40:
            await steps.make(who=who, entries=(Entry("coins", 1, "x"),))

    async def look_on() -> None:
        nonlocal seen
        try:
            for seen in range(1, 41):  # noqa: B007 - the players look at it
                for one in await patients(database, None, 10):
                    assert one.posted == one.balances == {"coins": one.sequence}
        finally:
            seen = 40

    await asyncio.gather(*(play_on(who) for who in "abcd"), look_on())


async def test_those_who_listen_are_told_of_a_visit(ward: Ward):
    await ward.damage("UPDATE balances SET amount = 78")
    found = await ward.visit(mend=True)
    await tell(ward.store.players, 2, found)
    await ward.store.events.subscribe("listener", 0)
    events = await ward.store.events.read(0, 500)
    told = [one for one in events if one.event.name == "consistency_check"]
    assert [(one.play, one.event.payload) for one in told] == [
        (DOCTOR, {"plays": 2, "problems": len(found), "mended": len(found)})
    ]
    assert found


async def test_what_waits_too_long_is_told_as_a_warning(ward: Ward):
    ward.stage.now += 3 * 86_400
    found = await ward.visit()
    assert {(one.ailment.check, one.ailment.grave) for one in found} == {("timers", "warning")}


def test_a_file_that_is_damaged_full_or_read_without_end_is_told():
    sound = FileHealth("", 0, 2 * FREE)
    assert not list(examined_file(sound, "here"))
    ill = FileHealth("row 7 missing from index", LOG + 1, FREE - 1)
    assert [one.grave for one in examined_file(ill, "here")] == ["error", "warning", "warning"]


async def test_a_database_that_was_carried_up_has_its_books_in_order(ward: Ward):
    """Plays that are older than the ledger begin it with what they have, and can spend that."""
    async with ward.database.transaction(writes=True) as connection:
        await connection.run_sync(lambda inner: carry(inner, SCHEMA_VERSION, 2))
        await connection.run_sync(lambda inner: carry(inner, 2, SCHEMA_VERSION))
    found = {(one.ailment.check, one.ailment.grave) for one in await ward.visit()}
    assert found == {("history", "warning")}, "they are older than the log of steps, too"
    reply = await ward.stage.begin("ben")
    moved = await ward.stage.tap(reply, 0, "ben")
    assert moved.outcome == "moved"
    found = {(one.ailment.check, one.ailment.grave) for one in await ward.visit()}
    assert found == {("history", "warning")}, "they are older than the log of steps, too"
