"""The least that a durable webhook takes: aiohttp's bare server, msgspec, and rows that are known beforehand in group commits.

`python -m … PORT MADE FILE` serves on a port, and writes the rows of each step of the database `MADE` to `FILE` when the update comes that made it.
"""

from __future__ import annotations

import asyncio
import queue
import signal
import sys
import threading
from pathlib import Path

import msgspec
from aiohttp import web
from aiohttp.web_request import BaseRequest

from .bare import Made, Step, made_in, prepared, write_step

_MOST = 256
"""Steps of a commit."""


class _Person(msgspec.Struct):
    id: int


class _Sent(msgspec.Struct):
    sender: _Person = msgspec.field(name="from")


class _Update(msgspec.Struct):
    update_id: int
    message: _Sent | None = None
    callback_query: _Sent | None = None


_Waiting = tuple["asyncio.Future[None]", Step]


class _Floor:
    """Answers an update once its rows are committed, together with those of all others that wait."""

    def __init__(self, made: Made, file: Path) -> None:
        self._file = file
        self._made = made
        self._steps = {step.update: step for step in made.steps}
        self._queue: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._decode = msgspec.json.Decoder(_Update).decode
        threading.Thread(target=self._write, daemon=True).start()

    async def answer(self, request: BaseRequest) -> web.Response:
        """Answer one request."""
        update = self._decode(await request.read())
        done: asyncio.Future[None] = self._loop.create_future()
        self._queue.put((done, self._steps[update.update_id]))
        await done
        return web.Response()

    def _write(self) -> None:
        target = prepared(self._file, self._made)
        while True:
            together = [self._queue.get()]
            while len(together) < _MOST and not self._queue.empty():
                together.append(self._queue.get())
            target.execute("BEGIN IMMEDIATE")
            for _, step in together:
                write_step(target, step)
            target.execute("COMMIT")
            self._loop.call_soon_threadsafe(_done, together)


def _done(together: list[_Waiting]) -> None:
    for done, _ in together:
        if not done.done():
            done.set_result(None)


async def _serve(port: int, made: Path, file: Path) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    floor = _Floor(made_in(made), file)
    runner = web.ServerRunner(web.Server(floor.answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    sys.stdout.write("serving\n")
    sys.stdout.flush()
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])))
