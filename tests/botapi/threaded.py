"""The server in a thread of its own, for tests without an event loop.

Such a test starts the bot as another process, kills it, starts it again, and meanwhile the server
lives on::

    with serve_in_thread() as api:
        bot = subprocess.Popen([..., api.url])
        ana = api.player()
        ana.say("/start")
        ana.wait_for_message("Welcome")

Everything that belongs to the server is touched in its thread only: by the methods here, or by
`call` and `run`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from botapi.faults import Fault, Hold
from botapi.player import Player, Said, Screen, Tapped, Wanted
from botapi.records import CallbackAnswer, CallbackQuery, Message
from botapi.server import PATIENCE, BotApiServer, Call

__all__ = ["PlayerInThread", "ServerInThread", "serve_in_thread"]

T = TypeVar("T")


class ServerInThread:
    """A running server, from outside its thread.

    Attributes:
        server: the server itself, to be touched in its own thread only, through `call` and `run`.
    """

    def __init__(self, server: BotApiServer, loop: asyncio.AbstractEventLoop) -> None:
        self.server = server
        self._loop = loop

    @property
    def url(self) -> str:
        """Base address, for `TelegramAPIServer.from_base`."""
        return self.server.url

    @property
    def token(self) -> str:
        """What the bot must call itself."""
        return self.server.token

    @property
    def calls(self) -> list[Call]:
        """Every call of the bot so far, oldest first."""
        return self.call(lambda: list(self.server.calls))

    @property
    def pending(self) -> list[int]:
        """Ids of the updates that the bot has not confirmed."""
        return self.call(lambda: self.server.updates.pending)

    def calls_of(self, *methods: str) -> list[Call]:
        """Give the calls of some methods, oldest first."""
        return self.call(lambda: self.server.calls_of(*methods))

    def player(self, user_id: int = 1001, first_name: str = "Ana") -> PlayerInThread:
        """Give a person in a private chat with the bot."""
        return PlayerInThread(self, self.call(lambda: Player(self.server, user_id, first_name)))

    def advance(self, seconds: float) -> None:
        """Let time pass on the server's clock."""
        self.call(lambda: self.server.clock.advance(seconds))

    def plan(
        self,
        method: str,
        fault: Fault,
        *,
        times: int | None = 1,
        skip: int = 0,
        chat_id: int | None = None,
    ) -> None:
        """Let calls of a method meet a fault; see `Faults.plan`."""
        faults = self.server.faults
        self.call(lambda: faults.plan(method, fault, times=times, skip=skip, chat_id=chat_id))

    def wait_for(self, condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Wait until something about `server` holds; it is asked in the server's thread.

        Raises:
            TimeoutError: it never held.
        """
        self.run(lambda: self.server.wait_for(condition, timeout))

    def wait_until_held(self, hold: Hold, timeout: float = PATIENCE) -> None:
        """Wait until a call hangs in the fault.

        Raises:
            TimeoutError: none did.
        """
        self.run(lambda: asyncio.wait_for(hold.reached.wait(), timeout))

    def release(self, hold: Hold) -> None:
        """Let the held call go on."""
        self.call(hold.release)

    def call(self, function: Callable[[], T]) -> T:
        """Do something in the server's thread and give what it returns."""

        async def calling() -> T:
            return function()

        return self.run(calling)

    def run(self, function: Callable[[], Awaitable[T]]) -> T:
        """Await something in the server's thread and give its result."""

        async def running() -> T:
            return await function()

        return asyncio.run_coroutine_threadsafe(running(), self._loop).result()


class PlayerInThread:
    """A `Player` for tests without an event loop: the same, without `await`."""

    def __init__(self, api: ServerInThread, player: Player) -> None:
        self._api = api
        self._player = player

    def say(self, text: str) -> Said:
        """Write to the bot."""
        return self._api.run(lambda: self._player.say(text))

    def tap(self, button: str | int = 0, message: Message | None = None) -> Tapped:
        """Press a button; see `Player.tap`."""
        return self._api.run(lambda: self._player.tap(button, message))

    def forge(self, data: str, message: Message | None = None) -> Tapped:
        """Press a button that no keyboard has shown."""
        return self._api.run(lambda: self._player.forge(data, message))

    def repeat(self, done: Said | Tapped) -> None:
        """Have Telegram deliver the same update once more."""
        self._api.run(lambda: self._player.repeat(done))

    def block(self) -> None:
        """Block the bot."""
        self._api.run(self._player.block)

    def unblock(self) -> None:
        """Let the bot write again."""
        self._api.run(self._player.unblock)

    def delete_account(self) -> None:
        """Be gone."""
        self._api.run(self._player.delete_account)

    @property
    def messages(self) -> list[Message]:
        """The bot's messages that are still there, oldest first."""
        return self._api.call(lambda: self._player.messages)

    @property
    def conversation(self) -> list[Message]:
        """All messages that are still there."""
        return self._api.call(lambda: self._player.conversation)

    @property
    def queries(self) -> list[CallbackQuery]:
        """His presses of buttons, each with its answer if there is one."""
        return self._api.call(lambda: self._player.queries)

    @property
    def answers(self) -> list[CallbackAnswer]:
        """The bot's answers to his presses."""
        return self._api.call(lambda: self._player.answers)

    def screen(self) -> Screen:
        """Look at the bot's last message."""
        return self._api.call(self._player.screen)

    def wait_for_message(self, wanted: Wanted = 1, timeout: float = PATIENCE) -> Message:
        """Wait for a message of the bot; see `Player.wait_for_message`."""
        return self._api.run(lambda: self._player.wait_for_message(wanted, timeout))

    def wait_for_screen(self, fits: Callable[[Screen], bool], timeout: float = PATIENCE) -> Screen:
        """Wait until the last message looks as wanted."""
        return self._api.run(lambda: self._player.wait_for_screen(fits, timeout))

    def wait_for_answer(self, tapped: Tapped, timeout: float = PATIENCE) -> CallbackAnswer:
        """Wait until the bot has answered a press."""
        return self._api.run(lambda: self._player.wait_for_answer(tapped, timeout))


@contextmanager
def serve_in_thread(server: BotApiServer | None = None) -> Iterator[ServerInThread]:
    """Run a server in a thread of its own for as long as the block lasts."""
    served = server or BotApiServer()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="botapi", daemon=True)
    thread.start()
    api = ServerInThread(served, loop)
    try:
        api.run(served.start)
        try:
            yield api
        finally:
            api.run(served.stop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
