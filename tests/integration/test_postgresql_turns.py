"""Who waits for whom in PostgreSQL: what must not be done at once is not, and nobody waits for a claim."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from diana_engine.database.port import Decision, Message, Save, SetTimer
from diana_engine.database.ports.store import Store
from diana_engine.database.postgresql.steps import number_of
from strategies.steps import DIGEST, Steps, play, state

ANA = play("ana")
WAITS = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND NOT granted
"""


@pytest.mark.parametrize(
    ("turn", "ask"),
    [
        (
            str(number_of(str(ANA.player), ANA.story)),
            lambda store: store.players.step(
                ANA, None, lambda _: Decision("moved", Save(DIGEST, state(1)))
            ),
        ),
        (
            "hashtext('test')",
            lambda store: store.outbox.claim("test", "me", 1_000, lease=30, limit=9),
        ),
        ("hashtext('test'), hashtext('a')", lambda store: store.outbox.pause("test", "a", "gone")),
        ("hashtext('test'), hashtext('a')", lambda store: store.outbox.resume("test", "a")),
        ("6469616", lambda store: store.events.read(0, 9)),
        ("6469616", lambda store: store.events.end()),
    ],
    ids=["step", "claim", "pause", "resume", "read", "end"],
)
async def test_what_must_not_be_done_at_once_waits_for_its_turn(
    served: Store,
    aside: asyncpg.Connection,
    turn: str,
    ask: Callable[[Store], Awaitable[object]],
):
    await aside.execute(f"BEGIN; SELECT pg_advisory_xact_lock({turn})")
    asked = asyncio.ensure_future(ask(served))
    # The lock is the server's: nothing here is told when somebody comes to wait for it.
    while not await aside.fetchval(WAITS):
        assert not asked.done()
        await asyncio.sleep(0.01)
    await aside.execute("ROLLBACK")
    await asked


async def test_a_timer_that_another_worker_is_claiming_is_left_to_it(
    served: Store, aside: asyncpg.Connection
):
    timers = tuple(SetTimer(key, "wait", 1_000) for key in ("a", "b"))
    await Steps(served).make(timers=timers)
    await aside.execute("BEGIN; UPDATE timers SET owner = 'other', free_at = 1030 WHERE key = 'a'")
    due = await served.timers.claim("me", 1_000, lease=30, limit=9)
    await aside.execute("COMMIT")
    assert [one.timer.key for one in due] == ["b"]


async def test_a_message_that_somebody_is_changing_is_left_to_them(
    served: Store, aside: asyncpg.Connection
):
    await Steps(served).say(Message("a", 1), Message("b", 2))
    await aside.execute("BEGIN; UPDATE outbox SET state = 'dead' WHERE chat = 'a'")
    claimed = await served.outbox.claim("test", "me", 1_000, lease=30, limit=9)
    await aside.execute("COMMIT")
    assert [one.message.payload for one in claimed] == [2]
