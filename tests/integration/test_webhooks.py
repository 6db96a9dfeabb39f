"""Events posted to a real server on this machine: signed, one by one per player, until they are taken."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from diana_engine.database.ports.store import Store
from diana_engine.runtime.bus.feed import Feed
from diana_engine.runtime.bus.listeners import listeners
from diana_engine.runtime.bus.signing import verified
from diana_engine.runtime.bus.subscribers import Subscriber
from diana_engine.runtime.events.catalogue import LevelUp, PointsAwarded, as_event
from strategies.steps import Steps

SECRET = "0123456789abcdef"


@dataclass
class Receiver:
    """A server that takes events, and answers what a test says."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    taken: list[tuple[dict, aiohttp.typedefs.LooseHeaders]] = field(default_factory=list)
    believed: list[bool] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        header = request.headers["Diana-Signature"]
        self.believed.append(verified(SECRET, header, body, 1_000))
        self.taken.append((json.loads(body), request.headers))
        status = self.statuses.pop(0) if self.statuses else 204
        return web.Response(status=status, headers={"Location": "/other"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/in", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    receiver.url = f"http://127.0.0.1:{port}/in"
    yield receiver
    await runner.cleanup()


def settings(receiver: Receiver, **more: str) -> dict[str, str]:
    return {
        "DIANA_EVENTS_CRM_URL": receiver.url,
        "DIANA_EVENTS_CRM_SECRET": SECRET,
        **{f"DIANA_EVENTS_CRM_{name}": value for name, value in more.items()},
    }


def feed(store: Store, subscriber: Subscriber, now: list[int]) -> Feed:
    return Feed(subscriber, store.events, "me", lambda: now[0], lambda: 1.0)


@pytest.fixture
def store_url() -> None:
    """These tests are about the wire, and one store will do."""


async def test_an_event_is_posted_signed_with_what_caused_it(
    receiver: Receiver, store: Store, steps: Steps
) -> None:
    now = [1_000]
    async with listeners(settings(receiver), lambda: now[0]) as (subscriber,):
        telling = feed(store, subscriber, now)
        await telling.turn()
        await steps.make(delivery=77, events=(as_event(LevelUp(3), "update:77"),))
        await telling.turn()
    [(body, headers)] = receiver.taken
    assert body == {
        "id": "test/ana:cellar:1:0",
        "name": "level_up",
        "payload": {"level": 3},
        "player": "test/ana",
        "story": "cellar",
        "sequence": 1,
        "position": 1,
        "at": 1_000,
        "correlation": "update:77",
    }
    assert receiver.believed == [True]
    assert headers["Diana-Event"] == "level_up"
    assert headers["Diana-Event-Id"] == body["id"]
    assert headers["Diana-Correlation-Id"] == "update:77"
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [500, 503, 429, 404, 410, 302])
async def test_whatever_answer_but_a_good_one_means_later(
    receiver: Receiver, store: Store, steps: Steps, status: int
) -> None:
    now = [1_000]
    receiver.statuses = [status]
    async with listeners(settings(receiver), lambda: now[0]) as (subscriber,):
        telling = feed(store, subscriber, now)
        await telling.turn()
        await steps.tell("level_up", "points_spent")
        await telling.turn()
        [waiting] = await store.events.due("webhook:crm", 2_000, 9)
        assert waiting.error == f"DianaError: The answer was {status}."
        now[0] += 1
        while await telling.turn() == 0:
            pass
    assert [body["name"] for body, _ in receiver.taken] == ["level_up", "level_up", "points_spent"]


async def test_where_nobody_listens_the_event_waits(
    receiver: Receiver, store: Store, steps: Steps
) -> None:
    now = [1_000]
    nobody = {**settings(receiver), "DIANA_EVENTS_CRM_URL": "http://127.0.0.1:9/"}
    async with listeners(nobody, lambda: now[0]) as (subscriber,):
        telling = feed(store, subscriber, now)
        await telling.turn()
        await steps.tell("level_up")
        await telling.turn()
        [waiting] = await store.events.due("webhook:crm", 2_000, 9)
        assert waiting.error.startswith("ClientConnectorError")


async def test_only_what_is_wanted_is_posted(
    receiver: Receiver, store: Store, steps: Steps
) -> None:
    now = [1_000]
    async with listeners(settings(receiver, ONLY="points_awarded"), lambda: now[0]) as (
        subscriber,
    ):
        telling = feed(store, subscriber, now)
        await telling.turn()
        award = PointsAwarded("coins", 1, 1, "start")
        await steps.make(events=(as_event(LevelUp(3)), as_event(award)))
        await telling.turn()
    assert [body["name"] for body, _ in receiver.taken] == ["points_awarded"]
    assert "Diana-Correlation-Id" not in receiver.taken[0][1]
