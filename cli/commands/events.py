"""`diana events`: who listens to what happens, how far they have come, and what they could not deal with."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from ..findings import counted
from ..options import database_option
from ..output import write
from ..publishing import format_option

if TYPE_CHECKING:
    from diana_engine.database.ports.events import EventDelivery, Events, Subscription

__all__ = ["command"]


@click.group("events", short_help="Show who listens to what happens, and have events told again.")
def command() -> None:
    """Show who listens to what happens, how far they have come, and what they could not deal with.

    SUBSCRIBER is a name as `list` tells it, such as `webhook:crm`. All of this can be done beside a
    bot, which notices within seconds.
    """


@command.command("list")
@database_option
@format_option
def list_(database: str | None, format: str) -> None:  # noqa: A002 - the option's name
    """List the subscribers: how many events lie before each, what waits or is parked, and who feeds it."""
    import asyncio

    listed = asyncio.run(_list(database))
    if format == "json":
        write(_json(listed))
        return
    write("".join(f"{_told(one)}\n" for one in listed) or "Nobody listens.\n")


@command.command("parked")
@click.argument("subscriber")
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="How many at most."
)
@database_option
@format_option
def parked(subscriber: str, limit: int, database: str | None, format: str) -> None:  # noqa: A002 - the option's name
    """List what SUBSCRIBER could not deal with, oldest first: position, event, attempts, and the last error."""
    import asyncio

    from diana_engine.diagnostics.render.characters import safe

    kept = asyncio.run(_parked(database, subscriber, limit))
    if format == "json":
        write(_json([_row(one) for one in kept]))
        return
    for one in kept:
        write(f"{safe(_line(one))}\n")
    if not kept:
        write(f"Nothing is parked for {subscriber}.\n")


@command.command("replay")
@click.argument("subscriber")
@click.argument("positions", type=int, nargs=-1)
@database_option
def replay_(subscriber: str, positions: tuple[int, ...], database: str | None) -> None:
    """Have what is parked for SUBSCRIBER told again: all of it, or the events at POSITIONS."""
    import asyncio

    only = frozenset(positions) if positions else None
    count = asyncio.run(_replay(database, subscriber, only))
    write(f"{counted(count, 'event')} will be told again.\n")


@command.command("forget")
@click.argument("subscriber")
@database_option
def forget(subscriber: str, database: str | None) -> None:
    """Forget SUBSCRIBER, which is gone for good, so that no event is kept for it any more.

    One that comes back under the same name is a new one.
    """
    import asyncio

    asyncio.run(_forget(database, subscriber))
    write(f"{subscriber} is forgotten.\n")


@asynccontextmanager
async def _events(database: str | None) -> AsyncIterator[Events]:
    from diana_engine.database.connect import open_database
    from diana_engine.database.stores import store_on
    from diana_engine.runtime.clock import system_clock
    from diana_engine.settings import database_url

    async with await open_database(database_url(database), create=False) as opened:
        yield store_on(opened, system_clock).events


async def _known(events: Events, subscriber: str) -> None:
    """Make sure that a subscriber is there.

    Raises:
        DianaError: it is not.
    """
    from diana_engine.diagnostics.suggest import closest
    from diana_engine.errors import DianaError

    names = [one.subscriber for one in await events.subscriptions()]
    if subscriber not in names:
        meant = closest(subscriber, names)
        hint = f" Did you mean `{meant}`?" if meant else ""
        raise DianaError(f"There is no subscriber `{subscriber}`.{hint}")


async def _list(database: str | None) -> list[dict[str, Any]]:
    from diana_engine.runtime.clock import system_clock

    async with _events(database) as events:
        now = system_clock()
        return [await _listed(events, one, now) for one in await events.subscriptions()]


async def _listed(events: Events, one: Subscription, now: int) -> dict[str, Any]:
    name = one.subscriber
    return {
        "subscriber": name,
        "to_be_read": await events.lag(name),
        "waiting": len(await events.waiting(name)),
        "parked": len(await events.parked(name, 10_000)),
        "fed_by": one.owner if one.owner and one.lease_until > now else None,
    }


def _told(one: dict[str, Any]) -> str:
    parts = [f"{counted(one['to_be_read'], 'event')} to be read"]
    if one["waiting"]:
        parts.append(f"{counted(one['waiting'], 'player')} waiting")
    if one["parked"]:
        parts.append(f"{one['parked']:,} parked")
    parts.append(f"fed by {one['fed_by'] or 'nobody'}")
    return f"{one['subscriber']}: {', '.join(parts)}"


def _json(told: list[dict[str, Any]]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _row(one: EventDelivery) -> dict[str, Any]:
    event = one.event
    return {
        "position": event.position,
        "at": event.at,
        "name": event.event.name,
        "id": event.id,
        "attempts": one.attempts,
        "error": one.error,
    }


async def _parked(database: str | None, subscriber: str, limit: int) -> tuple[EventDelivery, ...]:
    async with _events(database) as events:
        await _known(events, subscriber)
        return await events.parked(subscriber, limit)


def _line(one: EventDelivery) -> str:
    event = one.event
    at = datetime.fromtimestamp(event.at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"{event.position}  {at}  {event.event.name}  {event.id}  {counted(one.attempts, 'attempt')}: {one.error}"


async def _replay(database: str | None, subscriber: str, only: frozenset[int] | None) -> int:
    from diana_engine.runtime.bus.parked import replay
    from diana_engine.runtime.clock import system_clock

    async with _events(database) as events:
        await _known(events, subscriber)
        return await replay(events, subscriber, system_clock(), only)


async def _forget(database: str | None, subscriber: str) -> None:
    async with _events(database) as events:
        await _known(events, subscriber)
        await events.forget(subscriber)
