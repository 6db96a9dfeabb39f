"""A thread that owns a connection, and takes whatever is waiting for it at once.

While one batch is being synced to the disk, the next one gathers: so the commit, which costs most, is shared by all who
ask at the same time, and nobody waits for a timer. Who is cancelled while waiting changes nothing: the work is done,
and its answer is dropped.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from diana_engine.errors import DianaError

__all__ = ["Job", "Worker"]

BATCH = 128
"""Jobs that share a commit at most. More save little, and all wait for the slowest."""


@dataclass(slots=True, eq=False)
class Job:
    """A piece of work with a place for its answer."""

    work: Any
    key: object = None
    loop: asyncio.AbstractEventLoop = field(init=False)
    future: asyncio.Future[Any] = field(init=False)
    result: Any = None
    error: BaseException | None = None

    def __post_init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.future = self.loop.create_future()


class Worker:
    """Runs batches of jobs on a thread of its own, in order of arrival.

    Two jobs of one `key` are never in one batch; a job whose key is `None` meets anybody.

    Args:
        name: the thread's name.
        run: does a batch, and gives each job its `result` or `error`; it is called on the thread. What it raises is told to all of them.
        close: called on the thread when all is done.
    """

    def __init__(
        self, name: str, run: Callable[[Sequence[Job]], None], close: Callable[[], None]
    ) -> None:
        self._run = run
        self._close = close
        self._waiting: deque[Job] = deque()
        self._bell = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._started = False

    async def do(self, work: Any, key: object = None) -> Any:
        """Have work done, and return its answer or raise its error."""
        job = Job(work, key)
        with self._bell:
            if self._closing:
                raise DianaError("The database was closed while something was still to be done.")
            self._waiting.append(job)
            if not self._started:
                self._started = True
                self._thread.start()
            self._bell.notify()
        return await job.future

    async def close(self) -> None:
        """Finish what is waiting, and end the thread."""
        with self._bell:
            self._closing = True
            self._bell.notify()
        if self._started:
            await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        try:
            while batch := self._next():
                self._do(batch)
                _answer(batch)
        finally:
            self._close()

    def _do(self, batch: Sequence[Job]) -> None:
        try:
            self._run(batch)
        except Exception as error:  # noqa: BLE001 - who waits must be answered, and the thread must live on
            for job in batch:
                job.error = job.error or error

    def _next(self) -> list[Job]:
        """Wait for work, and take as much of it as may go together; nothing when it is time to end."""
        with self._bell:
            while not self._waiting and not self._closing:
                self._bell.wait()
            batch: list[Job] = []
            keys: set[object] = set()
            later: list[Job] = []
            while self._waiting and len(batch) < BATCH:
                job = self._waiting.popleft()
                if job.key is not None and job.key in keys:
                    later.append(job)
                    continue
                keys.add(job.key)
                batch.append(job)
            self._waiting.extendleft(reversed(later))
            return batch


def _answer(batch: Sequence[Job]) -> None:
    """Hand the answers over, in one call for each loop that waits for some."""
    loops: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in batch:
        loops.setdefault(job.loop, []).append(job)
    for loop, jobs in loops.items():
        try:
            loop.call_soon_threadsafe(_settle, jobs)
        except RuntimeError:
            # The loop was closed meanwhile: nobody waits any more, and what was done stays done.
            continue


def _settle(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
