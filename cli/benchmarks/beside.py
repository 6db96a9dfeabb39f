"""What steps cost Diana, beside the same rows written by the bare driver in the same run; on SQLite, or on PostgreSQL."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import bare

if TYPE_CHECKING:
    from diana_engine.database.address import Address

__all__ = ["MOST", "Cost", "Measured", "Stopwatch", "bare_cost"]

MOST = 2.0
"""The target: a step may cost this many times what its rows cost the bare driver."""

_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of this process's processor time a step, and steps a second by the clock on the wall."""

    cpu: float
    per_second: int


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
        """How many times the bare driver's processor time Diana takes."""
        return round(self.diana.cpu / self.bare.cpu, 2)

    def as_data(self) -> dict[str, object]:
        """Return this for programs."""
        return {**asdict(self), "ratio": self.ratio}

    def table(self) -> str:
        """Return this for people."""
        over = "" if self.ratio <= MOST else "  over"
        return (
            f"{self.steps:,} steps of {self.players} players at once, {_NAMES[self.database]}, each commit synced\n"
            f"Diana  {self.diana.cpu:6.1f} µs CPU a step  {self.diana.per_second:7,}/s\n"
            f"bare   {self.bare.cpu:6.1f} µs CPU a step  {self.bare.per_second:7,}/s\n"
            f"ratio  {self.ratio:6.2f}  target <= {MOST:.1f}{over}\n"
        )


class Stopwatch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._start, self._before = time.perf_counter(), time.process_time()

    def cost(self, steps: int) -> Cost:
        """Return what each of so many steps cost since."""
        spent, took = time.process_time() - self._before, time.perf_counter() - self._start
        return Cost(round(spent / steps * 1e6, 1), round(steps / took))


async def bare_cost(address: Address, folder: Path, together: int) -> Cost:
    """Write the steps that stand in a database again, `together` to a commit, and return what each cost.

    A SQLite file for them is made in the folder; in PostgreSQL they go into a schema of their own, which is removed.
    """
    if address.file is not None:
        made = bare.made_in(address.file)
        target = bare.prepared(folder / "bare.db", made)
        watch = Stopwatch()
        bare.write(target, made, together)
        cost = watch.cost(len(made.steps))
        target.close()
        return cost
    from . import bare_postgresql

    url = address.url.set(drivername="postgresql").render_as_string(hide_password=False)
    async with bare_postgresql.opened(url) as (connection, made):
        watch = Stopwatch()
        await bare_postgresql.write(connection, made, together)
        return watch.cost(len(made.steps))
