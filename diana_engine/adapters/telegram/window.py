"""Which updates are in work, and up to where Telegram may forget them.

Telegram acknowledges by one number: all before it is gone for ever. An update that takes long must
hold that number back, and yet nobody else may wait for it. So the oldest unfinished update sets the
offset, and what comes again because of it is recognised here.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["Window"]


class Window:
    """The updates between the offset and the last one seen; at most a poll's hundred of them."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._done: set[int] = set()
        self._next: int | None = None

    @property
    def offset(self) -> int | None:
        """The first update that is not finished, `None` before the first was seen."""
        return min(self._open) if self._open else self._next

    @property
    def idle(self) -> bool:
        """Whether everything that arrived is finished."""
        return not self._open

    def arrive(self, numbers: Iterable[int]) -> frozenset[int]:
        """Take in one poll's updates and return those that are new.

        Numbers may begin anew at a lower one after a quiet week, so a low number is no old one:
        only what is in work, or was finished since it last came, is known already.
        """
        arrived = frozenset(numbers)
        if not arrived:
            self._done.clear()
            return arrived
        new = arrived - self._open - self._done
        self._done &= arrived
        self._open |= new
        self._next = max(arrived) + 1
        return new

    def finish(self, number: int) -> None:
        """Note that an update is handled for good: its effects are durable, its messages sent."""
        assert number in self._open, f"update {number} was not in work"
        self._open.discard(number)
        self._done.add(number)
