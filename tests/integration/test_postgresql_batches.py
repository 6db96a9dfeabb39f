"""Which steps share a transaction in PostgreSQL, and which do not wait for each other."""

import asyncio

import asyncpg

from diana_engine.database.port import Decision, PlayerRecord, Save
from diana_engine.database.ports.store import Store
from diana_engine.database.postgresql.steps import queue
from diana_engine.database.steps.settle import Order
from strategies.steps import DIGEST, play, state


def decide(_record: PlayerRecord | None) -> Decision:
    return Decision("moved", Save(DIGEST, state(1)))


async def test_the_few_that_come_while_many_are_on_their_way_go_together(
    served: Store, aside: asyncpg.Connection
):
    few: list[asyncio.Task[object]] = []

    async def come() -> None:
        for who in ("x", "y", "z"):
            few.append(asyncio.create_task(served.players.step(play(who), None, decide)))
            # So that each is asked for by itself.
            for _ in range(3):
                await asyncio.sleep(0)

    def decide_and_call(record: PlayerRecord | None) -> Decision:
        coming.append(asyncio.create_task(come()))
        return decide(record)

    coming: list[asyncio.Task[None]] = []
    many = [served.players.step(play(f"many {n}"), None, decide) for n in range(8)]
    await asyncio.gather(served.players.step(play("first"), None, decide_and_call), *many)
    await asyncio.gather(*coming)
    await asyncio.gather(*few)
    shared = await aside.fetch("SELECT xmin::text AS one, count(*) FROM step_log GROUP BY one")
    assert sorted(number for _, number in shared) == [3, 9]


async def test_nobody_waits_for_a_batch_that_another_program_holds_up(
    served: Store, aside: asyncpg.Connection
):
    held = [Order(play("held"), None, decide)]
    await aside.execute(queue(held))
    together = [served.players.step(play(who), None, decide) for who in ("held", "b", "c")]
    late = asyncio.gather(*together)
    # The lock is the server's: nothing here is told when somebody comes to wait for it.
    while not await aside.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await served.players.step(play("d"), None, decide)
    assert not late.done()
    await aside.execute("ROLLBACK")
    assert [stored.result for stored in await late] == ["moved"] * 3
