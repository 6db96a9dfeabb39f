"""What is to happen to a play at a time, if nothing happens to it before.

A timer belongs to a play and has a key there. Setting it again moves it; a step that makes it void cancels it. It fires
by being handed to `PlayerStore.step` as the delivery: the step and the end of the timer are one transaction, so
however often it is claimed, it causes one step.
"""

from __future__ import annotations

from typing import Protocol

from diana_engine.database.ports.plays import Json, PlayKey
from diana_engine.records import dataclass

__all__ = ["CancelTimer", "Due", "Fired", "SetTimer", "TimerChange", "Timers"]


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Set a timer of the play, or move it; `kind` is such as ``wait``, ``remind``, ``daily``, ``expiry``."""

    key: str
    kind: str
    due_at: int
    payload: Json = None


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """Cancel a timer of the play, if there is one."""

    key: str


TimerChange = SetTimer | CancelTimer


@dataclass(frozen=True, slots=True)
class Fired:
    """A timer as the delivery of a step. If it was moved or is gone, the delivery counts as repeated."""

    key: str
    due_at: int


@dataclass(frozen=True, slots=True)
class Due:
    """A timer whose time has come, and which is `owner`'s to fire until `lease_until`."""

    play: PlayKey
    timer: SetTimer
    owner: str
    lease_until: int
    attempts: int

    @property
    def delivery(self) -> Fired:
        """The delivery to hand in."""
        return Fired(self.timer.key, self.timer.due_at)


class Timers(Protocol):
    """The timers of all plays."""

    async def claim(self, owner: str, now: int, *, lease: int, limit: int) -> tuple[Due, ...]:
        """Take up to `limit` timers that are due, the longest due first, and that nobody holds."""

    async def release(self, due: Due, at: int) -> bool:
        """Give a claimed timer back, to be claimed again at `at`; false if it has fired or moved meanwhile."""

    async def next_due(self) -> int | None:
        """Return when the next timer is due that nobody holds."""

    async def of(self, play: PlayKey) -> tuple[SetTimer, ...]:
        """Return the timers of a play, by key."""
