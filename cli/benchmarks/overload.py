"""Three times as many updates as a server can take: how long those take that are taken, and whether any is lost.

Each player gets an update so often, whether the last one was answered or not, has one in the air at a time, in order, and comes again
some time after a 503: as Telegram does it.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter

from .tapping import Connection, Tapper

__all__ = ["Overload", "crowd", "lost", "overload"]

_TIMES = 3
_PLAYERS = 100
"""As many as Telegram has connections to a bot."""


@dataclass(frozen=True, slots=True)
class Overload:
    """What a server does, in updates a second, and the 99th percentile of its answers in milliseconds.

    - `capacity`, `p99`: of as many players as there are connections, each after the answer to the one before.
    - `offered`, `taken`, `p99_offered`: of three times as many updates a second, until the last one was taken.
    - `shed`: answers that said to come again; `updates`, `lost`: of both, those that were taken, and that are not there.
    """

    capacity: int
    p99: float
    offered: int
    taken: int
    p99_offered: float
    shed: int
    updates: int
    lost: int = 0

    @property
    def ratio(self) -> float:
        """How many times longer an update takes that is taken while there are too many."""
        return round(self.p99_offered / self.p99, 2)

    def as_json(self) -> dict[str, object]:
        """Return the figures by their names."""
        return {**asdict(self), "ratio": self.ratio}


@dataclass(slots=True)
class _Phase:
    """What a number of players meet for some time."""

    tappers: Sequence[Tapper]
    shed: int = 0
    began: float = field(default_factory=perf_counter)

    def __post_init__(self) -> None:
        for tapper in self.tappers:
            tapper.took.clear()

    @property
    def answers(self) -> list[float]:
        """The seconds that each answer took."""
        return [each for tapper in self.tappers for each in tapper.took]

    def per_second(self) -> float:
        """Return how many updates a second were taken until now."""
        return len(self.answers) / (perf_counter() - self.began)

    def p99(self) -> float:
        """Return the 99th percentile of the answers, in milliseconds."""
        return round(statistics.quantiles(self.answers, n=100)[98] * 1e3, 2)

    async def without_rest(self, seconds: float) -> None:
        """Have all play, each after the answer to the step before."""

        async def play(tapper: Tapper) -> None:
            while perf_counter() - self.began < seconds:
                await self._step(tapper)

        await asyncio.gather(*map(play, self.tappers))

    async def offered(self, rounds: int, seconds: float) -> None:
        """Offer each player so many steps, evenly over the time, and wait until all are taken."""

        async def play(tapper: Tapper) -> None:
            for number in range(rounds):
                due = self.began + seconds * number / rounds
                await asyncio.sleep(max(0.0, due - perf_counter()))
                await self._step(tapper)

        await asyncio.gather(*map(play, self.tappers))

    async def _step(self, tapper: Tapper) -> None:
        while not await tapper.tap():
            self.shed += 1
            await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311 - no secret


async def crowd(port: int, story: str) -> list[Tapper]:
    """Return three times as many players as Telegram has connections, who have begun."""
    many = range(1, _TIMES * _PLAYERS + 1)
    tappers = [Tapper(player, story, await Connection.to(port)) for player in many]
    for first in range(0, len(tappers), _PLAYERS):
        await asyncio.gather(*(one.begin() for one in tappers[first : first + _PLAYERS]))
    return tappers


async def overload(tappers: list[Tapper], seconds: float) -> Overload:
    """Measure what the server can do, then offer it three times as much for so many seconds, and wait until all is taken."""
    calm = _Phase(tappers[:_PLAYERS])
    await calm.without_rest(seconds)
    capacity, p99 = calm.per_second(), calm.p99()
    rounds = max(1, round(_TIMES * capacity * seconds / len(tappers)))
    wild = _Phase(tappers)
    await wild.offered(rounds, seconds)
    return Overload(
        round(capacity), p99, round(len(tappers) * rounds / seconds), round(wild.per_second()), wild.p99(), wild.shed,
        sum(tapper.sequence for tapper in tappers),
    )  # fmt: skip


def lost(file: Path, updates: int) -> int:
    """Return how many of the updates that were answered with 200 have made no step, or more than one."""
    connection = sqlite3.connect(file)
    logged, stands = connection.execute(
        "SELECT (SELECT count(*) FROM step_log), (SELECT sum(sequence) FROM players)"
    ).fetchone()
    connection.close()
    return max(abs(updates - int(logged)), abs(updates - int(stands)))
