"""Processes that serve a database and are killed, again and again, at random moments and at the worst ones.

Run as a program, without a thread, so that it can fork: a child then begins in milliseconds. Children handle deliveries and
send messages, and write a line for each that they acknowledge or send, after it; the parent kills them, and brings what
was not acknowledged again, to whichever child comes next, or to two at once. In the end every play must have its books in
order, every acknowledged delivery must be known, and every message must have been sent.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # as a program, no pytest has done so
from diana_engine.database.connect import Database, open_database
from diana_engine.database.port import Message, PlayerKey, PlayKey, UpdateId
from diana_engine.database.stores import store_on
from diana_engine.database.stories.repository import SqlStories
from diana_engine.errors import DianaError
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.requests import Begin, Look, Reply, Request, Tap
from diana_engine.runtime.versions.library import Library
from simulation.books import check_play, steps_of
from simulation.story import known, market

CHANNEL = "test:1"
PLAYERS = 24
BATCH = 40
POINTS = ("any moment", "in the decision", "before the answer", "between send and note")


def clock() -> int:
    return int(time.time())


def key(player: int) -> PlayerKey:
    return PlayerKey(CHANNEL, str(player))


async def coordinator_on(database: Database) -> Coordinator:
    library = Library(SqlStories(database, clock))
    await library.store(market())
    players = store_on(database, clock).players
    return Coordinator(players, library, market().story, clock, lambda: random.getrandbits(40))


# A child ------------------------------------------------------------------------------------------


@dataclass
class Fate:
    """Where a child kills itself, and how often it comes there before."""

    point: str
    left: int

    def at(self, point: str) -> None:
        """Die, if it is time."""
        if point == self.point:
            self.left -= 1
            if self.left < 0:
                os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Child:
    """A process that serves, until it is killed or has nothing left to do."""

    url: str
    name: str
    deliveries: list[dict[str, int]]
    fate: Fate
    out: int

    def say(self, line: str) -> None:
        os.write(self.out, f"{line}\n".encode())

    async def serve(self) -> None:
        async with await open_database(self.url, create=False) as database:
            coordinator = await coordinator_on(database)
            self.say("ready 0")
            sending = asyncio.create_task(self._send(database))
            await asyncio.gather(*(self._handle(coordinator, one) for one in self.deliveries))
            await self._drain(database)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _drain(self, database: Database) -> None:
        """Give the sender a moment; nobody waits for death who is not to be killed, so there is time to send all."""
        outbox, until = (
            store_on(database, clock).outbox,
            time.monotonic() + (0.05 if self.fate.point else 30),
        )
        while time.monotonic() < until:
            counts = await outbox.counts(CHANNEL)
            if not counts.ready and not counts.sending:
                return
            await asyncio.sleep(0.02)

    async def _handle(self, coordinator: Coordinator, delivery: dict[str, int]) -> None:
        player, update = key(delivery["player"]), UpdateId(delivery["update"])
        reply = await coordinator.handle(Request(player, Look()))
        choice = delivery["choice"] if reply.view is not None and reply.view.choices else None
        button = Tap(reply.story_token, reply.sequence, choice)
        intent = Begin() if reply.view is None else button
        await coordinator.handle(Request(player, intent, update, self._present))
        self.fate.at("before the answer")
        self.say(f"ack {update}")

    def _present(self, reply: Reply) -> tuple[Message, ...]:
        self.fate.at("in the decision")
        return (Message(f"chat {reply.sequence % 5}", reply.sequence),)

    async def _send(self, database: Database) -> None:
        outbox = store_on(database, clock).outbox
        await outbox.recover(CHANNEL, self.name, clock())
        while True:
            for one in await outbox.claim(CHANNEL, self.name, clock(), lease=2, limit=20):
                self.say(f"sent {one.id}")
                self.fate.at("between send and note")
                await outbox.sent(one, None, clock())
            await asyncio.sleep(0.002)


# The parent ---------------------------------------------------------------------------------------


@dataclass
class Report:
    """What came of it."""

    rounds: int
    kills: int = 0
    points: dict[str, int] = field(default_factory=dict)
    deliveries: int = 0
    acknowledged: int = 0
    steps: int = 0
    sent: int = 0
    sent_again: int = 0
    wrong: list[str] = field(default_factory=list)


class Parent:
    """Makes children, kills them, and remembers what they have acknowledged."""

    def __init__(self, url: str, rounds: int, workers: int, seed: int) -> None:
        self.url, self.rounds, self.workers = url, rounds, workers
        self.rng = random.Random(seed)
        self.report = Report(rounds)
        self.points: Counter[str] = Counter()
        self.open: dict[int, dict[str, int]] = {}
        self.known: dict[int, dict[str, int]] = {}
        self.sent: Counter[int] = Counter()
        self.numbers = 0

    def run(self) -> Report:
        asyncio.run(self._prepare())
        for number in range(self.rounds):
            self._round(number, killed=True)
        for number in range(2):  # what is left, undisturbed
            self._round(self.rounds + number, killed=False)
        self.report.points = dict(self.points)
        self.report.acknowledged, self.report.sent = len(self.known), len(self.sent)
        self.report.sent_again = sum(times - 1 for times in self.sent.values())
        asyncio.run(self._check())
        return self.report

    async def _prepare(self) -> None:
        async with await open_database(self.url) as database:
            await coordinator_on(database)

    def _round(self, number: int, *, killed: bool) -> None:
        while killed and len(self.open) < BATCH:
            self.numbers += 1
            choice = self.rng.choice((0, 0, 1, 1, 2, 4))  # 3 takes a minute
            player = self.rng.randint(1, PLAYERS)
            self.open[self.numbers] = {"player": player, "update": self.numbers, "choice": choice}
        point = POINTS[number % len(POINTS)] if killed else ""
        children = [self._child(index, number, point) for index in range(self.workers)]
        if point == "any moment":
            self._kill_at_any_moment(self.rng.choice(children)[0])
        for process, pipe in children:
            self._hear(pipe)
            _, status = os.waitpid(process, 0)
            if os.WIFSIGNALED(status):
                self.report.kills += 1
                self.points[point] += 1
            elif os.waitstatus_to_exitcode(status):
                self.report.wrong.append(f"a child of round {number} failed")

    def _kill_at_any_moment(self, process: int) -> None:
        time.sleep(self.rng.uniform(0.0, 0.2))
        os.kill(process, signal.SIGKILL)

    def _child(self, index: int, number: int, point: str) -> tuple[int, int]:
        """Fork a child; return its process and the pipe that it writes to."""
        mine = [one for one in self.open.values() if self.workers == 1 or self.rng.random() < 0.7]
        self.report.deliveries += len(mine)
        # Of two workers, one goes on.
        survives = "to the end of the round" if point else ""
        most = (
            6 if point == "between send and note" else BATCH // 2
        )  # a child may come there no oftener
        fate = Fate(point if index == 0 else survives, self.rng.randrange(most))
        heard, written = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(heard)
            child = Child(self.url, f"worker{index}", mine, fate, written)
            os._exit(_lived(child))
        os.close(written)
        return process, heard

    def _hear(self, pipe: int) -> None:
        with os.fdopen(pipe) as lines:
            for line in lines:
                if not line.endswith("\n"):
                    continue  # cut off by the death: it was never said
                word, _, value = line.strip().partition(" ")
                if word == "ack" and int(value) in self.open:
                    self.known[int(value)] = self.open.pop(int(value))
                elif word == "sent":
                    self.sent[int(value)] += 1

    async def _check(self) -> None:
        wrong = self.report.wrong
        if self.open:
            wrong.append(f"deliveries that nobody acknowledged: {sorted(self.open)[:5]}")
        async with await open_database(self.url, create=False) as database:
            coordinator, store = await coordinator_on(database), store_on(database, clock)
            for player in range(1, PLAYERS + 1):
                play = PlayKey(key(player), market().story)
                wrong += await check_play(store, play, known())
                self.report.steps += len(await steps_of(store, play))
            lost = [n for n in self.known if not await self._is_known(coordinator, n)]
            if lost:
                wrong.append(f"deliveries that were acknowledged and are not known: {lost[:5]}")
            counts = await store.outbox.counts(CHANNEL)
            if counts.ready or counts.sending or counts.sent != len(self.sent):
                wrong.append(f"messages were not sent: {asdict(counts)}, sent {len(self.sent)}")
        if self.report.sent_again > self.report.kills + counts.unknown_outcomes:
            wrong.append(f"{self.report.sent_again} messages were sent again")

    async def _is_known(self, coordinator: Coordinator, number: int) -> bool:
        player = key(self.known[number]["player"])
        reply = await coordinator.handle(Request(player, Look(), UpdateId(number), lambda _: ()))
        return reply.outcome == "repeated"


def _lived(child: Child) -> int:
    try:
        asyncio.run(child.serve())
    except DianaError as error:
        os.write(2, f"{error}\n".encode())
        return 1
    except BaseException:  # noqa: BLE001 - a child of a fork must not go on as its parent
        import traceback

        traceback.print_exc()
        return 2
    return 0


def main(url: str, rounds: str, workers: str, seed: str) -> dict[str, Any]:
    """Kill children, and return what came of it."""
    return asdict(Parent(url, int(rounds), int(workers), int(seed)).run())


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:]), indent=1))
