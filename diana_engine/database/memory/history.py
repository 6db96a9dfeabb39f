"""The past of plays in memory, and its upkeep."""

from __future__ import annotations

from diana_engine.database.memory.tables import Door, KeptMessage, Tables
from diana_engine.database.ports.decisions import Entitlement, Entry, Note
from diana_engine.database.ports.history import (
    Audited,
    LoggedStep,
    ParkedDelivery,
    Posted,
    Purged,
)
from diana_engine.database.ports.plays import Clock, PlayKey
from diana_engine.database.steps.written import NoteRow, as_json, from_json

__all__ = ["MemoryHistory", "MemoryUpkeep"]


class MemoryHistory:
    """A `History` in memory."""

    def __init__(self, door: Door, clock: Clock) -> None:
        self._door = door
        self._clock = clock

    async def steps(
        self, play: PlayKey, after: int = 0, limit: int = 1_000
    ) -> tuple[LoggedStep, ...]:
        """Return a play's steps after a sequence, in order."""

        def work(tables: Tables) -> tuple[LoggedStep, ...]:
            mine = [row for row in tables.log if row[:2] == _key(play) and row.sequence > after]
            return tuple(
                LoggedStep(
                    row.sequence,
                    row.delivery,
                    row.digest,
                    from_json(row.action),
                    row.now,
                    row.seed,
                    row.state_digest,
                )
                for row in mine[:limit]
            )

        return await self._door.through(work)

    async def ledger(self, play: PlayKey) -> tuple[Posted, ...]:
        """Return a play's entries, in order."""

        def work(tables: Tables) -> tuple[Posted, ...]:
            return tuple(
                Posted(Entry(row.points, row.amount, row.reason, row.key), row.sequence, row.at)
                for row in tables.entries.values()
                if row[:2] == _key(play)
            )

        return await self._door.through(work)

    async def balances(self, play: PlayKey) -> dict[str, int]:
        """Return a play's points as the ledger knows them."""
        return await self._door.through(
            lambda tables: {
                account[2]: amount
                for account, amount in sorted(tables.balances.items())
                if account[:2] == _key(play)
            }
        )

    async def entitlements(self, play: PlayKey) -> tuple[Entitlement, ...]:
        """Return what a play is entitled to, by kind."""
        return await self._door.through(
            lambda tables: tuple(
                Entitlement(row.kind, row.until, row.source)
                for row in sorted(tables.entitlements.values())
                if row[:2] == _key(play)
            )
        )

    async def parked(self, limit: int) -> tuple[ParkedDelivery, ...]:
        """Return the deliveries that raised errors, newest first."""
        return await self._door.through(
            lambda tables: tuple(
                sorted(tables.parked.values(), key=lambda one: one.at, reverse=True)[:limit]
            )
        )

    async def audit(self, note: Note) -> None:
        """Append a line to the audit log."""
        row = NoteRow(self._clock(), note.actor, note.action, note.subject, as_json(note.detail))
        await self._door.through(lambda tables: tables.notes.append(row))

    async def audited(self, after: int = 0, limit: int = 1_000) -> tuple[Audited, ...]:
        """Return lines of the audit log, in order."""

        def work(tables: Tables) -> tuple[Audited, ...]:
            lines = list(enumerate(tables.notes, start=1))[after : after + limit]
            return tuple(
                Audited(
                    number,
                    Note(row.actor, row.action, row.subject, from_json(row.detail)),
                    row.at,
                )
                for number, row in lines
            )

        return await self._door.through(work)


class MemoryUpkeep:
    """An `Upkeep` in memory."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def purge(self, *, inbox: int, outbox: int, events: int) -> Purged:
        """Remove what is older than these times."""

        def work(tables: Tables) -> Purged:
            old = [key for key, (_, at) in tables.handled.items() if at < inbox]
            for delivery in old:
                del tables.handled[delivery]
            done = [
                id_
                for id_, one in tables.messages.items()
                if one.row.due_at < outbox and _is_done(tables, one)
            ]
            for message in done:
                del tables.messages[message]
            past = min(tables.cursors.values(), default=tables.last_event)
            kept = {position for _, position in tables.deliveries}
            heard = [
                position
                for position, row in tables.events.items()
                if row.at < events and position <= past and position not in kept
            ]
            for position in heard:
                del tables.events[position]
            return Purged(len(old), len(done), len(heard))

        return await self._door.through(work)

    async def checkpoint(self) -> int:
        """There are no files."""
        return 0


def _key(play: PlayKey) -> tuple[str, str]:
    return str(play.player), play.story


def _is_done(tables: Tables, message: KeptMessage) -> bool:
    if message.state == "ready":
        return (message.row.channel, message.row.chat) in tables.paused
    return message.state != "sending"
