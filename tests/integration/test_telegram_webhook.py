"""Updates by webhook: believed for their secret alone, answered after the commit, on any number of workers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from balancer import Balancer, balancer
from botapi.player import Player
from botapi.webhook import SECRET_HEADER
from botstage import CHANNEL, SECRET, Stage, before_curtain, until
from diana_engine.adapters.phrases import LANGUAGES
from diana_engine.adapters.telegram.receiving.webhook import BODY, DEPTH
from diana_engine.errors import DianaError
from diana_engine.runtime.coordinator import ROOM
from posting import post, start
from strategies.stories import cellar

EN = LANGUAGES["en"]
TAKE = "Take the key"


@pytest.fixture
async def idle(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage on which no bot runs yet."""
    async with before_curtain(cellar(), tmp_path) as stage:
        yield stage


@pytest.fixture
async def url(idle: Stage) -> AsyncIterator[str]:
    """The address of the one worker."""
    async with idle.worker() as url:
        yield url


@pytest.fixture
async def ana(idle: Stage, url: str) -> Player:
    """A player who stands in the first scene."""
    return await idle.begin()


async def test_a_story_is_played_by_webhook_and_taps_are_answered_on_the_way(
    idle: Stage, ana: Player
) -> None:
    for label, words in ((TAKE, "It is cold."), ("Go down", "Barrels"), ("Continue", "Dawn.")):
        tapped = await ana.tap(label)
        await ana.wait_for_message(words)
        assert (await ana.wait_for_answer(tapped)).text == ""
    locked = await ana.tap(EN.play_again)
    await ana.wait_for_answer(locked)
    await idle.quiet()
    assert idle.api.webhook is not None
    assert {one.status for one in idle.api.webhook.deliveries} == {200}
    assert await idle.sequence(ana) == 5


@pytest.mark.parametrize("secret", [None, "", "x", SECRET + "x", SECRET[:-1], "é"])
async def test_who_has_not_the_secret_is_not_believed(
    idle: Stage, url: str, secret: str | None
) -> None:
    assert await post(url, start(7, 1), secret) == 401
    player = Player(idle.api, 7)
    assert await idle.sequence(player) == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b" " * BODY + b"{}", 413),
        (b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1), 400),
        (b"[" * 100_000, 400),
        (b'{"update_id": 1, "x": ' + b'{"a":' * DEPTH + b"1" + b"}" * (DEPTH + 1), 400),
        (b"", 400), (b"{", 400), (b"\xff", 400), (b"[]", 400), (b'{"update_id": "1"}', 400),
        (b'{"update_id": 9223372036854775808}', 400),
        # These can be acknowledged, and must be: they will not get better.
        (b'{"update_id": 1, "callback_query": {"id": 7}}', 200),
        (b'{"update_id": 1, "message": {"chat": {"type": "private"}, "from": {}}}', 200),
        (b'{"update_id": 1, "message": {"chat": {"type": "private"}, "from": {"id": 9223372036854775808}}}', 200),
        (b'{"update_id": 1, "something_new": {"b": "[[[' + b"[" * DEPTH + b'"}}', 200),
    ],
)  # fmt: skip
async def test_a_body_that_is_no_update_is_refused_and_does_no_harm(
    idle: Stage, url: str, body: bytes, status: int
) -> None:
    assert await post(url, body) == status
    await idle.begin()


@pytest.mark.parametrize(
    ("version", "header", "stays"),
    [("1.1", "", True), ("1.1", "Connection: close", False), ("1.0", "", False)],
)
async def test_a_connection_is_kept_or_closed_as_was_asked(
    url: str, version: str, header: str, stays: bool
) -> None:
    port = int(url.rpartition(":")[2])
    body = json.dumps(start(7, 1)).encode()
    lines = (f"POST /hook HTTP/{version}", "Host: x", f"{SECRET_HEADER}: {SECRET}", header, f"Content-Length: {len(body)}")  # fmt: skip
    request = "\r\n".join((*filter(None, lines), "", "")).encode() + body
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2 if stays else 1):
        writer.write(request)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(f"HTTP/{version} 200 OK\r\n".encode())
        assert b"\r\nContent-Length: 0\r\n" in answer
        assert b"\r\nDate: " in answer
    if not stays:
        assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_other_methods_and_addresses_are_none(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        for method, path, status in (
            ("GET", "/hook", 405), ("PUT", "/hook", 405), ("GET", "/", 404), ("POST", "/", 404), ("POST", "/metrics", 404),
        ):  # fmt: skip
            async with session.request(method, url + path) as answer:
                assert (path, answer.status) == (path, status)


async def test_without_its_database_a_worker_says_later_and_the_update_comes_again(
    idle: Stage, ana: Player
) -> None:
    down = iter((DianaError("away"), DianaError("away")))
    idle.players.trouble = lambda _: next(down, None)
    await ana.tap(TAKE)
    await ana.wait_for_message(2)
    await idle.quiet()
    assert idle.api.webhook is not None
    assert [one.status for one in idle.api.webhook.deliveries] == [200, 503, 503, 200]
    assert await idle.sequence(ana) == 2


async def test_an_update_that_fails_each_time_is_parked_and_blocks_nobody(
    idle: Stage, ana: Player, caplog: pytest.LogCaptureFixture
) -> None:
    idle.players.trouble = lambda play: RuntimeError("!") if play.player.user == "13" else None
    bad = Player(idle.api, 13)
    await bad.say("/start")
    await ana.tap(TAKE)
    await ana.wait_for_message(2)
    await idle.quiet()
    assert "is skipped after 4 attempts" in caplog.text
    assert [one.given_up for one in await idle.store.history.parked(9)] == [True]
    idle.players.trouble = lambda _: None
    await bad.say("/start")
    await bad.wait_for_message(1)


async def test_who_is_back_is_answered_though_an_older_notice_of_their_absence_comes_again(
    idle: Stage, url: str, ana: Player
) -> None:
    def notice(update: int, status: str) -> dict[str, object]:
        change = {"chat": ana.user.as_chat(), "from": ana.user.as_json()}
        return {
            "update_id": update,
            "my_chat_member": {**change, "new_chat_member": {"status": status}},
        }

    gone, back = notice(900_000_001, "kicked"), notice(900_000_002, "member")
    for update in (gone, back, gone):
        assert await post(url, update) == 200
    await ana.tap(TAKE)
    await ana.wait_for_message(2)


async def test_more_than_a_worker_can_hold_is_refused_kindly_and_taken_later(idle: Stage) -> None:
    async with idle.worker(most=10) as url:
        idle.players.open.clear()
        posts = [asyncio.create_task(post(url, start(user, user))) for user in range(1, 14)]
        await until(lambda: sum(one.done() for one in posts) >= 3)
        assert {one.result() for one in posts if one.done()} == {503}
        idle.players.open.set()
        statuses = await asyncio.gather(*posts)
        assert (statuses.count(200), statuses.count(503)) == (10, 3)
        late = statuses.index(503) + 1
        assert await post(url, start(late, late)) == 200
    assert 'diana_shed_total{limit="worker"} 3.0' in idle.metrics.render().decode()


async def test_who_sends_more_at_once_than_waits_for_one_player_is_told_to_come_again(
    idle: Stage, url: str, ana: Player
) -> None:
    idle.players.open.clear()
    many = ROOM.each + 3
    posts = [
        asyncio.create_task(post(url, start(ana.user.id, 800_000_000 + number)))
        for number in range(many)
    ]
    await until(lambda: sum(one.done() for one in posts) >= 3)
    assert {one.result() for one in posts if one.done()} == {503}
    idle.players.open.set()
    statuses = await asyncio.gather(*posts)
    assert (statuses.count(200), statuses.count(503)) == (ROOM.each, 3)
    told = idle.metrics.render().decode()
    assert 'diana_shed_total{limit="player"} 3.0' in told
    assert 'diana_updates_total{result="shed"} 3.0' in told


async def test_the_same_update_five_times_at_once_on_two_workers_makes_one_step_and_one_scene(
    idle: Stage,
) -> None:
    async with balancer() as front, two_workers(idle, front):
        ana = await idle.begin()
        tapped = await ana.tap(TAKE)
        await ana.wait_for_message(2)
        assert tapped.update_id is not None
        again = {"update_id": tapped.update_id, "callback_query": tapped.query.as_json()}
        bea = start(2, 900_000_001)
        urls = [front.workers[number % 2] for number in range(5)]
        statuses = await asyncio.gather(
            *(post(one, update) for update in (again, bea) for one in urls)
        )
        assert set(statuses) == {200}
        await idle.quiet()
        assert await idle.sequence(ana) == 2
        assert len(ana.messages) == 2
        counts = await idle.store.outbox.counts(CHANNEL)
        assert counts.unknown_outcomes == 0


@asynccontextmanager
async def two_workers(stage: Stage, front: Balancer) -> AsyncIterator[None]:
    """Run two workers behind a balancer."""
    async with stage.worker("one", front.url) as one, stage.worker("two", front.url) as two:
        front.workers += [one, two]
        yield
