"""Taking updates by webhook: any number of identical workers behind a balancer, none of which knows anything.

Telegram hands one update a chat (or a presser of buttons) to whichever worker the balancer picks, and repeats it until somebody answers
200. So 200 is said after the commit and never before; 503 says "not now" where the database is away or too much is in hand,
and Telegram comes again, here or elsewhere. Whatever will never be better (it cannot be read, or fails each time) gets a
200 too, or else it would block its chat for a day. The answer to a tap travels in the response, which saves a call.

A request is believed for one reason only: it has the secret. Where it seems to come from is of no account.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from dataclasses import dataclass, field

import msgspec
from aiohttp import web
from aiohttp.web_request import BaseRequest

from diana_engine.adapters.telegram.receiving.acknowledging import acknowledged
from diana_engine.adapters.telegram.receiving.courtesies import words_of
from diana_engine.adapters.telegram.receiving.intake import Courtesy, Intake
from diana_engine.adapters.telegram.receiving.taps import read_tap
from diana_engine.adapters.telegram.receiving.updates import Incoming, UnreadableError, number, read
from diana_engine.errors import DianaError
from diana_engine.runtime.locks import BusyError
from diana_engine.runtime.metrics import Metrics

__all__ = ["BODY", "DEPTH", "MOST", "SECRET_HEADER", "Webhook", "shallow"]

_log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
BODY = 256 * 1024
"""Bytes of an update; Telegram's have a few thousand."""
DEPTH = 64
"""Objects and lists within each other; Telegram's updates have about ten."""

MOST = 128
"""Updates in hand at once: all that Telegram sends to a bot at a time (100 connections), and some that were left by a worker that ended.

More would only wait here for each other. A worker that has its hands full says so at once, and Telegram comes again, here or elsewhere.
"""

_SLOWEST = 10.0
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.encode


@dataclass(slots=True)
class Webhook:
    """Answers Telegram's requests.

    `most` is how many updates may be in hand at once. Once `closing`, everything is for other workers.
    """

    intake: Intake
    metrics: Metrics
    secret: str = field(repr=False)
    most: int = MOST
    closing: bool = False
    in_hand: int = 0

    async def answer(self, request: BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        response = await self._answer(request)
        self.metrics.requests.labels(str(response.status)).inc()
        return response

    async def _answer(self, request: BaseRequest) -> web.StreamResponse:
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.secret.encode()):
            _log.warning(
                "a request is refused whose secret is missing or wrong; if it is Telegram's, another worker was given another secret"
            )
            return web.Response(status=401)
        if self.closing:
            return _later()
        if self.in_hand >= self.most:
            self.metrics.shed.labels("worker").inc()
            return _later()
        self.in_hand += 1
        try:
            return await self._take(request)
        finally:
            self.in_hand -= 1

    async def _take(self, request: BaseRequest) -> web.StreamResponse:
        if (request.content_length or 0) > BODY:
            return web.Response(status=413)
        try:
            body = await _body(request)
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413)
        except TimeoutError:
            return web.Response(status=408)
        return await self._handle(request, body)

    async def _handle(self, request: BaseRequest, body: bytes) -> web.StreamResponse:
        try:
            incoming = self._read(body)
            if incoming is None:
                return acknowledged(request)
            courtesy = await self.intake.attend(incoming)
        except UnreadableError as error:
            _log.error("a request with the secret that is no update: %s", error)
            return web.Response(status=400)
        except BusyError:
            return _later()  # counted, and no line for each: there are many
        except DianaError as error:
            _log.warning("an update must come again, the database is away: %s", error)
            return _later()
        return acknowledged(request, b"" if courtesy is None else _call(courtesy))

    def _read(self, body: bytes) -> Incoming | None:
        """Return what an update says; `None` where it can only be acknowledged.

        Raises:
            UnreadableError: it is no update at all.
        """
        if not shallow(body):
            raise UnreadableError("it is nested too deep")
        tap = read_tap(body)
        if tap is not None:
            return tap
        try:
            update = _decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UnreadableError("it is no JSON") from error
        update_id = number(update)
        try:
            return read(update)
        except UnreadableError as error:
            self.intake.unreadable(update_id, error)
            return None


async def _body(request: BaseRequest) -> bytes:
    """Return what was posted.

    Raises:
        HTTPRequestEntityTooLarge: it is longer than any update.
        TimeoutError: it comes too slowly.
    """
    if request.content.is_eof():
        # Most updates are there as a whole when they are seen: no need to wait, nor to put them together.
        body = request.content.read_nowait()
        if len(body) > BODY:
            raise web.HTTPRequestEntityTooLarge(BODY)
        return body
    async with asyncio.timeout(_SLOWEST):
        return await request.read()


def shallow(body: bytes) -> bool:
    """Return whether JSON is nested no deeper than is allowed. Characters in strings are counted only where it matters."""
    if body.count(b"{") + body.count(b"[") <= DEPTH:
        return True
    depth, quoted, escaped = 0, False, False
    for byte in body:
        if quoted:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                quoted = False
        elif byte == 0x22:
            quoted = True
        elif byte in b"{[":
            depth += 1
            if depth > DEPTH:
                return False
        elif byte in b"}]":
            depth -= 1
    return True


def _later() -> web.Response:
    return web.Response(status=503, headers={"Retry-After": "1"})


def _call(courtesy: Courtesy) -> bytes:
    call: dict[str, object] = {"method": "answerCallbackQuery", "callback_query_id": courtesy.query}
    words = words_of(courtesy)
    if words is not None:
        call |= {"text": words, "show_alert": courtesy.alert}
    return _encode(call)
