"""The one port of a worker: Telegram's updates, if there is a webhook, and what those who run it want to know.

aiohttp's bare server without an application: there are four addresses, and a router with middlewares would cost as much time
as the whole step. There is no access log, since addresses may carry what is nobody's business; the requests are counted.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import msgspec
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest

from diana_engine.adapters.telegram.health import Readiness
from diana_engine.adapters.telegram.receiving.webhook import BODY, Webhook
from diana_engine.errors import DianaError
from diana_engine.runtime.metrics import CONTENT_TYPE, Metrics

__all__ = ["Address", "Door"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; port 0 is any that is free."""

    host: str
    port: int

    @classmethod
    def read(cls, written: str) -> Address:
        """Return the address that `HOST:PORT` means; without a host it is this machine's own, 127.0.0.1.

        Raises:
            DianaError: it is none.
        """
        host, colon, port = written.strip().rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not colon or not port.isdecimal() or not 0 <= int(port) <= 65_535:
            raise DianaError(
                f"`{written}` is no address to listen on. Write `HOST:PORT`, such as `127.0.0.1:8080`."
            )
        return cls(host or "127.0.0.1", int(port))


class Door:
    """Listens at an address. `path` is where Telegram's updates are posted, if they are."""

    def __init__(
        self,
        metrics: Metrics,
        readiness: Readiness,
        webhook: Webhook | None = None,
        path: str = "/",
    ) -> None:
        self._metrics = metrics
        self._readiness = readiness
        self._webhook = webhook
        self._path = path
        self._runner: web.ServerRunner | None = None

    async def open(self, address: Address) -> Address:
        """Listen, and return the address with the port that it has become.

        Raises:
            DianaError: the address cannot be had.
        """
        server = web.Server(self._answer, request_factory=_request, access_log=None)
        runner = web.ServerRunner(server, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, address.host, address.port, backlog=1024).start()
        except OSError as error:
            await runner.cleanup()
            raise DianaError(
                f"Nothing can listen on {address.host}:{address.port}: {error.strerror or error}. Is another worker there? "
                f"Name another address with `--listen`."
            ) from error
        self._runner = runner
        port: int = runner.addresses[0][1]
        return Address(address.host, port)

    async def close(self) -> None:
        """Listen no more; what is being answered has a second left."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: BaseRequest) -> web.StreamResponse:
        path = request.path
        if self._webhook is not None and path == self._path:
            return await self._webhook.answer(request)
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=404)
        match path:
            case "/healthz":
                return web.Response(text="ok\n")
            case "/readyz":
                ready, found = await self._readiness.look()
                body = msgspec.json.encode({"ready": ready, "checks": found})
                status = 200 if ready else 503
                return web.Response(status=status, body=body, content_type="application/json")
            case "/metrics":
                return web.Response(
                    body=self._metrics.render(), headers={"Content-Type": CONTENT_TYPE}
                )
            case _:
                return web.Response(status=404)


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> BaseRequest:
    """Make a request whose body may be as long as an update, and no longer."""
    loop = asyncio.get_running_loop()
    return BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=BODY)
