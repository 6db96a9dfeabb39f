"""One run: players play through faults, the faults end, and everything must come right in a bounded time."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from diana_engine.adapters.telegram.receiving.updates import Incoming, Reach, Said, Tappable, Tapped
from diana_engine.database.memory.tables import Tables
from diana_engine.database.ports.decisions import LedgerError
from diana_engine.errors import DianaError
from diana_engine.runtime.versions.library import Library
from simulation.ends import check_end
from simulation.following import left_behind
from simulation.hours import OutOfTimeError, VirtualLoop
from simulation.publishing import Press, Shop
from simulation.story import market
from simulation.telegram import Faults, Posted, Telegram
from simulation.worker import CHANNEL, Killed, Parts, Worker
from stage import DAWN, Shelf

__all__ = ["Run", "simulated"]

PUBLISHING = 0.3
"""The share of runs in which somebody publishes."""
SETTLED = 900
"""Virtual seconds within which all must have come right after the faults have ended."""


@dataclass
class Run:
    """What happened in a run; `wrong` says what must not be."""

    seed: int
    faults: Faults = field(default_factory=Faults)
    steps: int = 0
    updates: int = 0
    deliveries: int = 0
    kills: int = 0
    stops: int = 0
    publications: int = 0
    refused: int = 0
    messages: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


def simulated(seed: int) -> Run:
    """Return what happened in the run of a seed; the same seed, the same run."""
    loop = VirtualLoop(end=20_000)
    loop.set_exception_handler(lambda *_: None)  # those who are killed leave what they were at
    run = Run(seed)
    try:
        loop.run_until_complete(World(run, loop).play())
    except (AssertionError, LedgerError) as error:
        run.wrong.append(f"a mistake of ours: {error}")
    except OutOfTimeError as error:
        run.wrong.append(str(error))
    finally:
        _close(loop)
    return run


def _close(loop: asyncio.AbstractEventLoop) -> None:
    async def end() -> None:
        left = asyncio.all_tasks(loop) - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    loop.run_until_complete(end())
    loop.close()


class World:
    """Players, Telegram, a store, and workers that come and go."""

    def __init__(self, run: Run, loop: VirtualLoop) -> None:
        self.run, self.loop = run, loop
        self.rng = Random(run.seed)
        run.faults = Faults.drawn(self.rng)
        self.tables = Tables()
        self.heard: list[int] = []
        self.telegram = Telegram(self.rng, loop.time)
        self.telegram.faults = run.faults
        self.program = market()
        late = Random(f"{run.seed} publishes")  # so that a run without stays what it is
        self.shop = Shop(self.tables, self.clock) if late.random() < PUBLISHING else None
        library = Library(self.shop or Shelf())
        self.parts = Parts(
            loop,
            self.tables,
            library,
            self.program.story,
            self.telegram,
            self.rng,
            self.clock,
            self.heard,
            self.shop,
            late,
        )
        self.workers = [Worker(f"worker{number}", self.parts) for number in range(2)]
        self.acknowledged: dict[int, Incoming] = {}
        self.attempted: Counter[int] = Counter()
        self.numbers = 0
        self.blocked: dict[str, list[int]] = {}
        self.cut_off = (
            0  # messages in hand when their worker died: sent or not, nobody could note it
        )
        self.calm = False
        self.players = range(0)

    def clock(self) -> int:
        """Return what a clock on the wall shows."""
        return DAWN + int(self.loop.time())

    async def play(self) -> None:
        """Let everything happen, and look at what came of it."""
        await self.parts.library.store(self.program)
        for worker in self.workers:
            worker.start()
        killing = asyncio.create_task(self._kill_now_and_then())
        self.players = players = range(1, self.rng.randint(2, 4))
        publishing = asyncio.create_task(self._publish_now_and_then())
        await asyncio.gather(*(self._live(player) for player in players))
        self.calm = True
        await killing
        await publishing
        self.telegram.faults = Faults()
        for player in players:
            await self._unblock(player)
        await self._settle()
        self.run.seconds = self.loop.time()
        self.run.steps = len(self.tables.log)
        self.run.messages = self.telegram.last
        self.run.wrong += await check_end(self, players)

    # Workers

    async def _kill_now_and_then(self) -> None:
        while not self.calm:
            await asyncio.sleep(1.0)
            if self.rng.random() < self.run.faults.kills:
                await self._kill(self.rng.randrange(len(self.workers)))
            if self.rng.random() < self.run.faults.stops:
                await self._stop(self.rng.randrange(len(self.workers)))

    async def _kill(self, index: int) -> None:
        self.run.kills += 1
        worker = self.workers[index]
        self.cut_off += self._held(worker)
        worker.kill()
        await self._replace(index)

    async def _stop(self, index: int) -> None:
        self.run.stops += 1
        worker = self.workers[index]
        await worker.stop()
        if self._held(worker) and not self.run.faults.store:
            self.run.wrong.append(f"{worker.name} stopped with messages in hand")
        await self._replace(index)

    def _held(self, worker: Worker) -> int:
        held = (one for one in self.tables.messages.values() if one.state == "sending")
        return sum(one.owner == worker.name for one in held)

    async def _replace(self, index: int) -> None:
        await asyncio.sleep(self.rng.uniform(0.1, 20))
        self.workers[index] = Worker(self.workers[index].name, self.parts)
        self.workers[index].start()

    # Versions

    async def _publish_now_and_then(self) -> None:
        if self.shop is not None:
            press = Press(self.shop, self.parts.late, self._touch)
            await press.work(lambda: self.calm)
            self.run.publications, self.run.refused = len(self.shop.published), press.refused

    async def _touch(self) -> None:
        """Let players come just when something was published, to workers that have noticed or not."""
        late = self.parts.late
        for _ in range(late.choice((0, 2, 6))):
            await asyncio.sleep(late.uniform(0, 2))
            player = late.choice(self.players)
            armed = self.telegram.chat(player).armed
            if armed and not self.telegram.chat(player).blocked:
                button = late.choice(sorted(armed[-1].buttons.items()))
                await self._send(self._tap(player, armed[-1], button))

    # Players

    async def _live(self, player: int) -> None:
        await self._send(Said(self._number(), player, "start"))
        for _ in range(self.rng.randint(3, 10)):
            await asyncio.sleep(self._thought(player))
            await self._act(player)

    def _thought(self, player: int) -> float:
        """Return for how long a player does nothing; now and then they are back just when one of their timers fires."""
        if self.rng.random() < 0.15:
            name, now = f"{CHANNEL}/{player}", self.clock()
            mine = [one.row for one in self.tables.timers.values() if one.row.player == name]
            soon = [row.due_at for row in mine if now < row.due_at <= now + 90]
            if soon:
                return max(0.0, min(soon) - DAWN - self.loop.time() + self.rng.uniform(-0.2, 0.6))
        return self.rng.choice((0.05, self.rng.uniform(0, 5), self.rng.uniform(0, 90)))

    async def _act(self, player: int) -> None:
        chat, rng = self.telegram.chat(player), self.rng
        dice = rng.random()
        if dice < self.run.faults.blocks:
            if (
                chat.armed and rng.random() < 0.5
            ):  # what comes of it is on its way when they block the bot
                await self._send(
                    self._tap(
                        player, chat.armed[-1], rng.choice(sorted(chat.armed[-1].buttons.items()))
                    )
                )
                await asyncio.sleep(rng.uniform(0, 0.5))
            chat.blocked = True
            block = Reach(self._number(), player, reachable=False)
            self.blocked.setdefault(str(player), []).append(block.update)
            await self._send(block)
            await asyncio.sleep(rng.uniform(0, rng.choice((0.5, 0.5, 60))))
            await self._unblock(player)
            return
        armed = chat.armed
        if not armed or dice > 0.97:
            word = rng.choice(("start", "restart", "help"))
            await self._send(Said(self._number(), player, word))
            return
        message = armed[-1] if rng.random() < 0.85 else rng.choice(armed)
        seen = sorted(message.buttons.items())
        for _ in range(rng.choice((1, 1, 1, 1, 1, 2, 3))):  # an impatient finger
            await self._send(self._tap(player, message, rng.choice(seen)))

    def _tap(self, player: int, message: Posted, button: tuple[str, str]) -> Tapped:
        data, label = button
        number = self._number()
        shown = Tappable(message.id, message.text, pressed=label)
        return Tapped(number, player, f"query{number}", data, shown)

    async def _unblock(self, player: int) -> None:
        chat = self.telegram.chat(player)
        if chat.blocked:
            chat.blocked = False
            await self._send(Reach(self._number(), player, reachable=True))
            await self._send(Said(self._number(), player, "start"))  # as Telegram's clients do

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    # Deliveries

    async def _send(self, incoming: Incoming) -> None:
        """Hand an update to Telegram, which brings it to some worker until one has acknowledged it."""
        self.run.updates += 1
        delivery = asyncio.create_task(self._deliver(incoming))
        if self.rng.random() < 0.7:
            await delivery

    async def _deliver(self, incoming: Incoming) -> None:
        while True:
            times = 2 if self.rng.random() < self.telegram.faults.doubled else 1
            tries = [self._attempt(incoming) for _ in range(times)]
            if any(await asyncio.gather(*tries)):
                return
            await asyncio.sleep(self.rng.uniform(0.5, 10))

    async def _attempt(self, incoming: Incoming) -> bool:
        """Bring an update to a worker; return whether Telegram hears that it has it."""
        await asyncio.sleep(self.rng.uniform(0, 0.2))
        self.run.deliveries += 1
        self.attempted[incoming.update] += 1
        try:
            await self.rng.choice(self.workers).attend(incoming)
        except (DianaError, Killed):
            return False
        self.acknowledged[incoming.update] = incoming
        return self.rng.random() >= self.telegram.faults.unacknowledged

    async def _settle(self) -> None:
        """Wait until nothing is left to do, but for timers that lie ahead."""
        until = self.loop.time() + SETTLED
        while self.loop.time() < until:
            await asyncio.sleep(5)
            if not self._pending():
                await asyncio.sleep(5)
                if not self._pending():
                    return
        self.run.wrong.append(f"not settled after {SETTLED} s: {self._pending()}")

    def _pending(self) -> list[Any]:
        waiting = [
            one.id for one in self.tables.messages.values() if one.state in ("ready", "sending")
        ]
        due = [key for key, one in self.tables.timers.items() if one.row.due_at <= self.clock() - 5]
        missing = [n for n in range(1, self.numbers + 1) if n not in self.acknowledged]
        told = self.tables.cursors.get("ear", 0)
        untold = [one for one in (self.tables.last_event,) if told < one]
        again = [key for key, one in self.tables.deliveries.items() if one.state == "waiting"]
        return [*waiting, *due, *missing, *untold, *again, *left_behind(self)]
