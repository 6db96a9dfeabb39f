"""`diana bench webhook`: an update by webhook to its commit and its 200, beside the least that such a server takes."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from diana_engine.database.connect import open_database
from diana_engine.database.stories.repository import SqlStories
from diana_engine.runtime.clock import system_clock
from diana_engine.runtime.versions.library import Library, story_token

from ..options import figures_option
from ..output import write
from .overload import Overload, crowd, lost, overload
from .serving import Server, free_port, served
from .step import circle
from .tapping import SECRET, Connection, Tapper
from .telegram import TOKEN, telegram

__all__ = ["command"]

_MOST = 1.5
"""The target: an update may cost this many times what it costs the bare server."""
_LATER = 2.0
"""The target: with three times what a server can take, an update that is taken may take so many times as long."""
_WORDS = "The lamp is out, and it is cold here. " * 10


@dataclass(frozen=True, slots=True)
class Cost:
    """What a server took: µs of its processor time an update, updates a second, and milliseconds from request to answer."""

    cpu: float
    per_second: int
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What an update costs Diana's server, and one that only writes the same rows; `sending` says whether she sent meanwhile."""

    database: str
    updates: int
    players: int
    sending: bool
    diana: Cost
    bare: Cost

    @property
    def ratio(self) -> float:
        """How many times the bare server's processor time Diana takes."""
        return round(self.diana.cpu / self.bare.cpu, 2)


@click.command("webhook", short_help="Measure an update by webhook, beside a bare server.")
@click.option("--updates", type=click.IntRange(min=1), default=20_000, show_default=True)
@click.option(
    "--players",
    type=click.IntRange(1, 1000),
    default=64,
    show_default=True,
    help="At once, each with a connection that is kept.",
)
@click.option(
    "--sending",
    is_flag=True,
    help="Let the bot send its messages meanwhile; otherwise Telegram tells it to wait.",
)
@click.option(
    "--overload",
    "seconds",
    metavar="SECONDS",
    type=click.FloatRange(0.1, 60),
    help="Instead, offer three times what the bot can take for so many seconds, and look for what is lost.",
)
@figures_option
def command(updates: int, players: int, sending: bool, seconds: float | None, form: str) -> int:
    """Post updates to a `diana bot --webhook` of its own, each answered after its synced commit, and to a bare server."""
    with TemporaryDirectory() as folder:
        if seconds is not None:
            return _tell(asyncio.run(_overloaded(Path(folder), seconds)), form)
        measured = asyncio.run(_measure(Path(folder), updates, players, sending))
    if form == "json":
        write(json.dumps({"format": 1, **asdict(measured), "ratio": measured.ratio}) + "\n")
        return 0
    over = "" if measured.ratio <= _MOST else "  over"
    meanwhile = "sending meanwhile" if sending else "sending rests"
    write(
        f"{measured.updates:,} updates of {measured.players} players at once, SQLite, each commit synced, {meanwhile}\n"
        f"{_line('Diana', measured.diana)}\n{_line('bare', measured.bare)}\n"
        f"ratio  {measured.ratio:6.2f}  target <= {_MOST:.1f}{over}\n"
    )
    return 0


def _tell(found: Overload, form: str) -> int:
    if form == "json":
        write(json.dumps({"format": 1, **found.as_json()}) + "\n")
        return 1 if found.lost else 0
    over = "" if found.ratio <= _LATER else "  over"
    write(
        f"capacity  {found.capacity:7,}/s  P99 {found.p99:.1f} ms\n"
        f"offered   {found.offered:7,}/s  P99 {found.p99_offered:.1f} ms of the {found.taken:,}/s that were taken\n"
        f"ratio     {found.ratio:7.2f}    target <= {_LATER:.1f}{over}\n"
        f"put off   {found.shed:7,} times\n"
        f"lost      {found.lost:7,} of {found.updates:,}\n"
    )
    return 1 if found.lost else 0


def _line(who: str, cost: Cost) -> str:
    return (
        f"{who:<5}  {cost.cpu:6.1f} µs CPU an update  {cost.per_second:7,}/s  "
        f"P50 {cost.p50:.1f}  P95 {cost.p95:.1f}  P99 {cost.p99:.1f} ms"
    )


async def _measure(folder: Path, updates: int, players: int, sending: bool) -> Measured:
    rounds = max(1, updates // players)
    made, story = folder / "diana.db", await _stored(folder / "diana.db")
    port = free_port()
    async with telegram(takes=sending) as api, _diana(made, port, api.url) as server:
        ours = await _posted(server, port, story, (players, rounds))
    port = free_port()
    floor = ("diana_cli.benchmarks.floor", str(port), str(made), str(folder / "bare.db"))
    async with served(floor) as server:
        bare = await _posted(server, port, story, (players, rounds))
    return Measured("sqlite", players * rounds, players, sending, ours, bare)


async def _overloaded(folder: Path, seconds: float) -> Overload:
    made, story = folder / "diana.db", await _stored(folder / "diana.db")
    port = free_port()
    async with telegram(takes=False) as api, _diana(made, port, api.url):
        tappers = await crowd(port, story)
        found = await overload(tappers, seconds)
        for tapper in tappers:
            await tapper.connection.close()
    return replace(found, lost=lost(made, found.updates))


async def _stored(file: Path) -> str:
    """Store a story; return what its buttons carry."""
    async with await open_database(str(file)) as database:
        added = await Library(SqlStories(database, system_clock)).store(circle(_WORDS))
    return story_token(added.version.digest)


def _diana(file: Path, port: int, api: str) -> AbstractAsyncContextManager[Server]:
    """Give a `diana bot --webhook`."""
    options = (
        "--database", f"sqlite:///{file}", "--webhook", f"http://127.0.0.1:{port}/hook",
        "--listen", f"127.0.0.1:{port}", "--api-server", api, "--log-level", "error",
    )  # fmt: skip
    secrets = {"DIANA_BOT_TOKEN": TOKEN, "DIANA_WEBHOOK_SECRET": SECRET}
    return served(("diana_cli", "bot", *options), secrets)


async def _posted(server: Server, port: int, story: str, size: tuple[int, int]) -> Cost:
    players, rounds = size
    tappers = [Tapper(player, story, await Connection.to(port)) for player in range(1, players + 1)]
    await asyncio.gather(*(tapper.begin() for tapper in tappers))
    start, before = time.perf_counter(), server.spent()
    await asyncio.gather(*(tapper.play(rounds) for tapper in tappers))
    spent, took = server.spent() - before, time.perf_counter() - start
    for tapper in tappers:
        await tapper.connection.close()
    return _cost(spent, took, [each for tapper in tappers for each in tapper.took])


def _cost(spent: float, took: float, answers: Sequence[float]) -> Cost:
    made = len(answers)
    cuts = statistics.quantiles(answers, n=100) if made > 1 else [*answers] * 99
    p50, p95, p99 = (round(cuts[at - 1] * 1e3, 2) for at in (50, 95, 99))
    return Cost(round(spent / made * 1e6, 1), round(made / took), p50, p95, p99)
