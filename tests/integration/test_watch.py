"""Looking after a store: what waits, what is late, and whether it can be written."""

from __future__ import annotations

from diana_engine.database.port import Message, SetTimer
from diana_engine.database.ports.store import Store
from diana_engine.runtime.metrics import Metrics
from diana_engine.runtime.upkeep.watch import Watch
from strategies.steps import Steps, play

CHANNEL = play("ana").player.channel


def watch(store: Store, now: int) -> Watch:
    return Watch(store, CHANNEL, lambda: now, Metrics())


async def test_the_gauges_say_how_much_waits_and_how_late_it_is(store: Store, steps: Steps) -> None:
    await steps.say(Message("a", 1), Message("a", 2))
    await steps.make(who="bea", timers=(SetTimer("t", "wait", 1_010),))
    late = watch(store, 1_100)
    await late.look()
    figures = late.metrics.render().decode().splitlines()
    assert "diana_outbox_depth 2.0" in figures
    assert "diana_outbox_oldest_seconds 100.0" in figures
    assert "diana_timers_late_seconds 90.0" in figures


async def test_a_message_that_should_have_gone_long_ago_is_told(store: Store, steps: Steps) -> None:
    assert await watch(store, 9_999).sends() is None
    await steps.say(Message("a", 1))
    assert await watch(store, 1_600).sends() is None
    assert await watch(store, 1_601).sends() == "a message is due for 601 s"


async def test_a_store_that_takes_a_write_is_writable_and_as_it_was(
    store: Store, steps: Steps
) -> None:
    await steps.say(Message("a", 1))
    assert await watch(store, 1_000).writable() is None
    assert len(await store.outbox.claim(CHANNEL, "me", 1_000, lease=9, limit=9)) == 1
