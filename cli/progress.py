"""A bar for those who wait: what is being done and how far it is, once it takes more than a second.

It stands on stderr, for people at a terminal only, and is gone when the work is done. `rich` draws it, and is imported
when it is to be shown and not before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from .output import is_terminal

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from diana_engine.compiler.progress import Progress

__all__ = ["waiting", "wants_progress"]

PATIENCE = 1.0
"""Seconds for which nobody needs to be told anything."""

_Item = TypeVar("_Item")


def wants_progress(environment: Mapping[str, str]) -> bool:
    """Return whether a person waits at a terminal: both streams are one, and it is no run of CI."""
    if environment.get("CI") or environment.get("TERM") == "dumb":
        return False
    return is_terminal(sys.stderr) and is_terminal(sys.stdout)


@contextmanager
def waiting() -> Iterator[Progress]:
    """Give whom to tell of progress, as long as the work lasts."""
    if not wants_progress(os.environ):
        from diana_engine.compiler.progress import UNTOLD

        yield UNTOLD
        return
    # Whoever does not wait shall not wait for this either.
    from threading import Timer

    bar = _Bar()
    timer = Timer(PATIENCE, bar.show)
    timer.daemon = True
    timer.start()
    try:
        yield bar
    finally:
        timer.cancel()
        bar.close()


class _Bar:
    """Keeps what it was told, and shows it from when it is to be shown; that happens in another thread."""

    def __init__(self) -> None:
        from threading import Lock

        self._lock = Lock()
        self._phase, self._count, self._done = "Reading the story", 0, 0
        self._shown: tuple[RichProgress, TaskID] | None = None
        self._closed = False

    def begin(self, phase: str) -> None:
        """Hear that something begins, of which nobody can tell how far it is."""
        self._tell(phase, 0, 0)

    def over(self, phase: str, items: Sequence[_Item]) -> Iterable[_Item]:
        """Yield the items one by one, and show how many were done."""
        for done, item in enumerate(items):
            self._tell(phase, len(items), done)
            yield item

    def show(self) -> None:
        """Show it from now on."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with self._lock:
            if self._closed:
                return
            console = Console(stderr=True)
            progress = Progress(*columns, console=console, transient=True)
            task = progress.add_task(self._phase, total=self._count or None, completed=self._done)
            progress.start()
            self._shown = progress, task

    def close(self) -> None:
        """Take it away; it is not shown again."""
        with self._lock:
            self._closed = True
            if self._shown is not None:
                self._shown[0].stop()

    def _tell(self, phase: str, count: int, done: int) -> None:
        with self._lock:
            self._phase, self._count, self._done = phase, count, done
            if self._shown is not None:
                progress, task = self._shown
                progress.update(task, description=phase, total=count or None, completed=done)
