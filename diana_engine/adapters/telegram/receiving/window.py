"""Which updates are in work, and up to where Telegram may forget them.

Telegram acknowledges by one number: all before it is gone for ever. An update that takes long must
hold that number back, and yet nobody else may wait for it. So the oldest unfinished update sets the
offset, and what comes again because of it is recognised here.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Window"]


class Window:
    """The updates from the offset to the last one seen; at most a poll's hundred of them.

    Nothing here assumes that numbers only grow: after a quiet week Telegram begins anew anywhere.
    Nor that a poll brings all there is: one that repeats an offset within half a second gets a
    single update (telegram-bot-api, `process_get_updates_query`).
    """

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._done: set[int] = set()
        self._next: int | None = None
        self._asked: int | None = None

    @property
    def idle(self) -> bool:
        """Whether everything that arrived is finished."""
        return not self._open

    def ask(self) -> int | None:
        """Return the offset for the next poll, `None` before the first update was seen."""
        self._asked = min(self._open) if self._open else self._next
        return self._asked

    def arrive(self, numbers: Iterable[int]) -> frozenset[int]:
        """Take in the answer to the last poll, and return which updates of it are new."""
        if self._asked is not None:
            # Its offset acknowledged these, so they cannot come again on account of it.
            self._done = {number for number in self._done if number >= self._asked}
        arrived = frozenset(numbers)
        if arrived:
            self._next = max(arrived) + 1
        new = arrived - self._open - self._done
        self._open |= new
        return new

    def finish(self, number: int) -> None:
        """Note that an update is handled for good: its effects are durable, its messages sent."""
        assert number in self._open, f"update {number} was not in work"
        self._open.discard(number)
        self._done.add(number)
