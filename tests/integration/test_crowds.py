"""A process that ever more players come to takes no more memory than it did once it was warm.

`DIANA_CROWD` says how many players come; `make faults` says a hundred thousand.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CROWD = int(os.environ.get("DIANA_CROWD", "7500"))
STEPS = 10
PROGRAM = Path(__file__).parents[1] / "simulation" / "crowd.py"
WARM = 5_000
"""Players after whom the caches are full: a store remembers 4,096 plays."""
ROOM = 3 * 2**20
"""Bytes by which the memory may grow from then on, however many come: some thirty for each of a hundred thousand."""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux tells its memory")
async def test_memory_stays_as_it_is_however_many_players_come(tmp_path: Path):
    each = CROWD // STEPS
    command = [
        sys.executable,
        str(PROGRAM),
        f"sqlite:///{tmp_path / 'diana.db'}",
        str(STEPS),
        str(each),
    ]
    ended = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    print(ended.stderr)
    taken = json.loads(ended.stdout)
    warm = taken[min(-(-WARM // each), STEPS - 1) - 1]
    assert taken[-1] - warm < ROOM, ended.stderr
