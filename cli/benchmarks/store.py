"""`diana bench store`: steps written straight through the storage port, beside the same rows written by the bare driver.

Nothing is decided and nothing is shown: what is measured is the store alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import click

from diana_engine.database.connect import open_database
from diana_engine.database.port import (
    Decision,
    Entry,
    Message,
    PlayerKey,
    PlayerRecord,
    PlayerStore,
    PlayKey,
    Save,
    UpdateId,
)
from diana_engine.database.ports.events import NewEvent
from diana_engine.database.stores import store_on
from diana_engine.expressions.terms import FragmentId, VariableId
from diana_engine.play.state import PlayerState
from diana_engine.program.model import StoryId
from diana_engine.runtime.clock import system_clock

from .beside import measure_stores, store_options

__all__ = ["command"]

_STORY = StoryId("bench")
_COINS = VariableId("coins")
_ROOMS = tuple(FragmentId(f"main.room_{number}") for number in range(8))
_DIGEST = "0" * 64
_TEXT = {"text": "Here. " * 80, "choices": ["main.room_0.c0", "main.room_0.c1"]}


@click.command("store", short_help="Measure the stores of steps, beside the bare drivers.")
@store_options
def command(steps: int, players: int, database: str | None, form: str) -> int:
    """Write steps to SQLite and to PostgreSQL with every commit synced, and write their rows again without Diana.

    Processor time is that of this process, and of PostgreSQL's own where the server is on this machine.
    """
    return measure_stores(_prepared, steps=steps, players=players, database=database, form=form)


@asynccontextmanager
async def _prepared(
    url: str, many: int, rounds: int
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    async with await open_database(url) as database:
        store = store_on(database, system_clock)

        async def play(updates: range) -> None:
            await asyncio.gather(*(_play(store.players, who, updates) for who in range(many)))

        await play(range(1, 2))
        yield partial(play, range(2, rounds + 2))


async def _play(players: PlayerStore, who: int, updates: range) -> None:
    """Make a player's steps, one after another."""
    play = PlayKey(PlayerKey("bench", str(who)), _STORY)
    message = Message(str(who), _TEXT, "scene")
    for update in updates:
        stored = await players.step(
            play, UpdateId(update), lambda record: _decision(record, message)
        )
        assert not stored.repeated, "each number is given once"


def _decision(record: PlayerRecord | None, message: Message) -> Decision:
    """Return a step into the next room that brings a coin: an entry, four events, a message."""
    state = _begun() if record is None else _further(record.state)
    coins = state.values[_COINS]
    events = (
        NewEvent("user_interaction", {"action": "choose", "outcome": "done"}, "update:1"),
        NewEvent("narrative_decision", {"fragment": state.fragment, "choice": f"{state.fragment}.c0"}, "update:1"),
        NewEvent("points_awarded", {"points": "coins", "amount": 1, "balance": coins, "reason": "choice"}, "update:1"),
        NewEvent("narrative_progress", {"fragment": state.fragment, "visits": 1}, "update:1"),
    )  # fmt: skip
    entry = Entry("coins", 1, f"choice:{state.fragment}.c0")
    save = Save(_DIGEST, state, {"$": "Choose", "key": f"{state.fragment}.c0"}, 1)
    return Decision("moved", save, (entry,), events, (message,))


def _begun() -> PlayerState:
    lamps = {VariableId(f"lamp_{number}"): True for number in range(8)}
    return PlayerState(7, _ROOMS[0], values={_COINS: 1, **lamps}, visits=dict.fromkeys(_ROOMS, 1))


def _further(state: PlayerState) -> PlayerState:
    coins = state.values[_COINS]
    assert isinstance(coins, int)
    room = _ROOMS[state.entry % len(_ROOMS)]
    values = {**state.values, _COINS: coins + 1}
    visits = {**state.visits, room: state.visits[room] + 1}
    return replace(state, fragment=room, entry=state.entry + 1, values=values, visits=visits)
