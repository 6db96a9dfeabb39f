"""A lock per player, and nothing left of it."""

import asyncio

import pytest

from diana_engine.runtime.locks import BusyError, KeyedLocks, Room


async def test_nothing_is_left_after_ten_thousand_players():
    locks: KeyedLocks[int] = KeyedLocks()
    most = 0

    async def visit(player: int) -> None:
        nonlocal most
        async with locks.hold(player):
            most = max(most, len(locks))
            await asyncio.sleep(0)

    await asyncio.gather(*(visit(player) for player in range(10_000)))
    assert most > 1_000
    assert len(locks) == 0


async def test_one_key_is_held_by_one_at_a_time_and_in_the_order_of_asking():
    locks: KeyedLocks[str] = KeyedLocks()
    inside, order = 0, []

    async def visit(number: int) -> None:
        nonlocal inside
        async with locks.hold("ana"):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            order.append(number)
            inside -= 1

    await asyncio.gather(*(visit(number) for number in range(50)))
    assert order == list(range(50))


async def test_another_key_does_not_wait():
    locks: KeyedLocks[str] = KeyedLocks()
    async with locks.hold("ana"), asyncio.timeout(1), locks.hold("bea"):
        assert len(locks) == 2


async def test_a_waiter_that_is_cancelled_leaves_nothing_and_lets_the_next_one_in():
    locks: KeyedLocks[str] = KeyedLocks()
    entered = []

    async def visit(name: str) -> None:
        async with locks.hold("ana"):
            entered.append(name)

    async with locks.hold("ana"):
        waiters = [asyncio.create_task(visit(name)) for name in ("first", "second")]
        await asyncio.sleep(0)
        waiters[0].cancel()
        await asyncio.gather(waiters[0], return_exceptions=True)
        assert len(locks) == 1
    await waiters[1]
    assert entered == ["second"]
    assert len(locks) == 0


async def test_an_exception_inside_releases_the_lock():
    locks: KeyedLocks[str] = KeyedLocks()
    with pytest.raises(ZeroDivisionError):
        async with locks.hold("ana"):
            raise ZeroDivisionError
    assert len(locks) == 0


async def test_one_more_than_there_is_room_for_is_refused_and_changes_nothing():
    locks: KeyedLocks[str] = KeyedLocks(Room(most=3, each=2))
    leave = asyncio.Event()

    async def visit(key: str) -> None:
        async with locks.hold(key):
            await leave.wait()

    async def refused(key: str) -> str:
        with pytest.raises(BusyError) as found:
            await visit(key)
        return found.value.full

    visits = [asyncio.create_task(visit(key)) for key in ("ana", "ana")]
    await asyncio.sleep(0)
    assert await refused("ana") == "one"
    visits.append(asyncio.create_task(visit("bea")))
    await asyncio.sleep(0)
    assert await refused("cleo") == "all"
    leave.set()
    await asyncio.gather(*visits)
    assert len(locks) == 0
    await asyncio.gather(visit("ana"), visit("ana"), visit("cleo"))


async def test_who_is_cancelled_while_waiting_makes_room():
    locks: KeyedLocks[str] = KeyedLocks(Room(most=9, each=2))

    async def visit() -> None:
        async with locks.hold("ana"):
            pass

    async with locks.hold("ana"):
        for _ in range(5):
            waiter = asyncio.create_task(visit())
            await asyncio.sleep(0)
            waiter.cancel()
            await asyncio.gather(waiter, return_exceptions=True)
