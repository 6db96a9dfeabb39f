"""Servers in processes of their own, so that their processor time can be told from that of who asks them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from diana_engine.errors import DianaError

__all__ = ["Server", "free_port", "served"]

_READY = 120.0
"""Seconds that a server has until it serves: importing aiogram takes several."""
_STOP = 20.0
_CPU_CLOCK = 2
"""What Linux adds to the complement of a process's number for the clock of its processor time (clock_getcpuclockid(3))."""


@dataclass(frozen=True, slots=True)
class Server:
    """A process that serves."""

    pid: int

    def spent(self) -> float:
        """Return the seconds of processor time that the process has spent so far, in all its threads."""
        # `/proc` counts in hundredths of a second, in which a bare server answers forty updates.
        return time.clock_gettime(~self.pid << 3 | _CPU_CLOCK)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@asynccontextmanager
async def served(arguments: Sequence[str], variables: Mapping[str, str] = {}) -> AsyncIterator[Server]:  # fmt: skip
    """Run a module of Python that says `serving` on stdout once it serves; end it with the block.

    Raises:
        DianaError: it did not come to that, or this system does not tell what another process spends.
    """
    _look_for_figures()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, env={**os.environ, **variables}, stdout=asyncio.subprocess.PIPE
    )  # fmt: skip
    try:
        assert process.stdout is not None, "it is a pipe"
        async with asyncio.timeout(_READY):
            line = await process.stdout.readline()
        if not line.startswith(b"serving"):
            raise DianaError(f"The server `{' '.join(arguments[:2])}` did not start.")
        yield Server(process.pid)
    finally:
        await _ended(process)


def _look_for_figures() -> None:
    if sys.platform != "linux":
        raise DianaError("What a server spends can only be told on Linux.")


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(_STOP):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
