"""Whatever dies or goes away: who waits is woken once, who is to be reminded is reminded once, and no timer is left behind."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest

from diana_engine.database.memory import MemoryStore
from diana_engine.errors import DianaError
from diana_engine.expressions.terms import VariableId
from diana_engine.program.model import Choices, Cost, Points, Program, Remind, Wait
from diana_engine.runtime.requests import Begin
from diana_engine.runtime.scheduler.scheduler import Scheduler
from diana_engine.runtime.scheduler.timing import planned
from stage import Stage
from strategies.builders import choice, fragment, onward, story, words

GOLD = VariableId("gold")
PLAYERS = ("ana", "bea", "cai")
DEEDS = {"tap": 40, "turn": 25, "die": 10, "pass": 20, "away": 5}


def circle() -> Program:
    """A way round through two waits, one of which can be paid off, with reminders."""
    wait = Wait(100, Cost(GOLD, 3))
    out = choice("hall.out", "yard", wait=wait, remind=Remind(30, words("Come out.")))
    hall = fragment("hall", Choices((out,)), remind=Remind(50, words("Still there?")))
    yard = fragment("yard", replace(onward("hall"), wait=Wait(70)), remind=Remind(20, words("Go.")))
    return story(hall, yard, variables={GOLD: Points(9)})


class World:
    """A stage whose database is away now and then, and whose workers die."""

    def __init__(self, seed: int) -> None:
        self.luck = Random(seed)
        self.away = False
        self.stage = Stage(lambda clock: MemoryStore(clock, self.pause), circle())
        self.births = 0

    async def pause(self) -> None:
        if self.away:
            raise DianaError("The database is away.")
        await asyncio.sleep(0)

    def worker(self) -> Scheduler:
        self.births += 1
        scheduler = self.stage.scheduler(owner=f"w{self.births}")
        scheduler.rhythm = replace(scheduler.rhythm, batch=3, lease=20)
        return scheduler

    async def tap(self) -> None:
        """Let somebody press one of the buttons, perhaps too early."""
        who = self.luck.choice(PLAYERS)
        reply = await self.stage.ask(Begin(), who)
        assert reply.view is not None
        way_on = self.luck.choice([None, 0]) if reply.view.wait or not reply.view.choices else 0
        await self.stage.tap(reply, way_on, who)

    async def turns(self, *, die: bool) -> None:
        """Let two workers have a turn at once; one may die in the middle of it."""
        both = [asyncio.ensure_future(self.worker().turn()) for _ in range(2)]
        if die:
            for _ in range(self.luck.randint(0, 15)):
                await asyncio.sleep(0)
            both[0].cancel()
        await asyncio.gather(*both, return_exceptions=True)

    async def play(self, length: int) -> None:
        await self.stage.open()
        for deed in self.luck.choices(list(DEEDS), weights=list(DEEDS.values()), k=length):
            match deed:
                case "tap":
                    with suppress(DianaError):
                        await self.tap()
                case "turn" | "die":
                    await self.turns(die=deed == "die")
                case "pass":
                    self.stage.now += self.luck.randint(1, 60)
                    self.away = False
                case _:
                    self.away = True
        self.away = False
        for _ in range(8):
            self.stage.now += 100
            for _ in range(4):
                await self.turns(die=False)


@pytest.mark.parametrize("seed", range(30))
async def test_each_wait_that_was_waited_out_is_told_once_and_so_is_each_reminder(
    seed: int,
) -> None:
    world = World(seed)
    await world.play(100)
    stage = world.stage
    events = await stage.store.events.read(0, 10_000)
    fired = Counter(
        (one.play.player.user, one.event.correlation)
        for one in events
        if one.event.name in ("wait_over", "reminder_told")
    )
    assert all(times == 1 for times in fired.values())
    for who in PLAYERS:
        record = await stage.store.players.find(stage.play(who))
        if record is None:
            continue
        # Everybody was left alone long enough for all that they wait for to be over.
        for timer in planned(stage.program, record.state).values():
            assert fired[who, f"timer:{timer.key}@{timer.due_at}"] == 1
        assert await stage.store.timers.of(stage.play(who)) == ()
    assert len(await stage.said()) == sum(fired.values())
    assert await stage.store.history.parked(9) == ()
