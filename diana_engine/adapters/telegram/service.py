"""A bot from its token to its end: who it is, what its menu says, and its updates until it stops.

The end, in order: the worker says that it is not ready, takes nothing more, finishes the steps that are under way, sends
what is due, gives back what it had claimed, and closes. Each has a few seconds, all together less than ten.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiogram import Bot
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramBadRequest
from aiogram.methods import TelegramMethod

from diana_engine.adapters.phrases import Phrases, phrases
from diana_engine.adapters.telegram.api.calls import Calls
from diana_engine.adapters.telegram.api.media import Files
from diana_engine.adapters.telegram.api.methods import GetMe, SetMyCommands, SetWebhook
from diana_engine.adapters.telegram.api.redact import hide_tokens
from diana_engine.adapters.telegram.api.session import LeanSession
from diana_engine.adapters.telegram.bot import StoryBot
from diana_engine.adapters.telegram.door import Address, Door
from diana_engine.adapters.telegram.health import Check, Readiness
from diana_engine.adapters.telegram.receiving.courtesies import Courtesies
from diana_engine.adapters.telegram.receiving.intake import POISON, Intake
from diana_engine.adapters.telegram.receiving.polling import (
    FATAL,
    KINDS,
    Pace,
    Poller,
    in_words,
    unless,
)
from diana_engine.adapters.telegram.receiving.webhook import MOST, Webhook
from diana_engine.adapters.telegram.sending.delivering import Deliverer
from diana_engine.adapters.telegram.sending.office import Manner, Office
from diana_engine.adapters.telegram.sending.sender import Sender
from diana_engine.adapters.telegram.waking import waken
from diana_engine.database.port import Clock, MediaStore
from diana_engine.database.ports.store import Store
from diana_engine.errors import DianaError
from diana_engine.runtime.backoff import Backoff
from diana_engine.runtime.bus.subscribers import Subscriber
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.keeping import kept_going
from diana_engine.runtime.metrics import Metrics
from diana_engine.runtime.upkeep.background import Background
from diana_engine.runtime.upkeep.watch import Watch
from diana_engine.runtime.versions.library import Library

__all__ = ["Access", "Hook", "Parts", "Service", "serve"]

_log = logging.getLogger(__name__)

_START = Backoff(0.5, 30.0, attempts=5, least=0.5)
_STEPS = 4.0
"""Seconds that a stop waits for the steps under way."""
_PAUSE = 1.0
"""Seconds until the sender begins again, should it fail by a mistake of ours; players wait for it."""


@dataclass(frozen=True, slots=True)
class Access:
    """How the bot reaches Telegram; `api_server` is a Bot API server's address, if not Telegram's own."""

    token: str = field(repr=False)
    api_server: str | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """Where Telegram posts updates, as the world sees it, and the secret that it must show."""

    url: str
    secret: str = field(repr=False)

    @property
    def path(self) -> str:
        """The path of the address; a balancer must leave it as it is."""
        return urlsplit(self.url).path or "/"

    @classmethod
    def read(cls, url: str, secret: str, *, far: bool = True) -> Hook:
        """Return the webhook at an address; `far` is Telegram's own server, which posts to `https` only.

        Raises:
            DianaError: it is no such address.
        """
        parts = urlsplit(url)
        schemes = ("https",) if far else ("https", "http")
        if parts.scheme not in schemes or not parts.netloc or parts.query or parts.fragment:
            raise DianaError(
                f"Telegram cannot post updates to `{url}`. Write the address as the world sees it, with `https://` and "
                f"without `?` or `#`, such as `https://bot.example.org/diana`."
            )
        return cls(url, secret)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a bot is made of, from outside.

    `checks` are what its readiness depends on beside the store, by name; `subscribers` are told what happens.
    """

    coordinator: Coordinator
    library: Library
    store: Store
    media: MediaStore
    clock: Clock
    language: str
    metrics: Metrics = field(default_factory=Metrics)
    checks: Mapping[str, Check] = field(default_factory=dict)
    subscribers: tuple[Subscriber, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """How a bot runs.

    Without a `hook` it polls. `listen` is where it answers requests, which a webhook needs. `worker` is its name among others
    that serve the same bot, and should be the same after a restart. `most` is how many updates it holds at once.
    """

    access: Access
    hook: Hook | None = None
    listen: Address | None = None
    worker: str = "poller"
    pace: Pace = field(default_factory=Pace)
    manner: Manner = field(default_factory=Manner)
    poison: Backoff = POISON
    most: int = MOST


async def serve(
    service: Service, parts: Parts, announce: Callable[[str], None], stop: asyncio.Event
) -> None:
    """Serve a story until `stop` is set. `announce` is told the bot's user name once it is known.

    Raises:
        DianaError: Telegram cannot be reached at the start, refuses the token, or somebody else takes
            the bot's updates; or the address to listen on cannot be had.
    """
    words = phrases(parts.language)
    access = service.access
    bot = Bot(access.token, LeanSession(api=_server(access.api_server)))
    try:
        name = await unless(stop, _introduce(bot))
        if name is None:
            return
        await unless(stop, _offer_commands(bot, words))
        await _run(bot, service, parts, words, lambda: announce(name), stop)
    finally:
        await bot.session.close()


async def _run(
    bot: Bot, service: Service, parts: Parts, words: Phrases, announce: Callable[[], None], stop: asyncio.Event
) -> None:  # fmt: skip
    channel = f"telegram:{bot.id}"
    calls = Calls(bot, parts.metrics)
    deliverer = Deliverer(calls, parts.store.outbox, Files(parts.media, channel), channel)
    office = Office(
        parts.store.outbox,
        channel,
        f"{channel} {service.worker}",
        parts.clock,
        parts.metrics,
        service.manner,
    )
    sender = Sender(office, deliverer, calls)
    background = Background(
        parts.store, parts.library, parts.clock, waken, sender.wake, parts.metrics, parts.subscribers
    )  # fmt: skip

    def wake() -> None:
        sender.wake()
        background.wake()

    story = StoryBot(parts.coordinator, parts.store.outbox, wake, words, channel, parts.metrics)
    intake = Intake(story.handle, story.park, parts.metrics, service.poison)
    watch = Watch(parts.store, channel, parts.clock, parts.metrics)
    readiness = Readiness({"store": watch.writable, "outbox": watch.sends, **parts.checks})
    async with _beside(sender, watch, background):
        if service.hook is None:
            async with _listening(service, Door(parts.metrics, readiness)):
                await _poll(bot, intake, calls, service.pace, announce, stop)
                readiness.closing = True
        else:
            webhook = Webhook(intake, parts.metrics, service.hook.secret, service.most)
            door = Door(parts.metrics, readiness, webhook, service.hook.path)
            async with _listening(service, door):
                await _be_called(bot, service.hook, announce, stop)
                readiness.closing = webhook.closing = True
                await _finished(webhook)


@asynccontextmanager
async def _beside(sender: Sender, watch: Watch, background: Background) -> AsyncIterator[None]:
    """Send, fire timers, tell what happens and look after the store beside the block; when it ends, send what is due still."""
    stop, sent = asyncio.Event(), asyncio.Event()
    # Nobody waits for these tasks: one that failed would be missed first by players who get no answer any more.
    sending = asyncio.create_task(kept_going("the sender", sender.run, sent, pause=_PAUSE))
    waking = asyncio.create_task(background.run(stop))
    watching = asyncio.create_task(kept_going("the watch", lambda _: watch.run(), stop))
    try:
        yield
    finally:
        watching.cancel()
        stop.set()
        await asyncio.wait((watching, waking), timeout=_STEPS)
        waking.cancel()
        sent.set()
        await asyncio.gather(sending, waking, return_exceptions=True)


@asynccontextmanager
async def _listening(service: Service, door: Door) -> AsyncIterator[None]:
    if service.listen is None:
        yield
        return
    address = await door.open(service.listen)
    _log.info("listening on %s:%d", address.host, address.port)
    try:
        yield
    finally:
        await door.close()


async def _poll(
    bot: Bot, intake: Intake, calls: Calls, pace: Pace, announce: Callable[[], None], stop: asyncio.Event
) -> None:  # fmt: skip
    courtesies = Courtesies(calls)
    announce()
    try:
        await Poller(bot, intake, courtesies.give, pace).run(stop)
    finally:
        await courtesies.close()


async def _be_called(
    bot: Bot, hook: Hook, announce: Callable[[], None], stop: asyncio.Event
) -> None:
    """Tell Telegram where to post updates, and wait for the end. Nobody tells it to stop: there may be other workers."""
    if await unless(stop, _insist(bot, hook)) is not None:
        announce()
        await stop.wait()


async def _insist(bot: Bot, hook: Hook) -> bool:
    method = SetWebhook(
        url=hook.url, secret_token=hook.secret, allowed_updates=KINDS, max_connections=100
    )
    return await _asked(bot, method) is not None


async def _finished(webhook: Webhook) -> None:
    """Wait until every update in hand is answered, within bounds; Telegram brings the rest again."""
    try:
        async with asyncio.timeout(_STEPS):
            while webhook.in_hand:  # noqa: ASYNC110 - a bell would cost each request something, for once in a life
                await asyncio.sleep(0.01)
    except TimeoutError:
        _log.warning("%d updates are left for other workers", webhook.in_hand)


def _server(address: str | None) -> TelegramAPIServer:
    if address is None:
        return PRODUCTION
    if not address.startswith(("http://", "https://")) or "{" in address:
        raise DianaError(
            f"The API server's address `{address}` is none: it begins with `http://` or `https://`."
        )
    return TelegramAPIServer.from_base(address.rstrip("/"))


async def _introduce(bot: Bot) -> str:
    """Return the bot's user name."""
    me = await _asked(bot, GetMe())
    return str(me.get("username") or bot.id) if isinstance(me, dict) else str(bot.id)


async def _asked(bot: Bot, method: TelegramMethod[Any]) -> Any:
    """Return the answer to a call without which there is no beginning; a few failures are waited out.

    Raises:
        DianaError: Telegram cannot be reached, or refuses.
    """
    attempt = 0
    while True:
        try:
            return await bot(method, request_timeout=10)
        except FATAL as error:
            raise in_words(error) from error
        except TelegramBadRequest as error:
            raise DianaError(
                f"Telegram refuses {method.__api_method__}: {hide_tokens(error.message)}."
            ) from error
        except AiogramError as error:
            attempt += 1
            if attempt >= _START.attempts:
                raise DianaError(hide_tokens(f"Telegram cannot be reached: {error}")) from error
            _log.warning("cannot reach Telegram, trying again: %s", error)
            await asyncio.sleep(_START.wait(attempt))


async def _offer_commands(bot: Bot, words: Phrases) -> None:
    commands = [{"command": name, "description": does} for name, does in words.commands]
    try:
        await bot(SetMyCommands(commands=commands), request_timeout=10)
    except AiogramError as error:
        _log.warning("the chat's menu stays as it was: %s", error)
