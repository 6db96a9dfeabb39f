"""Messages that wait to be sent, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

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
from diana_engine.database.scripts.script import Call, Runner, Script, Sql
from diana_engine.database.steps.written import PRIORITIES, from_json, plain, play_of

__all__ = ["IS_PAUSED", "SqlOutbox"]

_COLUMNS = "id, player, story, sequence, n, chat, payload, kind, priority, policy, due_at"

# Two who claim at once could each find another head of one chat: one sees the message that the other has just taken
# as still waiting, and a more urgent one that was stored meanwhile. So claims of one channel go one after another.
_ALONE = Sql("SELECT pg_advisory_xact_lock(hashtext(:channel))", sqlite="SELECT :channel")
# The head of a chat is its most urgent message that is due or is being tried again. SQLite uses the indexes of what is not
# done only where their condition is repeated word for word; without them each claim would look at all that was ever sent.
_OPEN = "state IN ('ready', 'sending')"
IS_PAUSED = """EXISTS (
        SELECT 1 FROM paused_chats AS paused WHERE paused.channel = {of}.channel AND paused.chat = {of}.chat
    )"""
"""Whether a chat is paused, `of` a row of the outbox by its name in the statement."""
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
    AND NOT {IS_PAUSED.format(of="one")}
    AND NOT EXISTS (
        SELECT 1 FROM channels AS closed
        WHERE closed.channel = :channel AND closed.closed_from <= :now AND closed.closed_until > :now
    )
    ORDER BY one.priority, one.id LIMIT
"""
_TAKE = """
    UPDATE outbox SET state = 'sending', owner = :owner, lease_until = :until, attempts = attempts + 1, returned = FALSE
"""
_NEWEST = f"""(
    SELECT max(other.id) FROM outbox AS other
    WHERE other.channel = :channel AND other.chat = outbox.chat AND other.{_OPEN}
)"""
_TAKEN = ", ".join(f"outbox.{name}" for name in (*_COLUMNS.split(", "), "attempts", "unknowns"))
# The limit on bulk is one number a channel, the "theoretical arrival time" of the generic cell rate algorithm. All that claim go one
# after another, so what one has taken the next one sees. Machines' clocks differ by more than the pause between two messages:
# PostgreSQL goes by its own. A mark that lies further ahead than any can is from before a clock was set back, or a start.
_CLOCK = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"
_ROOM = f"""
    coalesce((
        SELECT CASE WHEN limits.bulk_mark <= {_CLOCK} OR limits.bulk_mark > {_CLOCK} + CAST(:ahead AS BIGINT) THEN :burst
        ELSE :burst - (limits.bulk_mark - {_CLOCK} + :every - 1) / :every END
        FROM channels AS limits WHERE limits.channel = :channel
    ), CAST(:burst AS BIGINT))
"""


# PostgreSQL may run a subquery of an IN again for each row, and one that skips what is locked gives other rows then, more
# than the limit in all. So the heads are found once, before anything is updated.
def _claiming(limit: str, here: str) -> Sql:
    """Return the statement that claims up to a limit; `here` is the limit in SQLite's words."""
    return Sql(
        f"""
        WITH heads AS MATERIALIZED ({_HEADS} {limit} FOR UPDATE OF one SKIP LOCKED)
        {_TAKE} FROM heads
        WHERE outbox.player = heads.player AND outbox.id = heads.id AND outbox.state = 'ready'
        RETURNING {_TAKEN}, {_NEWEST}
        """,
        sqlite=f"{_TAKE} WHERE id IN (SELECT id FROM ({_HEADS} {here})) RETURNING {_TAKEN}, {_NEWEST}",
    )


_CLAIM = _claiming(":limit", ":limit")
_CLAIM_BULK = _claiming(
    f"least(:limit, greatest(0, {_ROOM}))", f"min(:limit, max(0, {_ROOM}))".replace(_CLOCK, ":at")
)
_USE_UP = f"""
    INSERT INTO channels (channel, bulk_mark) VALUES (:channel, {_CLOCK} + CAST(:cost AS BIGINT))
    ON CONFLICT (channel) DO UPDATE SET bulk_mark = CAST(:cost AS BIGINT) + CASE
        WHEN channels.bulk_mark > {_CLOCK} AND channels.bulk_mark <= {_CLOCK} + CAST(:ahead AS BIGINT)
        THEN channels.bulk_mark ELSE {_CLOCK} END
"""
_TAKE_BULK = Sql(_USE_UP, sqlite=_USE_UP.replace(_CLOCK, ":at"))
_CLOSE = Sql("""
    INSERT INTO channels (channel, closed_from, closed_until) VALUES (:channel, :now, :until)
    ON CONFLICT (channel) DO UPDATE SET closed_from = excluded.closed_from, closed_until = CASE
        WHEN channels.closed_from <= excluded.closed_from AND channels.closed_until > excluded.closed_until
        THEN channels.closed_until ELSE excluded.closed_until END
""")
# An owner may claim a message twice in one second; the number of claims tells the two apart.
_MINE = """
    player = :player AND id = :id AND state = 'sending'
    AND owner = :owner AND lease_until = :until AND attempts = :attempts RETURNING id
"""
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
# A notice is held against what its player did later. Whoever comes back says so once more after that is stored, so who looks and who
# takes a pause away must not do so at once.
_ONE_CHAT = Sql(
    "SELECT pg_advisory_xact_lock(hashtext(:channel), hashtext(:chat))", sqlite="SELECT :chat"
)
_OVERTAKEN = "EXISTS (SELECT 1 FROM inbox WHERE player = :player AND update_id > :update)"
_PAUSE = Sql(f"""
    INSERT INTO paused_chats (channel, chat, reason) SELECT :channel, :chat, :reason WHERE NOT {_OVERTAKEN}
    ON CONFLICT (channel, chat) DO UPDATE SET reason = excluded.reason RETURNING chat
""")
_WAITING = f"channel = :channel AND chat = :chat AND {_OPEN} AND state = 'ready'"
_GIVE_UP = Sql(f"""
    UPDATE outbox SET state = 'dead', error = :reason WHERE {_WAITING} AND NOT {_OVERTAKEN} RETURNING id
""")
# The row that is refused is what a refusal and a return meet at: the one that comes second waits there, and sees the first.
_GONE = Sql(f"""
    UPDATE outbox SET state = 'dead', error = :reason
    WHERE NOT returned AND NOT EXISTS (
        SELECT 1 FROM outbox AS other
        WHERE other.channel = :channel AND other.chat = :chat AND other.{_OPEN} AND other.state = 'ready'
        AND other.priority = 0 AND other.id > :newest
    ) AND {_MINE}
""")
_GIVE_UP_OLD = Sql(f"""
    UPDATE outbox SET state = 'dead', error = :reason WHERE {_WAITING} AND (id <= :newest OR priority > 0)
""")
_RETURNED = Sql(f"""
    UPDATE outbox SET returned = TRUE
    WHERE channel = :channel AND chat = :chat AND {_OPEN} AND state = 'sending' RETURNING id
""")
_RESUME = Sql("DELETE FROM paused_chats WHERE channel = :channel AND chat = :chat")
_LAST = Sql(f"""
    SELECT {_COLUMNS}, message_id, sent_at FROM outbox
    WHERE channel = :channel AND chat = :chat AND kind = :kind AND state = 'sent' AND message_id IS NOT NULL
    ORDER BY id DESC LIMIT 1
""")
# Its condition is word for word that of the index, which SQLite uses for nothing less.
# What waits for somebody who is gone waits for them, and not for Diana.
_BACKLOG = Sql(f"""
    SELECT one.state, count(*), min(one.due_at) FROM outbox AS one
    WHERE one.channel = :channel AND one.{_OPEN} AND NOT {IS_PAUSED.format(of="one")} GROUP BY one.state
""")
_COUNTS = Sql("""
    SELECT state, count(*), sum(unknowns), min(due_at) FROM outbox WHERE channel = :channel GROUP BY state
""")


class SqlOutbox:
    """An `Outbox` in SQL."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def claim(
        self, channel: str, owner: str, now: int, *, lease: int, limit: int, least: Priority = "broadcast",
        allowance: Allowance | None = None,
    ) -> tuple[Claimed, ...]:  # fmt: skip
        """Take up to `limit` messages that are due, as far as an allowance has room."""
        values = {
            "channel": channel, "owner": owner, "now": now, "until": now + lease, "limit": limit,
            "worst": PRIORITIES.index(least),
        }  # fmt: skip
        return await self._runner.write(lambda: _claim(values, allowance))

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

    async def gone(self, claimed: Claimed, reason: str) -> bool:
        """Report that whoever reads a chat is not there, unless they were heard of since the message was claimed."""
        values = {
            **_key(claimed), "channel": claimed.play.player.channel, "chat": claimed.message.chat,
            "newest": claimed.newest, "reason": plain(reason),
        }  # fmt: skip
        return await self._runner.write(lambda: _gone(values))

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
        calls = [Call(sql, values) for sql in (_ONE_CHAT, _RETURNED, _RESUME)]
        await self._runner.write(lambda: _count(*calls))

    async def close(self, channel: str, now: int, until: int) -> None:
        """Let nobody claim anything of a channel before a time."""
        values = {"channel": channel, "now": now, "until": until}
        await self._runner.write(lambda: _count(Call(_CLOSE, values)))

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
        call = Call(sql, {**_key(claimed), **more})
        return await self._runner.write(partial(_count, call)) == 1


def _key(claimed: Claimed) -> dict[str, int | str]:
    """Return what tells a claim from all others."""
    return {
        "player": str(claimed.play.player), "id": claimed.id, "owner": claimed.owner,
        "until": claimed.lease_until, "attempts": claimed.attempts,
    }  # fmt: skip


def _claim(values: dict[str, Any], allowance: Allowance | None) -> Script[tuple[Claimed, ...]]:
    yield Call(_ALONE, {"channel": values["channel"]})
    if allowance is None:
        rows = yield Call(_CLAIM, values)
    else:
        rows = yield from _claim_bulk(values, allowance)
    ordered = sorted(rows, key=lambda row: (row[8], row[0]))
    return tuple(_claimed(row, values["owner"], values["until"]) for row in ordered)


def _claim_bulk(values: dict[str, Any], allowance: Allowance) -> Script[Sequence[Sequence[Any]]]:
    """Claim as far as the allowance has room, and use it up by what was no reply."""
    every, burst = allowance.every, allowance.burst
    limits = {"every": every, "burst": burst, "at": allowance.at, "ahead": allowance.ahead}
    rows = yield Call(_CLAIM_BULK, {**values, **limits})
    if bulk := sum(row[8] > 0 for row in rows):
        yield Call(_TAKE_BULK, {**values, **limits, "cost": bulk * every})
    return rows


def _count(*calls: Call) -> Script[int]:
    """Run statements, and return how many rows the last one returned."""
    rows: Sequence[object] = ()
    for call in calls:
        rows = yield call
    return len(rows)


def _pause(values: dict[str, Any], notice: Notice | None) -> Script[int]:
    player, update = ("", 0) if notice is None else (str(notice.player), notice.update)
    values = {**values, "player": player, "update": update}
    yield Call(_ONE_CHAT, values)
    if not (yield Call(_PAUSE, values)):
        return 0
    return len((yield Call(_GIVE_UP, values)))


def _gone(values: dict[str, Any]) -> Script[bool]:
    if not (yield Call(_GONE, values)):
        return False
    yield Call(_PAUSE, {**values, "player": "", "update": 0})
    yield Call(_GIVE_UP_OLD, values)
    return True


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
    attempts, unknowns, newest = row[-3:]
    return Claimed(
        row[0], owner, play, row[3], row[4], _message(row), attempts, unknowns, until, newest
    )


def _message(row: Sequence[Any]) -> Message:
    return Message(row[5], from_json(row[6]), row[7], PRIORITIES[row[8]], row[9], row[10])
