"""As much of a Bot API server as a bot needs that is measured: it takes every call, or tells all sending to wait.

A bot whose sending waits spends its time on updates alone. What is sent is not looked at.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
from aiohttp import web
from aiohttp.web_request import BaseRequest

__all__ = ["TOKEN", "Telegram", "telegram"]

TOKEN = "1:benchmark"  # noqa: S105 - nobody's

_ME = {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_FLOOD = {
    "ok": False,
    "error_code": 429,
    "description": "Too Many Requests: retry after 3600",
    "parameters": {"retry_after": 3600},
}


@dataclass(slots=True)
class Telegram:
    """A server at `url`; `sent` counts the messages and edits that it took."""

    takes: bool
    url: str = ""
    sent: int = 0

    async def answer(self, request: BaseRequest) -> web.Response:
        """Answer a call of the bot."""
        await request.read()
        match request.path.rpartition("/")[2]:
            case "getMe":
                return _json({"ok": True, "result": _ME})
            case "setMyCommands" | "setWebhook":
                return _json({"ok": True, "result": True})
            case _ if not self.takes:
                return _json(_FLOOD, 429)
            case _:
                self.sent += 1
                return _json({"ok": True, "result": {"message_id": self.sent}})


@asynccontextmanager
async def telegram(*, takes: bool) -> AsyncIterator[Telegram]:
    """Give a server that takes what is sent, or lets it wait for an hour."""
    served = Telegram(takes)
    runner = web.ServerRunner(web.Server(served.answer, access_log=None))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        served.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield served
    finally:
        await runner.cleanup()


def _json(content: object, status: int = 200) -> web.Response:
    body = msgspec.json.encode(content)
    return web.Response(body=body, status=status, content_type="application/json")
