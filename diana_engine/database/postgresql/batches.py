"""Many steps to a transaction in PostgreSQL: while one batch is on its way, the next one gathers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from diana_engine.database.faults import in_words
from diana_engine.database.ports.decisions import LedgerError, Stored
from diana_engine.database.ports.plays import Clock
from diana_engine.database.postgresql.pool import Pool, met_another
from diana_engine.database.postgresql.steps import look_up, queue, write
from diana_engine.database.remembered import OvertakenError, Remembered, overtaken
from diana_engine.database.settle import Order, settle
from diana_engine.database.written import Written
from diana_engine.errors import DianaError

__all__ = ["Batches"]

_BATCH = 64
_WORKERS = 2
"""One is on its way while the other gathers; more only make the batches smaller."""
_TRIES = 5
_LEDGER = frozenset({"ledger", "balances"})


@dataclass(slots=True, eq=False)
class _Job:
    order: Order
    future: asyncio.Future[Stored] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Batches:
    """Makes steps, several of different players at once."""

    def __init__(self, pool: Pool, place: str, clock: Clock, known: Remembered) -> None:
        self._pool = pool
        self._place = place
        self._clock = clock
        self._known = known
        self._waiting: deque[_Job] = deque()
        self._busy: set[str] = set()
        # In a dict, because the order of a set differs from run to run.
        self._workers: dict[asyncio.Task[None], None] = {}
        self._working = 0
        self._closed = False

    async def step(self, order: Order) -> Stored:
        """Make a step. Who is cancelled meanwhile does not know what became of it."""
        if self._closed:
            raise DianaError(f"{self._place} was closed while a step was still to be made.")
        job = _Job(order)
        self._waiting.append(job)
        # Counted here and where one ends, because its task is known to be done only a turn of the loop later: a step
        # that was asked for in between would wait for nobody.
        if self._working < _WORKERS:
            self._working += 1
            worker = asyncio.create_task(self._work())
            self._workers[worker] = None
            worker.add_done_callback(self._workers.pop)
        return await job.future

    async def close(self) -> None:
        """Finish what waits."""
        self._closed = True
        while self._workers:
            await asyncio.wait(list(self._workers))

    async def _work(self) -> None:
        try:
            while batch := self._next():
                await self._alone(batch)
        finally:
            self._working -= 1

    async def _alone(self, batch: Sequence[_Job]) -> None:
        players = [job.order.player for job in batch]
        self._busy.update(players)
        try:
            await self._complete(batch)
        finally:
            self._busy.difference_update(players)

    def _next(self) -> list[_Job]:
        """Take what may go together: of each player one step, and none whose last step is still on its way."""
        batch: list[_Job] = []
        taken = set(self._busy)
        later: deque[_Job] = deque()
        while self._waiting and len(batch) < _BATCH:
            job = self._waiting.popleft()
            if job.order.player in taken:
                later.append(job)
            else:
                batch.append(job)
            taken.add(job.order.player)
        later.extend(self._waiting)
        self._waiting = later
        return batch

    async def _complete(self, batch: Sequence[_Job]) -> None:
        """Make the steps of a batch; if it fails as a whole because of one, each by itself."""
        error = await self._persist(batch)
        if error is None:
            return
        if len(batch) > 1 and in_words(error, "") is None and not isinstance(error, DianaError):
            for job in batch:
                await self._complete([job])
            return
        for job in batch:
            if not job.future.done():
                job.future.set_exception(self._in_words(error))

    async def _persist(self, batch: Sequence[_Job]) -> Exception | None:
        """Try a batch until nobody else is in its way; return the error if nothing of it was done."""
        for attempt in range(1, _TRIES + 1):
            try:
                outcomes = await self._attempt([job.order for job in batch])
            except Exception as error:  # noqa: BLE001 - each asker is told, and the worker must live on
                if attempt == _TRIES or not (
                    met_another(error) or isinstance(error, OvertakenError)
                ):
                    return error
            else:
                self._answer(batch, outcomes)
                return None
        raise AssertionError("the last attempt returns")

    async def _attempt(self, orders: Sequence[Order]) -> list[Stored | Exception]:
        outcomes: list[Stored | Exception] = []
        async with self._pool.transaction(queue(orders)) as connection:
            found = await look_up(connection, orders, self._known)
            written, now = Written(), self._clock()
            for order in orders:
                try:
                    outcomes.append(settle(order, found, now, written))
                except Exception as error:  # noqa: BLE001 - it is the asker's own, and comes out there
                    outcomes.append(error)
            if written:
                await write(connection, written)
        return outcomes

    def _answer(self, batch: Sequence[_Job], outcomes: Sequence[Stored | Exception]) -> None:
        for job, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Stored) and outcome.record is not None:
                self._known.put(job.order.name, outcome.record)
            if job.future.done():
                continue
            if isinstance(outcome, Stored):
                job.future.set_result(outcome)
            else:
                job.future.set_exception(outcome)

    def _in_words(self, error: Exception) -> Exception:
        if getattr(error, "table_name", None) in _LEDGER:
            told = LedgerError(str(error))
            told.__cause__ = error
            return told
        if isinstance(error, OvertakenError) or met_another(error):
            return overtaken(self._place)
        return error
