"""How far a compilation has come, told to whoever waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

__all__ = ["UNTOLD", "Progress"]

_Item = TypeVar("_Item")


class Progress(Protocol):
    """Hears what is being done, in words; it may be told to from one thread alone."""

    def begin(self, phase: str) -> None:
        """Hear that something begins, of which nobody can tell how far it is."""

    def over(self, phase: str, items: Sequence[_Item]) -> Iterable[_Item]:
        """Return the items one by one, and hear how many there are and how many were done."""


class _Untold:
    def begin(self, phase: str) -> None:
        """Hear nothing."""

    def over(self, phase: str, items: Sequence[_Item]) -> Iterable[_Item]:  # noqa: ARG002 - nobody hears it
        """Return the items."""
        return items


UNTOLD: Progress = _Untold()
"""For a compilation that nobody waits for."""
