"""Two `diana bot --webhook` processes behind a balancer on one PostgreSQL: nothing twice, and one may be killed."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass

import aiohttp
import pytest
from sqlalchemy import text

from balancer import Balancer, balancer
from botapi.player import Player
from botapi.server import BotApiServer
from botprocess import LONG, bot
from botstage import SECRET, free_port
from diana_engine.adapters.telegram.showing.payloads import Write, pack
from diana_engine.database.connect import Database, open_database
from diana_engine.database.port import Decision, Message, PlayerKey, PlayKey
from diana_engine.database.stores import store_on
from diana_engine.database.stories.repository import SqlStories
from diana_engine.expressions.terms import AddTo, Constant, VariableId
from diana_engine.program.model import Choices, Points, Program
from posting import get, post
from strategies.builders import choice, ending, fragment, story

TOKEN = "123456789:" + "AAE_x-1" * 5
CHANNEL = "telegram:123456789"
GOLD = VariableId("gold")


def mine() -> Program:
    """A mine that gives three gold at each stroke, for ever."""
    dig = choice("hall.dig", "hall", effects=(AddTo(GOLD, Constant(3)),))
    leave = choice("hall.leave", "end")
    return story(fragment("hall", Choices((dig, leave))), ending(), variables={GOLD: Points(5)})


@dataclass
class House:
    api: BotApiServer
    front: Balancer
    database: Database
    url: str

    @contextmanager
    def worker(self, name: str, *more: str) -> Iterator[subprocess.Popen[str]]:
        """Run a worker as a process of its own."""
        port = free_port()
        line = [
            "--database", self.url, "--api-server", self.api.url, "--worker", name, "--log-level", "warning",
            "--webhook", f"{self.front.url}/hook", "--listen", f"127.0.0.1:{port}", *more,
        ]  # fmt: skip
        with bot(*line, DIANA_BOT_TOKEN=TOKEN, DIANA_WEBHOOK_SECRET=SECRET) as process:
            self.front.workers.append(f"http://127.0.0.1:{port}")
            yield process

    async def quiet(self) -> None:
        """Wait until everything was sent."""
        outbox = store_on(self.database, lambda: 0).outbox
        async with asyncio.timeout(LONG):
            while (counts := await outbox.counts(CHANNEL)).ready + counts.sending:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def gold(self, player: Player) -> tuple[int, int, int]:
        """Return a player's gold as the ledger has it, how many entries that is, and the sequence."""
        play = PlayKey(PlayerKey(CHANNEL, str(player.user.id)), mine().story)
        store = store_on(self.database, lambda: 0)
        record = await store.players.find(play)
        assert record is not None
        balance = (await store.history.balances(play))["gold"]
        assert record.state.values[GOLD] == balance
        return balance, len(await store.history.ledger(play)), record.sequence

    async def remind(self, chats: range) -> None:
        """Have as many reminders wait as there are chats."""
        for chat in chats:
            Player(self.api, chat)
            self.api.store.chat(str(chat)).started = True
        payload = pack(Write(html="Still there?"))
        messages = tuple(Message(str(chat), payload, priority="reminder") for chat in chats)
        play = PlayKey(PlayerKey(CHANNEL, "7"), mine().story)
        players = store_on(self.database, lambda: int(time.time())).players
        await players.step(play, None, lambda _: Decision("said", messages=messages))

    async def senders(self) -> set[str]:
        """Return which workers have sent something."""
        async with self.database.transaction(writes=False) as connection:
            rows = await connection.execute(
                text("SELECT DISTINCT owner FROM outbox WHERE state = 'sent'")
            )
            return {str(owner) for (owner,) in rows}


async def ready(url: str) -> None:
    async with asyncio.timeout(LONG):
        while True:
            try:
                if (await get(url, "/readyz"))[0] == 200:
                    return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


@pytest.fixture
async def house(postgresql_url: str) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(BotApiServer(TOKEN))
        front = await stack.enter_async_context(balancer())
        database = await stack.enter_async_context(await open_database(postgresql_url))
        await SqlStories(database, lambda: 0).add(mine())
        yield House(api, front, database, postgresql_url)
        assert api.crashes == []


async def test_five_deliveries_at_once_to_two_workers_are_one_step_and_one_may_be_killed(
    house: House,
) -> None:
    with house.worker("one") as one, house.worker("two") as two:
        await asyncio.gather(*map(ready, house.front.workers))
        ana = Player(house.api)
        await ana.say("/start")
        await ana.wait_for_message(1, LONG)
        tapped = await ana.tap("hall.dig")
        await ana.wait_for_message(2, LONG)
        assert await house.gold(ana) == (8, 2, 2)

        # The same press from elsewhere in time: five times at once, to both.
        late = {"update_id": 900_000_001, "callback_query": (await ana.forge("x")).query.as_json()}
        scene = ana.messages[-1]
        late["callback_query"] |= {"data": scene.keyboard[0][0]["callback_data"], "id": "late"}
        again = {"update_id": tapped.update_id, "callback_query": tapped.query.as_json()}
        urls = [house.front.workers[number % 2] for number in range(5)]
        statuses = await asyncio.gather(
            *(post(url, what) for what in (late, again) for url in urls)
        )
        assert statuses == [200] * 10
        await ana.wait_for_message(lambda message: message.id > scene.id, LONG)
        assert await house.gold(ana) == (11, 3, 3)
        assert set(house.front.served) == set(house.front.workers), "both have answered"

        await house.quiet()  # what it held would wait for its lease to end
        one.send_signal(signal.SIGKILL)
        one.wait(LONG)
        for count in range(3):
            before = ana.messages[-1].id
            await ana.tap("hall.dig")
            await ana.wait_for_message(lambda message, before=before: message.id > before, LONG)
            assert await house.gold(ana) == (14 + 3 * count, 4 + count, 4 + count)

        two.send_signal(signal.SIGTERM)
        out, err = await asyncio.to_thread(two.communicate, None, LONG)
    assert (two.returncode, out) == (0, "serving tale as @diana_test_bot\n"), err
    assert TOKEN not in err
    assert SECRET not in err
    assert [line for line in err.splitlines() if '"level": "error"' in line] == []


async def test_two_workers_keep_one_limit_on_bulk_and_when_one_is_killed_the_other_goes_on(
    house: House,
) -> None:
    rate, burst, count = 20, 5, 100
    limit = ("--bulk-rate", str(rate))
    with house.worker("one", *limit) as one, house.worker("two", *limit):
        await asyncio.gather(*map(ready, house.front.workers))
        began = time.monotonic()
        await house.remind(range(100, 100 + count))
        await house.quiet()
        # With a limit for each it would be over in half of that.
        assert time.monotonic() - began >= (count - burst) / rate
        assert await house.senders() == {f"{CHANNEL} one", f"{CHANNEL} two"}, "both have sent"

        one.send_signal(signal.SIGKILL)
        one.wait(LONG)
        await house.remind(range(300, 320))
        await house.quiet()
    assert len(house.api.calls_of("sendMessage")) == count + 20
