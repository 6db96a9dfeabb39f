"""The server itself: a Bot API on 127.0.0.1 that one bot talks to over real HTTP.

Inside a test's event loop::

    async with BotApiServer() as api:
        bot = Bot(api.token, session=AiohttpSession(api=TelegramAPIServer.from_base(api.url)))

A test without a loop, whose bot is another process, takes `botapi.threaded` instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

from botapi.clock import Clock
from botapi.errors import ApiError
from botapi.faults import Cut, Delay, Fault, Faults, Garble, Hold, Refuse
from botapi.methods import Methods
from botapi.records import User
from botapi.store import Store
from botapi.updates import UpdateQueue
from botapi.webhook import Webhook
from botapi.wire import Params, failure, read_params, success

__all__ = ["PATIENCE", "BotApiServer", "Call"]

PATIENCE: Final = 5.0
"""Real seconds to wait for the bot where a test does not say."""

_HOST: Final = "127.0.0.1"


@dataclass(slots=True)
class Call:
    """One call of the bot: its method, its parameters, and the status it was answered with.

    The status is None while the call is in the air, and stays so when its connection was cut.
    """

    method: str
    params: dict[str, Any]
    status: int | None = None


class BotApiServer:
    """One bot's Telegram; `url` is known once it runs.

    Attributes:
        token: what the bot must call itself.
        clock: the server's time, for a test to advance.
        store: chats, messages and presses.
        updates: what the bot has not confirmed.
        faults: what will go wrong.
        files: what the bot has uploaded.
        webhook: takes the updates to the bot, once it has set one.
        calls: every call so far, polls included, oldest first.
        crashes: errors of this server itself, which a test should find empty.
    """

    def __init__(
        self,
        token: str = "4242:loopback",
        *,
        username: str = "diana_test_bot",
        clock: Clock | None = None,
        port: int = 0,
    ) -> None:
        bot_id, _, _ = token.partition(":")
        bot = User(int(bot_id), "Diana", is_bot=True, username=username)
        self.token = token
        self.clock = clock or Clock()
        self.store = Store(self.clock, bot)
        self.updates = UpdateQueue(self.clock)
        self.faults = Faults()
        self.calls: list[Call] = []
        self.crashes: list[Exception] = []
        self._methods = Methods(bot, self.store, self.updates)
        self._methods.on_webhook = self._deliver_to
        self.files = self._methods.files
        self.webhook: Webhook | None = None
        self._delivering: asyncio.Task[None] | None = None
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Base address, for `TelegramAPIServer.from_base`."""
        if not self._port:
            raise RuntimeError("the server is not running: its port is not known yet")
        return f"http://{_HOST}:{self._port}"

    def calls_of(self, *methods: str) -> list[Call]:
        """Give the calls of some methods, oldest first."""
        names = {method.lower() for method in methods}
        return [call for call in self.calls if call.method.lower() in names]

    async def wait_for(self, condition: Callable[[], bool], timeout: float = PATIENCE) -> None:
        """Wait until something holds, such as how many calls there were.

        It is asked again whenever a call comes or is answered, and after each change in a chat.

        Raises:
            TimeoutError: it never held.
        """
        await self.store.bell.until(lambda: condition() or None, timeout)

    # Life

    async def start(self) -> None:
        """Listen; the port stays the same for a later start."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/bot{token:[^/]+}/{method:[^/]*}", self._handle)
        app.router.add_route("*", "/{rest:.*}", self._lost)
        # A poll that a dead bot left behind must not hold up the end of a test.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, _HOST, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Let go whatever is held or waits, and close the port."""
        if self._delivering is not None:
            self._delivering.cancel()
            await asyncio.wait([self._delivering])
        if self._runner is not None:
            self.faults.clear()
            self.updates.interrupt()
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def _deliver_to(self, url: str, secret: str) -> None:
        """Take updates to a webhook from now on, or to none; one on another machine is only noted."""
        if self.webhook is not None and (self.webhook.url, self.webhook.secret) == (url, secret):
            return
        if self._delivering is not None:
            self._delivering.cancel()
        near = url.startswith(f"http://{_HOST}")
        self.webhook = Webhook(url, secret, self.updates, self.reply) if near else None
        if self.webhook is not None:
            self._delivering = asyncio.create_task(self.webhook.run())

    async def reply(self, method: str, given: dict[str, Any]) -> None:
        """Do what the answer to an update asks for; errors are lost, as with Telegram."""
        call = Call(method, given)
        self.calls.append(call)
        call.status = (await self._perform(method, Params(given))).status
        self.store.bell.ring()

    # Calls

    async def _lost(self, request: web.Request) -> web.Response:
        del request
        return failure(ApiError(404, "Not Found"))

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return failure(ApiError(401, "Unauthorized"))
        try:
            params = await read_params(request)
        except ApiError as error:
            return failure(error)
        method = request.match_info["method"]
        call = Call(method, params.given)
        self.calls.append(call)
        self.store.bell.ring()
        fault = self.faults.take(method, params.text("chat_id"))
        response = await self._answer(method, params, fault)
        if isinstance(fault, Cut):
            return _cut(request)
        call.status = response.status
        self.store.bell.ring()
        return response

    async def _answer(self, method: str, params: Params, fault: Fault | None) -> web.Response:
        """Do the method, with the fault before, after or instead of it."""
        match fault:
            case Refuse(error):
                return failure(error)
            case Cut(delivered=False):
                return web.Response()
            case Delay(seconds):
                await asyncio.sleep(seconds)
            case Hold(delivered=False):
                await _hang(fault)
            case _:
                pass
        response = await self._perform(method, params)
        match fault:
            case Garble(body, status):
                return web.Response(text=body, status=status, content_type="text/html")
            case Hold(delivered=True):
                await _hang(fault)
            case _:
                pass
        return response

    async def _perform(self, method: str, params: Params) -> web.Response:
        try:
            return success(await self._methods.call(method, params))
        except ApiError as error:
            return failure(error)
        except Exception as error:  # noqa: BLE001 - a mistake of this server must reach the test
            self.crashes.append(error)
            return failure(ApiError(500, f"Internal Server Error: {error!r}"))


async def _hang(hold: Hold) -> None:
    hold.reached.set()
    await hold.released.wait()


def _cut(request: web.Request) -> web.StreamResponse:
    """Drop the connection; what is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
