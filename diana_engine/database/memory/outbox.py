"""Messages in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from diana_engine.database.memory.tables import Door, KeptChannel, KeptMessage, Tables
from diana_engine.database.ports.outbox import (
    Allowance,
    Backlog,
    Claimed,
    Message,
    Notice,
    OutboxCounts,
    Priority,
    Sent,
)
from diana_engine.database.steps.written import PRIORITIES, MessageRow, from_json, play_of

__all__ = ["MemoryOutbox"]


class MemoryOutbox:
    """An `Outbox` in memory."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def claim(
        self, channel: str, owner: str, now: int, *, lease: int, limit: int, least: Priority = "broadcast",
        allowance: Allowance | None = None,
    ) -> tuple[Claimed, ...]:  # fmt: skip
        """Take up to `limit` messages that are due, as far as an allowance has room."""

        def work(tables: Tables) -> tuple[Claimed, ...]:
            worst, limits = PRIORITIES.index(least), tables.channels.get(channel, KeptChannel())
            if limits.closed_from <= now < limits.closed_until:
                return ()
            due = [one for one in _due(tables, channel, now) if one.row.priority <= worst]
            if allowance is None:
                chosen = due[:limit]
            else:
                chosen = due[: min(limit, allowance.room(limits.bulk_mark))]
                bulk = sum(one.row.priority > 0 for one in chosen)
                limits.bulk_mark = allowance.taken(limits.bulk_mark, bulk)
                tables.channels[channel] = limits
            return tuple(_claimed(tables, kept, owner, now + lease) for kept in chosen)

        return await self._door.through(work)

    async def renew(self, claimed: Claimed, until: int) -> Claimed | None:
        """Keep a claim until a later time; `None` if it has been taken over meanwhile."""

        def work(kept: KeptMessage) -> None:
            kept.lease_until = until

        return replace(claimed, lease_until=until) if await self._report(claimed, work) else None

    async def sent(self, claimed: Claimed, message_id: int | None, now: int) -> bool:
        """Report that a message arrived."""

        def work(kept: KeptMessage) -> None:
            kept.state, kept.message_id, kept.done_at = "sent", message_id, now

        return await self._report(claimed, work)

    async def retry(self, claimed: Claimed, at: int, error: str) -> bool:
        """Report that a message surely did not arrive, and is to be tried again at `at`."""

        def work(kept: KeptMessage) -> None:
            kept.state, kept.due_at, kept.error = "ready", at, error

        return await self._report(claimed, work)

    async def unknown(self, claimed: Claimed, at: int, error: str) -> bool:
        """Report that nobody knows; by its policy it is tried again at `at`, or given up."""
        return await self._report(claimed, lambda kept: _unknown(kept, at, error))

    async def dead(self, claimed: Claimed, error: str) -> bool:
        """Report that a message can never arrive."""

        def work(kept: KeptMessage) -> None:
            kept.state, kept.error = "dead", error

        return await self._report(claimed, work)

    async def gone(self, claimed: Claimed, reason: str) -> bool:
        """Report that whoever reads a chat is not there, unless they were heard of since the message was claimed."""

        def work(tables: Tables) -> bool:
            kept = _held(tables, claimed)
            if kept is None or kept.returned:
                return False
            waiting = _waiting(tables, kept.row.channel, kept.row.chat)
            if any(one.row.priority == 0 and one.id > claimed.newest for one in waiting):
                return False
            tables.paused[kept.row.channel, kept.row.chat] = reason
            for one in (kept, *waiting):
                one.state, one.error = "dead", reason
            return True

        return await self._door.through(work)

    async def put_back(self, owner: str) -> int:
        """Make what an owner claimed and did not begin to send due again."""

        def work(tables: Tables) -> int:
            held = [one for one in _in_state(tables, "sending") if one.owner == owner]
            for kept in held:
                kept.state, kept.attempts = "ready", kept.attempts - 1
            return len(held)

        return await self._door.through(work)

    async def pause(
        self, channel: str, chat: str, reason: str, notice: Notice | None = None
    ) -> int:
        """Send nothing more to a chat; give up what waits, and say how many."""

        def work(tables: Tables) -> int:
            if notice is not None and _is_late(tables, notice):
                return 0
            tables.paused[channel, chat] = reason
            waiting = _waiting(tables, channel, chat)
            for kept in waiting:
                kept.state, kept.error = "dead", reason
            return len(waiting)

        return await self._door.through(work)

    async def resume(self, channel: str, chat: str) -> None:
        """Send to a chat again."""

        def work(tables: Tables) -> None:
            for kept in _in_state(tables, "sending"):
                if (kept.row.channel, kept.row.chat) == (channel, chat):
                    kept.returned = True
            tables.paused.pop((channel, chat), None)

        await self._door.through(work)

    async def close(self, channel: str, now: int, until: int) -> None:
        """Let nobody claim anything of a channel before a time."""

        def work(tables: Tables) -> None:
            limits = tables.channels.setdefault(channel, KeptChannel())
            if limits.closed_from > now or limits.closed_until < until:
                limits.closed_until = until
            limits.closed_from = now

        await self._door.through(work)

    async def recover(self, channel: str, owner: str, now: int) -> int:
        """Treat as `unknown` what `owner` had claimed, and whatever lease of others is over."""

        def work(tables: Tables) -> int:
            lost = [
                one
                for one in _in_state(tables, "sending")
                if one.row.channel == channel and (one.owner == owner or one.lease_until <= now)
            ]
            for kept in lost:
                _unknown(kept, now, "the sender died")
            return len(lost)

        return await self._door.through(work)

    async def last(self, channel: str, chat: str, kind: str) -> Sent | None:
        """Return the message of a kind that was sent to a chat last, of those that have a number."""

        def work(tables: Tables) -> Sent | None:
            found = [
                one
                for one in _in_state(tables, "sent")
                if (one.row.channel, one.row.chat, one.row.kind) == (channel, chat, kind)
                and one.message_id is not None
            ]
            return _sent(found[-1]) if found else None

        return await self._door.through(work)

    async def backlog(self, channel: str) -> Backlog:
        """Count what waits or is on its way, but for those who are gone."""

        def work(tables: Tables) -> Backlog:
            here = [
                one
                for one in tables.messages.values()
                if one.row.channel == channel and (channel, one.row.chat) not in tables.paused
            ]
            ready = [one.row.due_at for one in here if one.state == "ready"]
            sending = sum(one.state == "sending" for one in here)
            return Backlog(len(ready) + sending, min(ready, default=None))

        return await self._door.through(work)

    async def counts(self, channel: str) -> OutboxCounts:
        """Count the messages of a channel by their state."""

        def work(tables: Tables) -> OutboxCounts:
            mine = [one for one in tables.messages.values() if one.row.channel == channel]
            by = Counter(one.state for one in mine)
            return OutboxCounts(
                by["ready"],
                by["sending"],
                by["sent"],
                by["unknown"],
                by["dead"],
                sum(one.unknowns for one in mine),
                min((one.due_at for one in mine if one.state == "ready"), default=None),
            )

        return await self._door.through(work)

    async def _report(self, claimed: Claimed, work: Callable[[KeptMessage], None]) -> bool:
        def report(tables: Tables) -> bool:
            kept = _held(tables, claimed)
            if kept is None:
                return False
            work(kept)
            return True

        return await self._door.through(report)


def _held(tables: Tables, claimed: Claimed) -> KeptMessage | None:
    """Return a message that is claimed, if it is still this claim's."""
    kept = tables.messages.get(claimed.id)
    if kept is None or kept.state != "sending":
        return None
    claim = kept.owner, kept.lease_until, kept.attempts
    return kept if claim == (claimed.owner, claimed.lease_until, claimed.attempts) else None


def _waiting(tables: Tables, channel: str, chat: str) -> list[KeptMessage]:
    return [
        one
        for one in _in_state(tables, "ready")
        if (one.row.channel, one.row.chat) == (channel, chat)
    ]


def _is_late(tables: Tables, notice: Notice) -> bool:
    player = str(notice.player)
    return any(who == player and update > notice.update for who, update in tables.handled)


def _in_state(tables: Tables, state: str) -> Iterator[KeptMessage]:
    return (one for one in tables.messages.values() if one.state == state)


def _due(tables: Tables, channel: str, now: int) -> list[KeptMessage]:
    """Return the first message of each chat that may be sent, the most urgent first."""
    busy = {(one.row.channel, one.row.chat) for one in _in_state(tables, "sending")}
    busy.update(tables.paused)
    heads: dict[str, KeptMessage] = {}
    waiting = [one for one in _in_state(tables, "ready") if one.row.channel == channel]
    for kept in sorted(waiting, key=_rank):
        if kept.due_at <= now or kept.attempts:
            heads.setdefault(kept.row.chat, kept)
    return sorted(
        (
            one
            for one in heads.values()
            if one.due_at <= now and (channel, one.row.chat) not in busy
        ),
        key=_rank,
    )


def _rank(kept: KeptMessage) -> tuple[int, int]:
    return kept.row.priority, kept.id


def _unknown(kept: KeptMessage, at: int, error: str) -> None:
    kept.unknowns += 1
    kept.due_at, kept.error = at, error
    kept.state = "ready" if kept.row.policy == "again" else "unknown"


def _claimed(tables: Tables, kept: KeptMessage, owner: str, lease_until: int) -> Claimed:
    kept.state, kept.owner, kept.lease_until = "sending", owner, lease_until
    kept.attempts, kept.returned = kept.attempts + 1, False
    waiting = _waiting(tables, kept.row.channel, kept.row.chat)
    row = kept.row
    return Claimed(
        kept.id,
        owner,
        play_of(row.player, row.story),
        row.sequence,
        row.n,
        _message(row),
        kept.attempts,
        kept.unknowns,
        lease_until,
        max(one.id for one in (kept, *waiting)),
    )


def _sent(kept: KeptMessage) -> Sent:
    row = kept.row
    return Sent(
        kept.id,
        play_of(row.player, row.story),
        row.sequence,
        _message(row),
        kept.message_id,
        kept.done_at,
    )


def _message(row: MessageRow) -> Message:
    payload = from_json(row.payload)
    return Message(row.chat, payload, row.kind, PRIORITIES[row.priority], row.policy, row.due_at)
