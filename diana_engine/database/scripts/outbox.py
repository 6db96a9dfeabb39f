"""Messages that wait to be sent, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from diana_engine.database.ports.outbox import (
    Backlog,
    Claimed,
    Message,
    Notice,
    OutboxCounts,
    Priority,
    Sent,
)
from diana_engine.database.scripts.script import Call, Runner, Script, Sql
from diana_engine.database.written import PRIORITIES, from_json, plain, play_of

__all__ = ["SqlOutbox"]

_COLUMNS = "id, player, story, sequence, n, chat, payload, kind, priority, policy, due_at"

# Two who claim at once could each find another head of one chat: one sees the message that the other has just taken
# as still waiting, and a more urgent one that was stored meanwhile. So claims of one channel go one after another.
_ALONE = Sql("SELECT pg_advisory_xact_lock(hashtext(:channel))", sqlite="SELECT :channel")
# The head of a chat is its most urgent message that is due or is being tried again. SQLite uses the indexes of what is not
# done only where their condition is repeated word for word; without them each claim would look at all that was ever sent.
_OPEN = "state IN ('ready', 'sending')"
_HEADS = f"""
    SELECT one.player, one.id FROM outbox AS one
    WHERE one.channel = :channel AND one.{_OPEN} AND one.state = 'ready' AND one.due_at <= :now AND one.priority <= :worst
    AND NOT EXISTS (
        SELECT 1 FROM outbox AS other
        WHERE other.channel = :channel AND other.chat = one.chat AND other.{_OPEN} AND other.state = 'sending'
    )
    AND NOT EXISTS (
        SELECT 1 FROM outbox AS other
        WHERE other.channel = :channel AND other.chat = one.chat AND other.{_OPEN} AND other.state = 'ready'
        AND (other.priority, other.id) < (one.priority, one.id)
        AND (other.due_at <= :now OR other.attempts > 0)
    )
    AND NOT EXISTS (
        SELECT 1 FROM paused_chats AS paused
        WHERE paused.channel = :channel AND paused.chat = one.chat
    )
    ORDER BY one.priority, one.id LIMIT :limit
"""
_TAKE = "UPDATE outbox SET state = 'sending', owner = :owner, lease_until = :until, attempts = attempts + 1"
_TAKEN = ", ".join(f"outbox.{name}" for name in (*_COLUMNS.split(", "), "attempts", "unknowns"))
# PostgreSQL may run a subquery of an IN again for each row, and one that skips what is locked gives other rows then, more
# than the limit in all. So the heads are found once, before anything is updated.
_CLAIM = Sql(
    f"""
    WITH heads AS MATERIALIZED ({_HEADS} FOR UPDATE OF one SKIP LOCKED)
    {_TAKE} FROM heads
    WHERE outbox.player = heads.player AND outbox.id = heads.id AND outbox.state = 'ready'
    RETURNING {_TAKEN}
    """,
    sqlite=f"{_TAKE} WHERE id IN (SELECT id FROM ({_HEADS})) RETURNING {_TAKEN}",
)
_MINE = "player = :player AND id = :id AND state = 'sending' AND owner = :owner AND lease_until = :until RETURNING id"
_RENEW = Sql(f"UPDATE outbox SET lease_until = :later WHERE {_MINE}")
_SENT = Sql(
    f"UPDATE outbox SET state = 'sent', message_id = :message_id, sent_at = :now WHERE {_MINE}"
)
_RETRY = Sql(f"UPDATE outbox SET state = 'ready', due_at = :at, error = :error WHERE {_MINE}")
_DEAD = Sql(f"UPDATE outbox SET state = 'dead', error = :error WHERE {_MINE}")
_BECOMES_UNKNOWN = """
    UPDATE outbox SET unknowns = unknowns + 1, due_at = :at, error = :error,
        state = CASE policy WHEN 'again' THEN 'ready' ELSE 'unknown' END
"""
_UNKNOWN = Sql(f"{_BECOMES_UNKNOWN} WHERE {_MINE}")
_RECOVER = Sql(f"""{_BECOMES_UNKNOWN}
    WHERE channel = :channel AND {_OPEN} AND state = 'sending' AND (owner = :owner OR lease_until <= :at)
    RETURNING id
""")
_PUT_BACK = Sql(f"""
    UPDATE outbox SET state = 'ready', attempts = attempts - 1
    WHERE {_OPEN} AND state = 'sending' AND owner = :owner RETURNING id
""")
_PAUSE = Sql("""
    INSERT INTO paused_chats (channel, chat, reason) SELECT :channel, :chat, :reason
    WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE player = :player AND update_id > :update)
    ON CONFLICT (channel, chat) DO UPDATE SET reason = excluded.reason RETURNING chat
""")
_GIVE_UP = Sql(f"""
    UPDATE outbox SET state = 'dead', error = :reason
    WHERE channel = :channel AND chat = :chat AND {_OPEN} AND state = 'ready' RETURNING id
""")
_RESUME = Sql("DELETE FROM paused_chats WHERE channel = :channel AND chat = :chat")
_LAST = Sql(f"""
    SELECT {_COLUMNS}, message_id, sent_at FROM outbox
    WHERE channel = :channel AND chat = :chat AND kind = :kind AND state = 'sent' AND message_id IS NOT NULL
    ORDER BY id DESC LIMIT 1
""")
# Its condition is word for word that of the index, which SQLite uses for nothing less.
_BACKLOG = Sql("""
    SELECT state, count(*), min(due_at) FROM outbox
    WHERE channel = :channel AND state IN ('ready', 'sending') GROUP BY state
""")
_COUNTS = Sql("""
    SELECT state, count(*), sum(unknowns), min(due_at) FROM outbox WHERE channel = :channel GROUP BY state
""")


class SqlOutbox:
    """An `Outbox` in SQL."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def claim(
        self, channel: str, owner: str, now: int, *, lease: int, limit: int, least: Priority = "broadcast"
    ) -> tuple[Claimed, ...]:  # fmt: skip
        """Take up to `limit` messages that are due, the most urgent first, and none that is less urgent than `least`."""
        values = {
            "channel": channel, "owner": owner, "now": now, "until": now + lease, "limit": limit,
            "worst": PRIORITIES.index(least),
        }  # fmt: skip
        return await self._runner.write(lambda: _claim(values))

    async def renew(self, claimed: Claimed, until: int) -> Claimed | None:
        """Keep a claim until a later time; `None` if it has been taken over meanwhile."""
        kept = await self._report(_RENEW, claimed, later=until)
        return replace(claimed, lease_until=until) if kept else None

    async def sent(self, claimed: Claimed, message_id: int | None, now: int) -> bool:
        """Report that a message arrived."""
        return await self._report(_SENT, claimed, message_id=message_id, now=now)

    async def retry(self, claimed: Claimed, at: int, error: str) -> bool:
        """Report that a message surely did not arrive, and is to be tried again at `at`."""
        return await self._report(_RETRY, claimed, at=at, error=plain(error))

    async def unknown(self, claimed: Claimed, at: int, error: str) -> bool:
        """Report that nobody knows; by its policy it is tried again at `at`, or given up."""
        return await self._report(_UNKNOWN, claimed, at=at, error=plain(error))

    async def dead(self, claimed: Claimed, error: str) -> bool:
        """Report that a message can never arrive."""
        return await self._report(_DEAD, claimed, error=plain(error))

    async def put_back(self, owner: str) -> int:
        """Make what an owner claimed and did not begin to send due again."""
        return await self._runner.write(lambda: _count(Call(_PUT_BACK, {"owner": owner})))

    async def pause(
        self, channel: str, chat: str, reason: str, notice: Notice | None = None
    ) -> int:
        """Send nothing more to a chat; give up what waits, and say how many."""
        values = {"channel": channel, "chat": chat, "reason": plain(reason)}
        return await self._runner.write(lambda: _pause(values, notice))

    async def resume(self, channel: str, chat: str) -> None:
        """Send to a chat again."""
        values = {"channel": channel, "chat": chat}
        await self._runner.write(lambda: _count(Call(_RESUME, values)))

    async def recover(self, channel: str, owner: str, now: int) -> int:
        """Treat as `unknown` what `owner` had claimed, and whatever lease of others is over."""
        values = {"channel": channel, "owner": owner, "at": now, "error": "the sender died"}
        return await self._runner.write(lambda: _count(Call(_RECOVER, values)))

    async def last(self, channel: str, chat: str, kind: str) -> Sent | None:
        """Return the message of a kind that was sent to a chat last, of those that have a number."""
        values = {"channel": channel, "chat": chat, "kind": kind}
        return await self._runner.read(lambda: _last(values))

    async def backlog(self, channel: str) -> Backlog:
        """Count what waits or is on its way."""
        return await self._runner.read(lambda: _backlog(channel))

    async def counts(self, channel: str) -> OutboxCounts:
        """Count the messages of a channel by their state."""
        return await self._runner.read(lambda: _counts(channel))

    async def _report(self, sql: Sql, claimed: Claimed, **more: int | str | None) -> bool:
        key = {
            "player": str(claimed.play.player), "id": claimed.id, "owner": claimed.owner,
            "until": claimed.lease_until,
        }  # fmt: skip
        return await self._runner.write(partial(_count, Call(sql, {**key, **more}))) == 1


def _claim(values: dict[str, Any]) -> Script[tuple[Claimed, ...]]:
    yield Call(_ALONE, {"channel": values["channel"]})
    rows = yield Call(_CLAIM, values)
    ordered = sorted(rows, key=lambda row: (row[8], row[0]))
    return tuple(_claimed(row, values["owner"], values["until"]) for row in ordered)


def _count(*calls: Call) -> Script[int]:
    """Run statements, and return how many rows the last one returned."""
    rows: Sequence[object] = ()
    for call in calls:
        rows = yield call
    return len(rows)


def _pause(values: dict[str, str], notice: Notice | None) -> Script[int]:
    player, update = ("", 0) if notice is None else (str(notice.player), notice.update)
    if not (yield Call(_PAUSE, {**values, "player": player, "update": update})):
        return 0
    return len((yield Call(_GIVE_UP, values)))


def _last(values: dict[str, Any]) -> Script[Sent | None]:
    rows = yield Call(_LAST, values)
    for row in rows:
        return Sent(row[0], play_of(row[1], row[2]), row[3], _message(row), row[-2], row[-1])
    return None


def _backlog(channel: str) -> Script[Backlog]:
    rows = yield Call(_BACKLOG, {"channel": channel})
    oldest = next((row[2] for row in rows if row[0] == "ready"), None)
    return Backlog(sum(row[1] for row in rows), oldest)


def _counts(channel: str) -> Script[OutboxCounts]:
    rows = yield Call(_COUNTS, {"channel": channel})
    by = {row[0]: row[1] for row in rows}
    oldest = {row[0]: row[3] for row in rows}
    return OutboxCounts(
        by.get("ready", 0),
        by.get("sending", 0),
        by.get("sent", 0),
        by.get("unknown", 0),
        by.get("dead", 0),
        int(sum(row[2] for row in rows)),
        oldest.get("ready"),
    )


def _claimed(row: Sequence[Any], owner: str, until: int) -> Claimed:
    play = play_of(row[1], row[2])
    return Claimed(row[0], owner, play, row[3], row[4], _message(row), row[-2], row[-1], until)


def _message(row: Sequence[Any]) -> Message:
    return Message(row[5], from_json(row[6]), row[7], PRIORITIES[row[8]], row[9], row[10])
