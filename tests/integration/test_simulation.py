"""A whole Diana in virtual time comes right after every fault; and what would break it is seen.

`DIANA_SIMULATED_SEEDS` says how many runs; `make faults` makes more. One seed alone: `pytest -k 'seeds and 1240'`
with `DIANA_SIMULATED_SEEDS=1250`, or `simulated(1240)`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterator

import pytest

from simulation.hours import OutOfTimeError, VirtualLoop
from simulation.planted import PLANTED
from simulation.world import simulated

SEEDS = int(os.environ.get("DIANA_SIMULATED_SEEDS", "300"))
AT_ONCE = 25
PLANTED_SEEDS = range(200)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What goes wrong on purpose need not be told."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_all_comes_right_whatever_the_seeds_let_go_wrong(first: int):
    runs = [simulated(seed) for seed in range(first, min(first + AT_ONCE, SEEDS))]
    assert {run.seed: run.wrong for run in runs if run.wrong} == {}


def test_every_kind_of_fault_happens_and_players_get_somewhere():
    runs = [simulated(seed) for seed in range(AT_ONCE)]
    assert sum(run.steps for run in runs) > 5 * AT_ONCE
    assert sum(run.kills for run in runs) > 10
    assert sum(run.deliveries - run.updates for run in runs) > 50
    assert any(not any(vars_of(run.faults)) for run in runs), "some runs are without faults"
    assert sum(run.publications for run in runs) > AT_ONCE
    assert any(not run.publications for run in runs), "in some runs nobody publishes"


def vars_of(faults: object) -> list[float]:
    return [getattr(faults, name) for name in faults.__dataclass_fields__]  # type: ignore[attr-defined]


def test_a_seed_has_one_run():
    assert simulated(7) == simulated(7)


@pytest.mark.parametrize("bug", PLANTED)
def test_a_bug_that_is_planted_is_seen(bug: str, monkeypatch: pytest.MonkeyPatch):
    PLANTED[bug](monkeypatch)
    assert any(simulated(seed).wrong for seed in PLANTED_SEEDS), f"nobody sees that {bug}"


def test_virtual_time_passes_at_once_and_in_order():
    loop, seen = VirtualLoop(end=100_000), []

    async def wait(seconds: float) -> None:
        await asyncio.sleep(seconds)
        seen.append((seconds, loop.time()))

    async def all_of_them() -> None:
        await asyncio.gather(*map(wait, (0.3, 86_400, 0.1, 1e-9)))

    loop.run_until_complete(all_of_them())
    loop.close()
    assert seen == [(1e-9, 1e-6), (0.1, 0.1), (0.3, 0.3), (86_400, 86_400)]


def test_work_for_a_thread_is_done_in_virtual_time():
    loop = VirtualLoop(end=100)
    assert loop.run_until_complete(asyncio.to_thread(divmod, 7, 2)) == (3, 1)
    assert loop.time() > 0
    loop.close()


@pytest.mark.parametrize("forever", [asyncio.Event().wait, lambda: asyncio.sleep(101)])
def test_a_run_that_would_never_end_is_ended(forever: Callable[[], Awaitable[object]]):
    loop = VirtualLoop(end=100)
    waiting = loop.create_task(forever())  # type: ignore[arg-type]
    with pytest.raises(OutOfTimeError):
        loop.run_until_complete(waiting)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(waiting)
    loop.close()
