"""Many steps to a transaction in PostgreSQL: while one batch is on its way, the next one gathers.

A batch costs much the same whether it has one step or ten, here and in the server. So a second one sets out beside the first only
when about as many wait as are under way, or when the first one is late: it may wait for a player whom another program holds.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from diana_engine.database.faults import in_words
from diana_engine.database.ports.decisions import LedgerError, Stored
from diana_engine.database.ports.plays import Clock
from diana_engine.database.postgresql.pool import Pool, met_another
from diana_engine.database.postgresql.steps import look_up, queue, write
from diana_engine.database.steps.remembered import OvertakenError, Remembered, overtaken
from diana_engine.database.steps.settle import Order, settle
from diana_engine.database.steps.written import Written
from diana_engine.errors import DianaError

__all__ = ["Batches"]

_BATCH = 64
_WORKERS = 2
"""So many batches may be on their way at once; more only make them smaller."""
_LATE = 0.2
"""Seconds after which nobody waits any longer for a batch that is on its way."""
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
        # How many steps are on their way in batches that are not late.
        self._expected = 0
        self._closed = False

    async def step(self, order: Order) -> Stored:
        """Make a step. Who is cancelled meanwhile does not know what became of it."""
        if self._closed:
            raise DianaError(f"{self._place} was closed while a step was still to be made.")
        job = _Job(order)
        self._waiting.append(job)
        if not self._working or self._are_enough():
            self._start()
        return await job.future

    async def close(self) -> None:
        """Finish what waits."""
        self._closed = True
        while self._workers:
            await asyncio.wait(list(self._workers))

    def _are_enough(self) -> bool:
        """Return whether so many wait that they need not wait for those on their way."""
        return len(self._waiting) * 2 > self._expected

    def _start(self) -> None:
        # Counted here and where one ends, because its task is known to be done only a turn of the loop later: a step
        # that was asked for in between would wait for nobody.
        if self._working < _WORKERS:
            self._working += 1
            worker = asyncio.create_task(self._work())
            self._workers[worker] = None
            worker.add_done_callback(self._workers.pop)

    async def _work(self) -> None:
        try:
            # Who leaves others waiting leaves them to the worker whose batch they may wait for.
            while self._are_enough() and (batch := self._next()):
                await self._alone(batch)
                # Who was answered may have more to ask: that goes along.
                await asyncio.sleep(0)
        finally:
            self._working -= 1

    async def _alone(self, batch: Sequence[_Job]) -> None:
        players = [job.order.player for job in batch]
        self._busy.update(players)
        try:
            with self._awaited(len(batch)):
                await self._complete(batch)
        finally:
            self._busy.difference_update(players)

    @contextmanager
    def _awaited(self, steps: int) -> Iterator[None]:
        """Let others wait for so many steps, until they are made or late."""
        left = steps

        def give_up() -> None:
            nonlocal left
            self._expected -= left
            left = 0

        def be_late() -> None:
            give_up()
            if self._waiting:
                self._start()

        self._expected += steps
        timer = asyncio.get_running_loop().call_later(_LATE, be_late)
        try:
            yield
        finally:
            timer.cancel()
            give_up()

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
