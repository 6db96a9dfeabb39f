"""Timers, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diana_engine.database.ports.plays import PlayKey
from diana_engine.database.ports.timers import Due, SetTimer
from diana_engine.database.scripts.script import Call, Runner, Script, Sql
from diana_engine.database.steps.written import from_json, play_of

__all__ = ["SqlTimers"]

_COLUMNS = "player, story, key, kind, due_at, payload"
_DUE = """
    SELECT player, story, key FROM timers WHERE free_at <= :now
    ORDER BY free_at, player, story, key LIMIT :limit
"""
_TAKE = "UPDATE timers SET owner = :owner, lease_until = :until, free_at = :until, attempts = attempts + 1"
_TAKEN = ", ".join(f"timers.{name}" for name in (*_COLUMNS.split(", "), "attempts"))
# Found once and before anything is updated, as in the outbox.
_CLAIM = Sql(
    f"""
    WITH due AS MATERIALIZED ({_DUE} FOR UPDATE SKIP LOCKED)
    {_TAKE} FROM due
    WHERE timers.player = due.player AND timers.story = due.story AND timers.key = due.key AND timers.free_at <= :now
    RETURNING {_TAKEN}
    """,
    sqlite=f"{_TAKE} WHERE free_at <= :now AND (player, story, key) IN ({_DUE}) RETURNING {_TAKEN}",
)
_RELEASE = Sql("""
    UPDATE timers SET owner = NULL, lease_until = NULL, free_at = :at
    WHERE player = :player AND story = :story AND key = :key AND owner = :owner AND lease_until = :until
    RETURNING key
""")
_NEXT = Sql("SELECT min(free_at) FROM timers")
_OF = Sql(f"SELECT {_COLUMNS} FROM timers WHERE player = :player AND story = :story ORDER BY key")


class SqlTimers:
    """`Timers` in SQL."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def claim(self, owner: str, now: int, *, lease: int, limit: int) -> tuple[Due, ...]:
        """Take up to `limit` timers that are due, the longest due first, and that nobody holds."""
        values = {"owner": owner, "now": now, "until": now + lease, "limit": limit}
        return await self._runner.write(lambda: _claim(values))

    async def release(self, due: Due, at: int) -> bool:
        """Give a claimed timer back, to be claimed again at `at`; false if it has fired or moved meanwhile."""
        values = {
            "player": str(due.play.player), "story": due.play.story, "key": due.timer.key,
            "owner": due.owner, "until": due.lease_until, "at": at,
        }  # fmt: skip
        return await self._runner.write(lambda: _release(values))

    async def next_due(self) -> int | None:
        """Return when the next timer may be claimed."""
        return await self._runner.read(_next)

    async def of(self, play: PlayKey) -> tuple[SetTimer, ...]:
        """Return the timers of a play, by key."""
        return await self._runner.read(lambda: _of(play))


def _claim(values: dict[str, Any]) -> Script[tuple[Due, ...]]:
    rows = yield Call(_CLAIM, values)
    ordered = sorted(rows, key=lambda row: (row[4], row[:3]))
    return tuple(
        Due(play_of(row[0], row[1]), _timer(row), values["owner"], values["until"], row[6])
        for row in ordered
    )


def _release(values: dict[str, Any]) -> Script[bool]:
    rows = yield Call(_RELEASE, values)
    return bool(rows)


def _next() -> Script[int | None]:
    rows = yield Call(_NEXT, {})
    found: int | None = rows[0][0]
    return found


def _of(play: PlayKey) -> Script[tuple[SetTimer, ...]]:
    rows = yield Call(_OF, {"player": str(play.player), "story": play.story})
    return tuple(_timer(row) for row in rows)


def _timer(row: Sequence[Any]) -> SetTimer:
    return SetTimer(row[2], row[3], row[4], from_json(row[5]))
