"""Everybody who listens to a bot: its plugins and its webhooks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint

import aiohttp

from diana_engine.database.ports.plays import Clock
from diana_engine.runtime.bus.plugins import plugins
from diana_engine.runtime.bus.subscribers import Subscriber, without_twins
from diana_engine.runtime.bus.webhooks import webhook_subscriber, webhooks_of

__all__ = ["listeners"]


@asynccontextmanager
async def listeners(
    environment: Mapping[str, str], clock: Clock, found: Iterable[EntryPoint] | None = None
) -> AsyncIterator[tuple[Subscriber, ...]]:
    """Give the subscribers of the plugins that are installed (or `found`) and of the webhooks that an environment names.

    Raises:
        DianaError: a webhook's setting cannot be one, or two subscribers have one name.
    """
    named = webhooks_of(environment)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        posted = tuple(webhook_subscriber(one, session, clock) for one in named)
        yield without_twins((*posted, *plugins(found)))
