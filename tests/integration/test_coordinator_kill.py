"""A process that is killed in the middle of play loses nothing that it had acknowledged.

A child plays as fast as it can and writes a line for every reply, after the reply: that is the acknowledgement. The
parent kills it at a moment of its own, then plays the child's last delivery again, as Telegram would.
"""

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the child, which no pytest started
from diana_engine.database.connect import Database, open_database
from diana_engine.database.port import Decision, PlayerKey, PlayerRecord, PlayKey, UpdateId
from diana_engine.database.stores import store_on
from diana_engine.database.stories.repository import SqlStories
from diana_engine.runtime.coordinator import Begin, Coordinator, Request, Tap
from diana_engine.runtime.versions.library import Library, story_token
from strategies.stories import COINS, endless

ROUNDS = 12
ANA = PlayerKey("test", "ana")
TESTS = Path(__file__).parents[1]


async def coordinator_on(database: Database) -> Coordinator:
    library = Library(SqlStories(database, lambda: 0))
    await library.store(endless())
    players = store_on(database, lambda: 0).players
    return Coordinator(players, library, endless().story, lambda: 0, lambda: 1)


async def child(url: str) -> None:
    """Play for ever; delivery n is the tap that leads to sequence n."""
    async with await open_database(url) as database:
        coordinator = await coordinator_on(database)
        reply = await coordinator.handle(Request(ANA, Begin()))
        print("ready", flush=True)
        while True:
            tap = Tap(reply.story_token, reply.sequence, 0)
            update = UpdateId(reply.sequence + 1)
            reply = await coordinator.handle(Request(ANA, tap, update))
            assert reply.outcome == "moved", reply
            print(reply.sequence, flush=True)


def killed_in_play(url: str, seconds: float) -> int:
    """Run a child, kill it that long after it began to play, and return the last sequence it acknowledged."""
    command = [sys.executable, __file__, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=TESTS.parent, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
        process.kill()
        # A line may have been cut off by the death: only whole ones count.
        lines = [
            line for line in process.stdout.read().splitlines(keepends=True) if line[-1] == "\n"
        ]
    return int(lines[-1]) if lines else 0


async def settled(database: Database) -> PlayerRecord:
    """Return the play once no transaction of the dead can still end: a step waits for its row."""
    play = PlayKey(ANA, endless().story)
    stored = await store_on(database, lambda: 0).players.step(
        play, None, lambda _: Decision("looked")
    )
    assert stored.record is not None
    return stored.record


async def test_no_acknowledged_step_is_lost_and_none_is_done_twice(fresh_url: str):
    chance, sequence = random.Random(7), 1
    for _ in range(ROUNDS):
        acknowledged = max(sequence, killed_in_play(fresh_url, chance.uniform(0.0, 0.15)))
        async with await open_database(fresh_url) as database:
            record = await settled(database)
            sequence = record.sequence
            # One step more may have been durable, and its answer cut off.
            assert acknowledged <= sequence <= acknowledged + 1
            assert record.state.values[COINS] == sequence - 1  # neither torn nor doubled
            # The last delivery, answered or not, comes again.
            last = Tap(story_token(record.digest), sequence - 1, 0)
            request = Request(ANA, last, UpdateId(sequence))
            reply = await (await coordinator_on(database)).handle(request)
            assert (reply.outcome, reply.sequence) == (
                "repeated" if sequence > 1 else "stale",
                sequence,
            )
    assert sequence > ROUNDS, "the children hardly played"


if __name__ == "__main__":
    asyncio.run(child(sys.argv[1]))
