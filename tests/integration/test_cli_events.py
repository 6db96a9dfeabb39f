"""`diana events`: who listens, what is parked, and having it told again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from diana_cli.main import main

from diana_engine.database.connect import open_database
from diana_engine.database.ports.store import Store
from diana_engine.database.stores import store_on
from diana_engine.runtime.bus.feed import Feed
from diana_engine.runtime.bus.subscribers import Event, Subscriber
from strategies.steps import Steps


@dataclass
class House:
    """A database with a subscriber that failed too often with two of three events."""

    url: str

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["events", *arguments, "--database", self.url])

    def within(self, work: Callable[[Store], Awaitable[None]]) -> None:
        async def opened() -> None:
            async with await open_database(self.url) as database:
                await work(store_on(database, lambda: 1_700_000_000))

        asyncio.run(opened())


async def fail_often(store: Store) -> None:
    async def handle(event: Event) -> None:
        if event.name == "level_up":
            raise ConnectionError("nobody is there")

    now = [1_700_000_000]
    fan = Subscriber("webhook:crm", handle, from_the_beginning=True)
    feed = Feed(fan, store.events, "worker:a", lambda: now[0], lambda: 1.0)
    await Steps(store).tell("level_up", "points_spent", "level_up")
    while now[0] < 1_700_000_500:
        now[0] += max(round(await feed.turn()), 0)
    await Steps(store).tell("story_started")


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(f"sqlite:///{tmp_path / 'diana.db'}")
    house.within(fail_often)
    return house


def test_subscribers_are_listed_with_what_lies_before_them(house: House) -> None:
    result = house.run("list")
    assert result.output == "webhook:crm: 1 event to be read, 2 parked, fed by nobody\n"
    assert result.exit_code == 0


def test_what_is_parked_is_listed_with_its_last_error(house: House) -> None:
    first, second = house.run("parked", "webhook:crm").output.splitlines()
    assert first == (
        "1  2023-11-14 22:13:20 UTC  level_up  test/ana:cellar:1:0  8 attempts: ConnectionError: nobody is there"
    )
    assert second.startswith("3  ")
    assert house.run("parked", "webhook:crm", "--limit", "1").output.splitlines() == [first]


def test_programs_are_told_the_same_as_json(house: House) -> None:
    (one,) = json.loads(house.run("list", "--format", "json").output)
    assert one == {
        "subscriber": "webhook:crm", "to_be_read": 1, "waiting": 0, "parked": 2, "fed_by": None,
    }  # fmt: skip
    first, second = json.loads(house.run("parked", "webhook:crm", "--format", "json").output)
    assert first == {
        "position": 1, "at": 1_700_000_000, "name": "level_up", "id": "test/ana:cellar:1:0", "attempts": 8,
        "error": "ConnectionError: nobody is there",
    }  # fmt: skip
    assert second["position"] == 3
    house.run("forget", "webhook:crm")
    assert json.loads(house.run("list", "--format", "json").output) == []


def test_what_is_parked_can_be_told_again_all_or_some(house: House) -> None:
    assert house.run("replay", "webhook:crm", "3").output == "1 event will be told again.\n"
    assert "1 player waiting, 1 parked" in house.run("list").output
    assert house.run("replay", "webhook:crm").output == "1 event will be told again.\n"
    assert house.run("replay", "webhook:crm").output == "0 events will be told again.\n"
    assert house.run("parked", "webhook:crm").output == "Nothing is parked for webhook:crm.\n"


def test_a_subscriber_can_be_forgotten(house: House) -> None:
    assert house.run("forget", "webhook:crm").output == "webhook:crm is forgotten.\n"
    assert house.run("list").output == "Nobody listens.\n"


@pytest.mark.parametrize("command", ["parked", "replay", "forget"])
def test_a_name_that_nobody_has_is_told_with_one_that_may_be_meant(
    house: House, command: str
) -> None:
    result = house.run(command, "webhook:crn")
    assert result.exit_code == 1
    assert "There is no subscriber `webhook:crn`. Did you mean `webhook:crm`?" in result.output
