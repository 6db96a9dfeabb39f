"""Webhooks: events posted to addresses of the operator's, signed.

The environment names them: ``DIANA_EVENTS_CRM_URL`` and ``DIANA_EVENTS_CRM_SECRET`` make the subscriber ``webhook:crm``, and
``DIANA_EVENTS_CRM_ONLY`` lists the events that it wants. Any answer but 2xx means "not yet", as does none in time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp

from diana_engine.database.ports.plays import Clock, Json
from diana_engine.database.steps.written import as_json
from diana_engine.errors import DianaError
from diana_engine.runtime.bus.signing import signature
from diana_engine.runtime.bus.subscribers import EVERYTHING, Event, Subscriber

__all__ = ["NAMES", "Posting", "Webhook", "webhook_subscriber", "webhooks_of"]

NAMES = re.compile(r"DIANA_EVENTS_([A-Z0-9]+(?:_[A-Z0-9]+)*)_(URL|SECRET|ONLY)")
"""How the variables are called that name webhooks."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_SHORTEST = 16
_HANDS = 8
"""How many requests are on their way at once, of different players."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that events are posted to."""

    name: str
    url: str
    secret: str = field(repr=False)
    wants: frozenset[str] = EVERYTHING


def webhooks_of(environment: Mapping[str, str]) -> tuple[Webhook, ...]:
    """Return the webhooks that an environment names, in the order of their names.

    Raises:
        DianaError: one lacks its address or its secret, or either cannot be one. The message shows no value.
    """
    named: dict[str, dict[str, str]] = {}
    for variable, value in environment.items():
        if (found := NAMES.fullmatch(variable)) and value.strip():
            named.setdefault(found[1], {})[found[2]] = value.strip()
    return tuple(_webhook(name, named[name]) for name in sorted(named))


def _webhook(name: str, given: Mapping[str, str]) -> Webhook:
    variable = f"DIANA_EVENTS_{name}"
    for part, what in (("URL", "address"), ("SECRET", "secret")):
        if part not in given:
            raise DianaError(f"The webhook {name} lacks its {what}. Set {variable}_{part}.")
    _check_url(given["URL"], f"{variable}_URL")
    if len(given["SECRET"]) < _SHORTEST:
        raise DianaError(
            f"The secret in {variable}_SECRET is too short to keep anybody out. Take {_SHORTEST} characters or more, such as "
            "`openssl rand -hex 32` makes."
        )
    wants = frozenset(one.strip() for one in given.get("ONLY", "").split(",") if one.strip())
    return Webhook(name.lower(), given["URL"], given["SECRET"], wants)


def _check_url(url: str, variable: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    else:
        if host and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)):
            return
    raise DianaError(
        f"The value of {variable} is no address for events. It begins with `https://`; `http://` will do on this machine only."
    )


@dataclass(frozen=True, slots=True)
class Posting:
    """Posts events to a webhook."""

    webhook: Webhook
    session: aiohttp.ClientSession
    clock: Clock

    async def __call__(self, event: Event) -> None:
        """Post one event; how long it may take is the subscriber's limit.

        Raises:
            DianaError: the answer was not 2xx.
            aiohttp.ClientError: there was no answer.
        """
        body = as_json(_told(event)).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "diana-engine",
            "Diana-Event": event.name,
            "Diana-Event-Id": event.id,
            "Diana-Signature": signature(self.webhook.secret, self.clock(), body),
        }
        if event.correlation is not None:
            headers["Diana-Correlation-Id"] = event.correlation
        # A redirect would carry what was signed for one address to another.
        async with self.session.post(
            self.webhook.url, data=body, headers=headers, allow_redirects=False
        ) as answer:
            if not 200 <= answer.status < 300:
                raise DianaError(f"The answer was {answer.status}.")


def webhook_subscriber(
    webhook: Webhook, session: aiohttp.ClientSession, clock: Clock
) -> Subscriber:
    """Return the subscriber that posts to a webhook.

    Raises:
        DianaError: it wants an event that does not exist.
    """
    return Subscriber(
        f"webhook:{webhook.name}", Posting(webhook, session, clock), webhook.wants, _HANDS
    )


def _told(event: Event) -> Json:
    return {
        "id": event.id,
        "name": event.name,
        "payload": event.payload,
        "player": event.player,
        "story": event.story,
        "sequence": event.sequence,
        "position": event.position,
        "at": event.at,
        "correlation": event.correlation,
    }
