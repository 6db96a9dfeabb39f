"""What a worker tells those who run it: its figures, whether it lives, whether it is ready; and how it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from botapi.faults import Hold
from botapi.player import Player
from botstage import Stage, before_curtain, free_port, until
from diana_engine.adapters.telegram.door import Address
from diana_engine.errors import DianaError
from posting import get, post, start
from strategies.stories import cellar


@pytest.fixture
async def idle(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage on which no bot runs yet."""
    async with before_curtain(cellar(), tmp_path) as stage:
        yield stage


@pytest.fixture
async def url(idle: Stage) -> AsyncIterator[str]:
    """The address of a bot that polls, and tells about itself."""
    address = Address("127.0.0.1", free_port())
    async with idle.bot(listen=address):
        await until(lambda: bool(idle.api.calls_of("getUpdates")))
        yield f"http://127.0.0.1:{address.port}"


async def play_through(stage: Stage) -> Player:
    ana = await stage.begin(87_654_321)
    for label, words in (("Take the key", "It is cold."), ("Go down", "Barrels"), ("Continue", "Dawn.")):  # fmt: skip
        await ana.tap(label)
        await ana.wait_for_message(words)
    await stage.quiet()
    return ana


async def test_a_worker_lives_and_is_ready(url: str) -> None:
    assert await get(url, "/healthz") == (200, "ok\n")
    status, said = await get(url, "/readyz")
    assert (status, json.loads(said)) == (200, {"ready": True, "checks": {"store": "ok", "outbox": "ok"}})  # fmt: skip


async def test_the_figures_tell_of_a_play_and_of_nobody_in_particular(
    idle: Stage, url: str
) -> None:
    await play_through(idle)
    status, figures = await get(url, "/metrics")
    assert status == 200
    for line in (
        'diana_updates_total{result="handled"} 4.0',
        'diana_steps_total{result="started"} 1.0',
        'diana_steps_total{result="moved"} 3.0',
        'diana_sends_total{method="sendMessage",outcome="delivered"} 4.0',
        'diana_sends_total{method="editMessageText",outcome="delivered"} 3.0',
        "diana_plays_begun_total 1.0",
        "diana_plays_ended_total 1.0",
        "diana_update_seconds_count 4.0",
        "diana_parked_updates_total 0.0",
    ):
        assert line in figures.splitlines(), line
    assert "87654321" not in figures
    assert "Ana" not in figures


async def test_a_log_of_a_play_names_nobody_and_its_lines_belong_together(
    idle: Stage, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "diana_engine")
    ana = await play_through(idle)
    await ana.block()
    await idle.quiet()
    assert "was sent" in caplog.text
    assert "87654321" not in caplog.text
    assert "Ana" not in caplog.text


async def test_a_check_that_fails_or_hangs_makes_a_worker_unready(idle: Stage) -> None:
    async def fails() -> str | None:
        raise DianaError("The disk is full.")

    async def hangs() -> str | None:
        await asyncio.sleep(60)
        return None

    async def finds() -> str | None:
        return "it is late"

    idle.checks |= {"disk": fails, "lock": hangs, "clock": finds}
    async with idle.worker() as url:
        status, said = await get(url, "/readyz")
        assert status == 503
        assert json.loads(said)["checks"] == {
            "store": "ok",
            "outbox": "ok",
            "disk": "The disk is full.",
            "lock": "no answer within 1 s",
            "clock": "it is late",
        }
        assert (await get(url, "/healthz"))[0] == 200


async def test_a_message_that_is_due_for_long_makes_a_worker_unready(idle: Stage, url: str) -> None:
    idle.api.faults.plan("sendMessage", hold := Hold())
    idle.began -= 100_000  # the time as the sender sees it goes far ahead of the store's
    ana = Player(idle.api)
    await ana.say("/start")
    await hold.reached.wait()
    await ana.say("/help")
    await until(lambda: not idle.api.updates.pending)
    status, said = await get(url, "/readyz")
    assert status == 503
    assert json.loads(said)["checks"]["outbox"].startswith("a message is due for ")
    hold.release()


async def test_a_worker_that_stops_finishes_what_it_has_and_wants_nothing_more(
    idle: Stage,
) -> None:
    async with idle.worker() as url:
        idle.players.open.clear()
        taken = asyncio.create_task(post(url, start(1, 1)))
        await until(lambda: idle.coordinator.active == 1)
        idle.stops[-1].set()
        await until_ready_is(url, 503)
        _, said = await get(url, "/readyz")
        assert json.loads(said)["checks"]["worker"] == "stopping"
        assert await post(url, start(2, 2)) == 503
        idle.players.open.set()
        assert await taken == 200
    assert await idle.sequence(Player(idle.api, 1)) == 1
    assert await idle.sequence(Player(idle.api, 2)) == 0


async def until_ready_is(url: str, status: int) -> None:
    async with asyncio.timeout(5):
        while (await get(url, "/readyz"))[0] != status:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_an_address_that_is_taken_is_told(idle: Stage) -> None:
    async with idle.worker() as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(DianaError, match="Nothing can listen on"):
            async with idle.bot(listen=Address("127.0.0.1", port)) as running:
                await asyncio.wait([running])
