"""The answer that nearly every update gets, written to its connection as it is.

aiohttp's own responses can do much that a 200 with at most one small object does not need, and take longer for it than an update
takes to be read. Whoever asks for anything out of the ordinary (HTTP/1.0, a connection that is to be closed) gets one of those.
"""

from __future__ import annotations

from email.utils import formatdate
from functools import lru_cache
from time import time

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.web_request import BaseRequest

__all__ = ["acknowledged"]

_JSON = "application/json"


def acknowledged(request: BaseRequest, call: bytes = b"") -> web.StreamResponse:
    """Return a 200, with which Telegram may be told a call to make, as JSON."""
    if request.version != HttpVersion11 or not request.keep_alive:
        return web.Response(body=call, content_type=_JSON) if call else web.Response()
    return _Direct(call)


class _Direct(web.StreamResponse):
    """A response that is all written once it is prepared."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._all = _head(len(body), int(time())) + body

    @property
    def keep_alive(self) -> bool:
        """Return that the connection stays open."""
        return True

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        """Write it."""
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("whoever asked has gone")
        transport.write(self._all)
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing: all is written."""


@lru_cache(maxsize=256)
def _head(length: int, now: int) -> bytes:
    kind = f"Content-Type: {_JSON}\r\n" if length else ""
    return (
        f"HTTP/1.1 200 OK\r\n{kind}Content-Length: {length}\r\nDate: {formatdate(now, usegmt=True)}\r\n\r\n"
    ).encode()
