"""No acknowledged step is lost and none is done twice, however often and wherever the processes are killed.

`DIANA_KILLS` says how often on SQLite, and twice as often as on PostgreSQL; `make faults` says a thousand.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

KILLS = int(os.environ.get("DIANA_KILLS", "40"))
PROGRAM = Path(__file__).parents[1] / "simulation" / "killing.py"

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")


def killed(url: str, rounds: int, workers: int) -> dict[str, Any]:
    """Return what came of so many rounds."""
    command = [sys.executable, str(PROGRAM), url, str(rounds), str(workers), "7"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    report: dict[str, Any] = json.loads(ended.stdout)
    print(report)
    return report


async def test_one_process_on_sqlite_loses_nothing_when_it_is_killed(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'diana.db'}"
    report = await asyncio.to_thread(killed, url, KILLS, 1)
    assert report["wrong"] == []
    assert report["kills"] > KILLS / 2, "children were done before they could be killed"
    assert report["steps"] > report["acknowledged"] / 4, "players hardly got anywhere"
    assert len(report["points"]) == 4


async def test_two_processes_on_postgresql_lose_nothing_when_one_of_them_is_killed(
    postgresql_url: str,
):
    report = await asyncio.to_thread(killed, postgresql_url, KILLS // 2, 2)
    assert report["wrong"] == []
    assert report["kills"] > KILLS / 4, "children were done before they could be killed"
    assert len(report["points"]) == 4
