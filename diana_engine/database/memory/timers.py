"""Timers in memory."""

from __future__ import annotations

from diana_engine.database.memory.tables import Door, KeptTimer, Tables
from diana_engine.database.ports.plays import PlayKey
from diana_engine.database.ports.timers import Due, SetTimer
from diana_engine.database.steps.written import TimerRow, from_json, play_of

__all__ = ["MemoryTimers"]


class MemoryTimers:
    """`Timers` in memory."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def claim(self, owner: str, now: int, *, lease: int, limit: int) -> tuple[Due, ...]:
        """Take up to `limit` timers that are due, the longest due first, and that nobody holds."""

        def work(tables: Tables) -> tuple[Due, ...]:
            free = [one for one in tables.timers.values() if one.free_at <= now]
            free.sort(key=lambda one: (one.row.due_at, one.row[:3]))
            return tuple(_claimed(one, owner, now + lease) for one in free[:limit])

        return await self._door.through(work)

    async def release(self, due: Due, at: int) -> bool:
        """Give a claimed timer back, to be claimed again at `at`; false if it has fired or moved meanwhile."""

        def work(tables: Tables) -> bool:
            key = (str(due.play.player), due.play.story, due.timer.key)
            kept = tables.timers.get(key)
            if kept is None or (kept.owner, kept.lease_until) != (due.owner, due.lease_until):
                return False
            kept.owner, kept.lease_until, kept.free_at = "", 0, at
            return True

        return await self._door.through(work)

    async def next_due(self) -> int | None:
        """Return when the next timer may be claimed."""
        return await self._door.through(
            lambda tables: min((one.free_at for one in tables.timers.values()), default=None)
        )

    async def of(self, play: PlayKey) -> tuple[SetTimer, ...]:
        """Return the timers of a play, by key."""

        def work(tables: Tables) -> tuple[SetTimer, ...]:
            mine = [one.row for one in tables.timers.values() if play_of(*one.row[:2]) == play]
            return tuple(_timer(row) for row in sorted(mine))

        return await self._door.through(work)


def _claimed(kept: KeptTimer, owner: str, lease_until: int) -> Due:
    kept.owner, kept.lease_until, kept.free_at = owner, lease_until, lease_until
    kept.attempts += 1
    row = kept.row
    return Due(play_of(row.player, row.story), _timer(row), owner, lease_until, kept.attempts)


def _timer(row: TimerRow) -> SetTimer:
    return SetTimer(row.key, row.kind, row.due_at, from_json(row.payload))
