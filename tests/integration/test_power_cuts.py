"""Whatever a power cut leaves of what was not synced, each acknowledged step is there and none is there by halves.

`DIANA_POWER_CUTS` says how many images of the disk are looked at; `make faults` says five thousand.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from diana_engine.database.sqlite import writer
from simulation.disk import images, recorded
from simulation.powercut import found_wrong, served

IMAGES = int(os.environ.get("DIANA_POWER_CUTS", "150"))
AT_ONCE = 250
PLANTED = 60


@pytest.fixture(scope="module", autouse=True)
def _seen(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Only where SQLite's own functions can be reached is there anything to record."""
    try:
        with recorded(tmp_path_factory.mktemp("empty"), []):
            pass
    except (AttributeError, OSError) as error:
        pytest.skip(f"this Python keeps its SQLite to itself: {error}")


async def cut(folder: Path, wanted: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Serve players, cut the power at so many moments, and return how often it was, and what was wrong."""
    rng = Random(seed)
    recording = await served(folder, rng)
    kinds = Counter(one.kind for one in recording.happened)
    assert kinds["acknowledge"] > 100, "players hardly got anywhere"
    made, wrong = Counter[str](), []
    for image in images(recording, wanted, rng):
        with TemporaryDirectory(dir=folder) as place:
            found = await found_wrong(image, Path(place))
        made[image.cut] += 1
        wrong += [f"cut at {image.at}, {image.cut} kept: {one}" for one in found]
    return made, wrong


@pytest.mark.parametrize("first", range(0, IMAGES, AT_ONCE))
async def test_no_power_cut_loses_or_halves_an_acknowledged_step(first: int, tmp_path: Path):
    wanted = min(AT_ONCE, IMAGES - first)
    made, wrong = await cut(tmp_path, wanted, first)
    print(dict(made))
    assert wrong == []
    assert made.total() == wanted


@pytest.mark.parametrize("mode", ["NORMAL", "OFF"])
async def test_a_store_that_does_not_wait_for_the_disk_is_seen_to_lose(
    mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    connect = writer.connect

    def hasty(*arguments: Any, **more: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **more)
        connection.execute(f"PRAGMA synchronous = {mode}")
        return connection

    monkeypatch.setattr(writer, "connect", hasty)
    _, wrong = await cut(tmp_path, PLANTED, 7)
    assert any("acknowledged and are lost" in one or "opened" in one for one in wrong)
