"""`diana bench audit`: the limits that a Diana must keep, at the size they were set for and at ten times that.

Each figure is of single requests, one after another, on a database file with every commit synced: the 95th and the 99th
percentile in milliseconds, never the mean. A row passes if the 95th percentile is below its limit; A11 counts steps.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from ..options import figures_option
from ..output import write
from .audience import Audience, opened

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["command"]

_FRAGMENTS, _PLAYERS = 180, 1_000
_SAMPLES = 1_000
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A limit of the audit, and how it is kept: in milliseconds, but for A11, which counts steps a second."""

    id: str
    what: str
    limit: float
    p95: float
    p99: float
    passed: bool


@dataclass(frozen=True, slots=True)
class Size:
    """The rows at one size of the data."""

    fragments: int
    players: int
    rows: tuple[Row, ...]


Ask = Callable[[int], Awaitable[object]]
"""Makes the request of a number once."""


@click.command("audit", short_help="Hold the limits that a Diana must keep.")
@click.option(
    "--samples", type=click.IntRange(min=20), default=_SAMPLES, show_default=True, help="A row."
)
@click.option(
    "--times",
    type=click.IntRange(min=1),
    multiple=True,
    default=(1, 10),
    show_default=True,
    help=f"Sizes, as multiples of {_FRAGMENTS} fragments and {_PLAYERS:,} players.",
)
@click.option("--database", metavar="URL", help="An empty PostgreSQL; otherwise SQLite files.")
@figures_option
def command(samples: int, times: tuple[int, ...], database: str | None, form: str) -> int:
    """Measure deliveries, steps, queries and events at the audited size and at ten times it.

    The exit status is 1 if a limit is not kept.
    """
    with TemporaryDirectory() as folder:
        sizes = [
            asyncio.run(_measured(database or str(Path(folder) / f"{many}.db"), many, samples))
            for many in times
        ]
    if form == "json":
        write(json.dumps({"format": 1, "sizes": [asdict(size) for size in sizes]}) + "\n")
    else:
        write("".join(_told(size) for size in sizes))
    return 0 if all(row.passed for size in sizes for row in size.rows) else 1


def _told(size: Size) -> str:
    head = f"{size.fragments:,} fragments, {size.players:,} players\n"
    lines = (
        f"{row.id:<7} {row.what:<46} {row.p95:>10,.2f} {row.p99:>10,.2f} {row.limit:>9,.0f}  "
        f"{'pass' if row.passed else 'FAIL'}\n"
        for row in size.rows
    )
    return f"{head}{'':<55}{'P95':>10} {'P99':>10} {'limit':>8}\n{''.join(lines)}\n"


async def _measured(url: str, many: int, samples: int) -> Size:
    async with opened(url, _FRAGMENTS * many, _PLAYERS * many) as audience:
        rows = [
            _row(name, what, limit, [await _timed(ask, n) for n in range(samples)])
            for name, what, limit, ask in _asks(audience)
        ]
        rows += [await _together(audience, samples), await _overhead(audience, samples)]
    return Size(_FRAGMENTS * many, _PLAYERS * many, tuple(rows))


def _asks(audience: Audience) -> Sequence[tuple[str, str, float, Ask]]:
    """Return what is measured request by request: its row in the audit, words, milliseconds, and the request."""
    content = audience.content
    fragment, listed = audience.fragment, audience.listed
    return (
        ("A1", "deliver a fragment", 50, lambda n: audience.look(n, 0)),
        ("A2", "deliver a fragment with choices", 80, lambda n: audience.look(n, 1)),
        ("A3", "deliver a fragment with requirements", 60, lambda n: audience.look(n, 2)),
        ("A4/A10", "a choice to the next fragment, durable", 50, audience.step),
        ("A5", "list fragments: kind, text, page", 500, lambda n: content.fragments(*listed(n))),
        ("A12", "a fragment by its id", 50, lambda n: content.fragment(fragment(n))),
        ("A13", "a player's state", 50, audience.find),
        ("A14", "the fragments of a kind", 50, lambda _: content.fragments(audience.of_a_kind)),
        ("A15", "how many of each kind", 50, lambda _: content.kinds()),
        ("A17", "the ways into a fragment", 50, lambda n: content.links_to(fragment(n))),
    )


async def _timed(ask: Ask, number: int) -> float:
    before = time.perf_counter()
    await ask(number)
    return (time.perf_counter() - before) * 1_000


def _row(name: str, what: str, limit: float, taken: list[float]) -> Row:
    p95, p99 = _percentile(taken, 95), _percentile(taken, 99)
    return Row(name, what, limit, p95, p99, p95 < limit)


def _percentile(taken: list[float], percent: int) -> float:
    ordered = sorted(taken)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 3)


async def _together(audience: Audience, samples: int) -> Row:
    """Let hundreds of players make steps at once, and count how many are made in a second."""
    rounds = max(1, samples // _AT_ONCE)

    async def play(player: int) -> None:
        for _ in range(rounds):
            await audience.step(player)

    before = time.perf_counter()
    await asyncio.gather(*(play(player) for player in range(_AT_ONCE)))
    rate = round(rounds * _AT_ONCE / (time.perf_counter() - before))
    return Row("A11", f"steps a second, {_AT_ONCE} players at once", 100, rate, rate, rate >= 100)


async def _overhead(audience: Audience, samples: int) -> Row:
    """Measure what the coordinator adds to the transaction that it makes."""
    with_it = [await _timed(lambda n: audience.look(n, 1), n) for n in range(samples)]
    without = [await _timed(audience.find, n) for n in range(samples)]
    bare = _percentile(without, 50)
    return _row("B1", "what the coordinator adds", 20, [one - bare for one in with_it])
