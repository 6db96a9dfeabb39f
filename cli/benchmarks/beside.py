"""What steps cost Diana, beside the same rows written by the bare driver in the same run; on SQLite, and on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from ..options import figures_option
from ..output import write
from . import bare
from .postgresql import Server, driver_url, server_of, started

if TYPE_CHECKING:
    from diana_engine.database.address import Address

__all__ = ["Cost", "Measured", "Prepare", "measure_stores", "store_options"]

_MOST = 2.0
"""The target: a step may cost this many times what its rows cost the bare driver."""
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_MISSING = (
    "PostgreSQL: not installed (pip install 'diana-engine[bench]'), or name one: --database\n"
)
_ELSEWHERE = (
    "       (the server's processes cannot be seen from here: what it spends is not in this)\n"
)

Prepare = Callable[[str, int, int], AbstractAsyncContextManager[Callable[[], Awaitable[None]]]]
"""Opens the database of a URL for so many players with a step each, and gives what makes so many more steps of each."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of processor time a step, and steps a second by the clock on the wall.

    `cpu` is this process's time, and `server` that of the database's processes: `None` where there are none, or none can be seen.
    """

    cpu: float
    per_second: int
    server: float | None = None

    @property
    def all(self) -> float:
        """The time of all processes that are known."""
        return self.cpu + (self.server or 0)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a step costs Diana, and what the same rows cost without her."""

    database: str
    steps: int
    players: int
    diana: Cost
    bare: Cost

    @property
    def ratio(self) -> float:
        """How many times the bare driver's processor time Diana takes, the server's included where that is known."""
        return round(self.diana.all / self.bare.all, 2)

    def as_data(self) -> dict[str, object]:
        """Return this for programs."""
        client = round(self.diana.cpu / self.bare.cpu, 2)
        return {**asdict(self), "ratio": self.ratio, "client_ratio": client}

    def table(self) -> str:
        """Return this for people."""
        over = "" if self.ratio <= _MOST else "  over"
        unseen = self.database == "postgresql" and self.diana.server is None
        return (
            f"{self.steps:,} steps of {self.players} players at once, {_NAMES[self.database]}, each commit synced\n"
            f"{_line('Diana', self.diana)}{_line('bare', self.bare)}"
            f"ratio  {self.ratio:6.2f}  target <= {_MOST:.1f}{over}\n{_ELSEWHERE if unseen else ''}"
        )


def _line(who: str, cost: Cost) -> str:
    server = "" if cost.server is None else f"  and {cost.server:6.1f} of the server"
    return f"{who:<5}  {cost.cpu:6.1f} µs CPU a step{server}  {cost.per_second:7,}/s\n"


def store_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of `measure_stores` to a command."""
    for add in (
        figures_option,
        click.option(
            "--database",
            metavar="URL",
            help="An empty PostgreSQL; otherwise one is started where `diana-engine[bench]` is installed.",
        ),
        click.option(
            "--players", type=click.IntRange(min=1), default=64, show_default=True, help="At once."
        ),
        click.option("--steps", type=click.IntRange(min=1), default=20_000, show_default=True),
    ):
        command = add(command)
    return command


def measure_stores(
    prepare: Prepare, *, steps: int, players: int, database: str | None, form: str
) -> int:
    """Measure steps on SQLite, and on PostgreSQL where there is one; tell it, and return the exit code."""
    size = (players, max(1, steps // players))
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        measured = [asyncio.run(_measure(prepare, folder, str(folder / "diana.db"), size))]
        with started(folder, database) as url:
            if url is not None:
                measured.append(asyncio.run(_measure(prepare, folder, url, size)))
    if form == "json":
        stores = [one.as_data() for one in measured]
        write(json.dumps({"format": 1, "target": _MOST, "stores": stores}) + "\n")
        return 0
    told = [one.table() for one in measured]
    write("\n".join(told if len(told) > 1 else [*told, _MISSING]))
    return 0


async def _measure(prepare: Prepare, folder: Path, url: str, size: tuple[int, int]) -> Measured:
    from diana_engine.database.address import address_of
    from diana_engine.runtime.memory import serving

    players, rounds = size
    address = address_of(url)
    async with server_of(address) as server:
        async with prepare(url, players, rounds) as play:
            with serving():
                watch = await _Stopwatch.started(server)
                await play()
                diana = await watch.cost(players * rounds)
        again = await _bare(address, folder, players, server)
    return Measured(address.backend, players * (rounds + 1), players, diana, again)


async def _bare(address: Address, folder: Path, together: int, server: Server | None) -> Cost:
    """Write the steps that stand in a database again, `together` to a commit, and return what each cost.

    A SQLite file for them is made in the folder; in PostgreSQL they go into a schema of their own, which is removed.
    """
    if address.file is not None:
        made = bare.made_in(address.file)
        target = bare.prepared(folder / "bare.db", made)
        watch = await _Stopwatch.started(None)
        bare.write(target, made, together)
        cost = await watch.cost(len(made.steps))
        target.close()
        return cost
    from . import bare_postgresql

    async with bare_postgresql.opened(driver_url(address)) as (connection, made):
        watch = await _Stopwatch.started(server)
        await bare_postgresql.write(connection, made, together)
        return await watch.cost(len(made.steps))


class _Stopwatch:
    """Runs from when it is made, for this process and for the server `theirs` of which is known what it had spent."""

    def __init__(self, server: Server | None, theirs: float) -> None:
        self._server, self._theirs = server, theirs
        self._start, self._before = time.perf_counter(), time.process_time()

    @classmethod
    async def started(cls, server: Server | None) -> _Stopwatch:
        """Return one that runs."""
        return cls(server, 0.0 if server is None else await server.settled())

    async def cost(self, steps: int) -> Cost:
        """Return what each of so many steps cost since."""
        spent, took = time.process_time() - self._before, time.perf_counter() - self._start
        theirs = None if self._server is None else await self._server.settled() - self._theirs
        server = None if theirs is None else _each(theirs, steps)
        return Cost(_each(spent, steps), round(steps / took), server)


def _each(seconds: float, steps: int) -> float:
    return round(seconds / steps * 1e6, 1)
