"""`diana bench step`: a player's durable step, beside the same rows written by the bare driver in the same run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import click

from diana_engine.database.connect import open_database
from diana_engine.database.port import Message, PlayerKey, UpdateId
from diana_engine.database.stores import store_on
from diana_engine.database.stories.repository import SqlStories
from diana_engine.program.model import Flag, Points, Program
from diana_engine.runtime.clock import system_clock, system_seed
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.requests import Begin, Intent, Reply, Request, Tap
from diana_engine.runtime.versions.library import Library

from .beside import measure_stores, store_options
from .building import Story, adds, least, sets

__all__ = ["circle", "command"]


@click.command("step", short_help="Measure a player's durable step, beside the bare driver.")
@store_options
def command(steps: int, players: int, database: str | None, form: str) -> int:
    """Make steps in new databases with every commit synced, and write their rows again without Diana.

    Processor time is that of this process, and of PostgreSQL's own where the server is on this machine.
    """
    return measure_stores(_prepared, steps=steps, players=players, database=database, form=form)


@asynccontextmanager
async def _prepared(
    url: str, many: int, rounds: int
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    async with await open_database(url) as database:
        library = Library(SqlStories(database, system_clock))
        program = circle()
        await library.store(program)
        store = store_on(database, system_clock)
        coordinator = Coordinator(store.players, library, program.story, system_clock, system_seed)
        players = [await _begun(coordinator, str(who)) for who in range(many)]

        async def play() -> None:
            await asyncio.gather(*(player.play(rounds) for player in players))

        yield play


@dataclass(slots=True)
class _Player:
    """Somebody who takes the first choice again and again."""

    coordinator: Coordinator
    name: str
    reply: Reply
    updates: int = 1

    async def play(self, rounds: int) -> None:
        """Make steps, one after another."""
        for _ in range(rounds):
            self.updates += 1
            button = Tap(self.reply.story_token, self.reply.sequence, 0)
            self.reply = await _ask(self.coordinator, self.name, button, self.updates)
            assert self.reply.outcome == "moved", self.reply


async def _begun(coordinator: Coordinator, name: str) -> _Player:
    return _Player(coordinator, name, await _ask(coordinator, name, Begin(), 1))


async def _ask(coordinator: Coordinator, name: str, intent: Intent, update: int) -> Reply:
    def say(reply: Reply) -> tuple[Message, ...]:
        choices = [] if reply.view is None else [str(choice.key) for choice in reply.view.choices]
        return (Message(name, {"text": "Here. " * 80, "choices": choices}, "scene"),)

    request = Request(PlayerKey("bench", name), intent, UpdateId(update), say)
    return await coordinator.handle(request)


def circle(text: str = "Here.") -> Program:
    """Return a circle of rooms in which each step brings points."""
    story = Story(text)
    story.variable("coins", Points(maximum=10**9))
    for number in range(8):
        story.variable(f"lamp_{number}", Flag())
        room = story.place(f"room_{number}", on_enter=(sets(f"lamp_{number}"),))
        ahead = f"room_{(number + 1) % 8}"
        story.choice(room, ahead, effects=(adds("coins", 1),))
        story.choice(room, ahead, least("coins", 10**6))
        story.choice(room, ahead, cost=("coins", 10**6))
    return story.program()
