"""Players as a webhook sees them: each has a connection that is kept, and taps again once the last tap was answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import msgspec

__all__ = ["SECRET", "Connection", "Tapper", "begin", "tap"]

SECRET = "a-secret-of-the-benchmark"  # noqa: S105 - nobody's
_HEAD = (
    "POST /hook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: %d\r\n\r\n"
)
_TEXT = "The lamp is out, and it is cold here. " * 10
_BOT = {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}


class Connection:
    """A connection to a server on this machine, over which one request after another is made."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> Connection:
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def post(self, body: bytes) -> int:
        """Post a body, and return the status of the answer once all of it is here."""
        self._writer.write((_HEAD % len(body)).encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        _, _, after = head.partition(b"content-length:")
        if after:
            await self._reader.readexactly(int(after.partition(b"\r\n")[0]))
        return int(head.split(b" ", 2)[1])

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()


@dataclass(slots=True)
class Tapper:
    """Somebody who takes the first choice again and again.

    `sequence` is the step at which the play stands; `took` are the seconds from each tap that was taken to its answer.
    """

    player: int
    story: str
    connection: Connection
    sequence: int = 0
    took: list[float] = field(default_factory=list)

    async def begin(self) -> None:
        """Press start."""
        status = await self.connection.post(begin(self.player, self._number()))
        assert status == 200, f"the server answered {status}"
        self.sequence = 1

    async def play(self, rounds: int) -> None:
        """Make steps, one after another."""
        for _ in range(rounds):
            taken = await self.tap()
            assert taken, "the server has too much to do"

    async def tap(self) -> bool:
        """Make a step; return whether the server has taken it, or said that it is to come again."""
        body = tap(self.player, self._number(), self.story, self.sequence)
        start = perf_counter()
        status = await self.connection.post(body)
        if status == 200:
            self.took.append(perf_counter() - start)
            self.sequence += 1
            return True
        assert status == 503, f"the server answered {status}"
        return False

    def _number(self) -> int:
        """Return the number of the update that makes the next step: no two have the same."""
        return self.player * 1_000_000 + self.sequence + 1


def begin(player: int, update: int) -> bytes:
    """Return the update in which a player presses start."""
    chat, person = _people(player)
    message = {"message_id": 1, "from": person, "chat": chat, "date": 1, "text": "/start"}
    entity = {"offset": 0, "length": 6, "type": "bot_command"}
    return msgspec.json.encode({"update_id": update, "message": message | {"entities": [entity]}})


def tap(player: int, update: int, story: str, sequence: int) -> bytes:
    """Return the update in which a player presses the first button of a scene, with all that Telegram says of it."""
    chat, person = _people(player)
    keys = [
        [{"text": f"Take the way number {choice}", "callback_data": f"p.{story}.{sequence}.{choice}"}]
        for choice in range(3)
    ]  # fmt: skip
    message = {
        "message_id": 2 * sequence,
        "from": _BOT,
        "chat": chat,
        "date": 1_790_000_000,
        "text": _TEXT,
        "entities": [{"offset": 0, "length": 8, "type": "bold"}],
        "reply_markup": {"inline_keyboard": keys},
    }
    query = {
        "id": str(4_000_000_000_000 + update),
        "from": person,
        "message": message,
        "chat_instance": "-3141592653589793238",
        "data": keys[0][0]["callback_data"],
    }
    return msgspec.json.encode({"update_id": update, "callback_query": query})


def _people(player: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a player's chat, and who they are."""
    named = {"id": player, "first_name": "Ana", "last_name": "Mora", "username": f"ana{player}"}
    return named | {"type": "private"}, named | {"is_bot": False, "language_code": "es"}
