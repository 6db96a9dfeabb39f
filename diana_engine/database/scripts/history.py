"""The past of plays, in SQL."""

from __future__ import annotations

from diana_engine.database.ports.decisions import Entitlement, Entry, Note
from diana_engine.database.ports.history import Audited, LoggedStep, ParkedDelivery, Posted
from diana_engine.database.ports.plays import Clock, PlayKey
from diana_engine.database.scripts.script import Call, Runner, Script, Sql
from diana_engine.database.steps.written import as_json, from_json, play_of

__all__ = ["ADD_NOTE", "SqlHistory"]

_STEPS = Sql("""
    SELECT sequence, delivery, digest, action, now, seed, state_digest FROM step_log
    WHERE player = :player AND story = :story AND sequence > :after ORDER BY sequence LIMIT :limit
""")
_LEDGER = Sql("""
    SELECT points, amount, reason, key, sequence, at FROM ledger
    WHERE player = :player AND story = :story ORDER BY sequence, at, key
""")
_BALANCES = Sql("""
    SELECT points, amount FROM balances WHERE player = :player AND story = :story ORDER BY points
""")
_ENTITLEMENTS = Sql("""
    SELECT kind, until, source FROM entitlements
    WHERE player = :player AND story = :story ORDER BY kind
""")
_PARKED = Sql("""
    SELECT player, story, delivery, attempts, error, at, given_up FROM parked
    ORDER BY at DESC, player, story, delivery LIMIT :limit
""")
ADD_NOTE = Sql("""
    INSERT INTO audit_log (at, actor, action, subject, detail)
    VALUES (:at, :actor, :action, :subject, :detail)
""")
"""The statement that adds a line to the audit log."""
_AUDITED = Sql("""
    SELECT id, actor, action, subject, detail, at FROM audit_log
    WHERE id > :after ORDER BY id LIMIT :limit
""")


class SqlHistory:
    """A `History` in SQL."""

    def __init__(self, runner: Runner, clock: Clock) -> None:
        self._runner = runner
        self._clock = clock

    async def steps(
        self, play: PlayKey, after: int = 0, limit: int = 1_000
    ) -> tuple[LoggedStep, ...]:
        """Return a play's steps after a sequence, in order."""
        return await self._runner.read(lambda: _steps(play, after, limit))

    async def ledger(self, play: PlayKey) -> tuple[Posted, ...]:
        """Return a play's entries, in order."""
        return await self._runner.read(lambda: _ledger(play))

    async def balances(self, play: PlayKey) -> dict[str, int]:
        """Return a play's points as the ledger knows them."""
        return await self._runner.read(lambda: _balances(play))

    async def entitlements(self, play: PlayKey) -> tuple[Entitlement, ...]:
        """Return what a play is entitled to, by kind."""
        return await self._runner.read(lambda: _entitlements(play))

    async def parked(self, limit: int) -> tuple[ParkedDelivery, ...]:
        """Return the deliveries that raised errors, newest first."""
        return await self._runner.read(lambda: _parked(limit))

    async def audit(self, note: Note) -> None:
        """Append a line to the audit log."""
        at = self._clock()
        await self._runner.write(lambda: _audit(note, at))

    async def audited(self, after: int = 0, limit: int = 1_000) -> tuple[Audited, ...]:
        """Return lines of the audit log, in order."""
        return await self._runner.read(lambda: _audited(after, limit))


def _of(play: PlayKey) -> dict[str, str]:
    return {"player": str(play.player), "story": play.story}


def _steps(play: PlayKey, after: int, limit: int) -> Script[tuple[LoggedStep, ...]]:
    rows = yield Call(_STEPS, {**_of(play), "after": after, "limit": limit})
    return tuple(
        LoggedStep(row[0], row[1], row[2], from_json(row[3]), row[4], row[5], row[6])
        for row in rows
    )


def _ledger(play: PlayKey) -> Script[tuple[Posted, ...]]:
    rows = yield Call(_LEDGER, _of(play))
    return tuple(Posted(Entry(*row[:4]), row[4], row[5]) for row in rows)


def _balances(play: PlayKey) -> Script[dict[str, int]]:
    rows = yield Call(_BALANCES, _of(play))
    return {row[0]: row[1] for row in rows}


def _entitlements(play: PlayKey) -> Script[tuple[Entitlement, ...]]:
    rows = yield Call(_ENTITLEMENTS, _of(play))
    return tuple(Entitlement(*row) for row in rows)


def _parked(limit: int) -> Script[tuple[ParkedDelivery, ...]]:
    rows = yield Call(_PARKED, {"limit": limit})
    return tuple(
        ParkedDelivery(play_of(row[0], row[1]), row[2], row[3], row[4], row[5], bool(row[6]))
        for row in rows
    )


def _audit(note: Note, at: int) -> Script[None]:
    values = {
        "at": at, "actor": note.actor, "action": note.action, "subject": note.subject,
        "detail": as_json(note.detail),
    }  # fmt: skip
    yield Call(ADD_NOTE, values)


def _audited(after: int, limit: int) -> Script[tuple[Audited, ...]]:
    rows = yield Call(_AUDITED, {"after": after, "limit": limit})
    return tuple(
        Audited(row[0], Note(row[1], row[2], row[3], from_json(row[4])), row[5]) for row in rows
    )
