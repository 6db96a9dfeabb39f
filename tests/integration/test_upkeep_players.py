"""One player's rows through the command: shown, exported, and forgotten to the last byte."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from diana_cli.main import main
from sqlalchemy import func, insert, select, text, update

from diana_engine.database.connect import Database, open_database
from diana_engine.database.live_tables import step_log
from diana_engine.database.postgresql.steps import number_of
from diana_engine.database.stores import store_on
from diana_engine.database.tables import metadata, players
from diana_engine.database.upkeep.erasing import erase
from diana_engine.database.upkeep.players import known_of
from strategies.rows import OTHER, SECRET, SOMEBODY, contents, fill
from strategies.steps import Steps, play


def diana(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, [str(one) for one in arguments], prog_name="diana")


@pytest.fixture
def filled(tmp_path: Path) -> str:
    """The URL of a database with two players, who are in every table."""
    return _filled(str(tmp_path / "filled.db"))


def _filled(url: str) -> str:
    async def make() -> None:
        async with await open_database(url) as database:
            await fill(database)

    asyncio.run(make())
    return url


def _contents(url: str) -> dict[str, list[dict[str, object]]]:
    async def look() -> dict[str, list[dict[str, object]]]:
        async with await open_database(url, create=False) as database:
            return await contents(database)

    return asyncio.run(look())


def test_a_player_is_shown_with_where_they_stand_and_what_they_have(filled: str):
    result = diana("player", "show", SOMEBODY, "--database", filled)
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"{SOMEBODY}\n")
    for words in (
        "stands in     fragm 1, after 1 step,",
        f"nickname {SECRET}",
        "points",
        "timer",
        "messages      ready 1",
    ):
        assert words in result.output


def test_the_number_of_a_user_is_enough_where_one_player_has_it(filled: str):
    whole = diana("player", "show", SOMEBODY, "--database", filled)
    short = diana("player", "show", SOMEBODY.partition("/")[2], "--database", filled)
    assert short.output == whole.output


def test_a_player_who_is_not_there_is_named_and_nothing_happens(filled: str):
    before = _contents(filled)
    for action in (["show"], ["export"], ["forget", "--yes"]):
        result = diana("player", *action, "telegram:42/1", "--database", filled)
        assert result.exit_code == 1
        assert "knows no player `telegram:42/1`" in result.stderr
    assert _contents(filled) == before


def test_an_export_holds_every_row_of_the_player_and_none_of_another(filled: str):
    result = diana("player", "export", SOMEBODY, "--database", filled)
    told = json.loads(result.stdout)
    assert told["player"] == SOMEBODY
    assert set(told["tables"]) == {
        name for name, table in metadata.tables.items() if "player" in table.c or "chat" in table.c
    }
    assert OTHER not in result.stdout
    assert OTHER.partition("/")[2] not in result.stdout


def test_forgetting_asks_first_and_goes_on_only_where_somebody_agrees(filled: str):
    result = diana("player", "forget", SOMEBODY, "--database", filled)
    assert result.exit_code == 1
    assert "--yes" in result.stderr
    assert SOMEBODY in {row["player"] for row in _contents(filled)["players"]}


def test_a_forgotten_player_is_gone_from_every_table_and_the_others_are_as_before(fresh_url: str):
    filled = _filled(fresh_url)
    before = _contents(filled)
    result = diana("player", "forget", SOMEBODY, "--yes", "--database", filled)
    assert result.exit_code == 0, result.output
    after = _contents(filled)
    assert SOMEBODY not in str(after)
    assert SOMEBODY.partition("/")[2] not in str(after)
    for name, rows in after.items():
        if name not in ("audit_log", "subscribers"):
            assert rows == [
                row for row in before[name] if SOMEBODY not in str(row) and "70071" not in str(row)
            ]
    assert after["audit_log"][-1]["action"] == "player erased"


def test_no_byte_of_a_forgotten_player_is_left_while_another_program_has_the_file_open(
    tmp_path: Path,
):
    """Their words were written over and over before, and the log still held some of them."""
    file = tmp_path / "diana.db"

    async def live() -> None:
        async with await open_database(str(file)) as database:
            await fill(database, (SOMEBODY,))
            for number in range(50):
                await _say(database, f"{SECRET} {'x' * (37 * number)}")
            assert b"70071" in file.read_bytes() + file.with_name("diana.db-wal").read_bytes()
            result = await asyncio.to_thread(
                diana, "player", "forget", SOMEBODY, "--yes", "--database", file
            )
            assert result.exit_code == 0, result.output
            left = await asyncio.to_thread(_bytes_in, tmp_path)
            assert b"70071" not in left
            assert SECRET.encode() not in left

    asyncio.run(live())


async def test_a_player_is_forgotten_with_the_step_that_was_under_way(emptied_url: str):
    """A step that commits while its player is being erased would leave rows that are in the way of a new beginning."""
    ana = play("ana")
    async with (
        await open_database(emptied_url) as database,
        await open_database(emptied_url) as bot,
    ):
        steps = Steps(store_on(bot, lambda: 1_000))
        await steps.make()
        async with bot.transaction(writes=True) as step:
            await step.execute(
                select(func.pg_advisory_xact_lock(number_of(str(ana.player), ana.story)))
            )
            erasing = asyncio.create_task(erase(database, ana.player, 1_000, "ops"))
            while not erasing.done() and not await _waits(bot):  # noqa: ASYNC110 - the server has no bell
                await asyncio.sleep(0.01)
            await step.execute(
                insert(step_log).values(
                    player=str(ana.player), story=ana.story, sequence=2, digest="d", action="null", now=1, seed=1,
                    state_digest="d",
                )
            )  # fmt: skip
        await erasing
        assert (await known_of(database, ana.player)).tables == {}
        for sequence in (1, 2, 3):
            assert (await steps.make()).record.sequence == sequence


async def _waits(database: Database) -> bool:
    """Return whether anybody waits for the turn of a play."""
    query = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    async with database.transaction(writes=False) as connection:
        return bool(await connection.scalar(query))


def _bytes_in(folder: Path) -> bytes:
    return b"".join(one.read_bytes() for one in folder.iterdir())


async def _say(database: Database, words: str) -> None:
    async with database.transaction(writes=True) as connection:
        await connection.execute(update(players).values(state=json.dumps({"nickname": words})))
