"""What is in force of each story, and where its players are, kept with SQLAlchemy."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from diana_engine.database.connect import Database
from diana_engine.database.dialects import Query, fetched, insert_if_absent
from diana_engine.database.ports.plays import Clock, PlayerKey, PlayerRecord, PlayKey
from diana_engine.database.ports.publications import (
    Guard,
    Occupancy,
    Order,
    Publication,
    StoryVersion,
    Watched,
)
from diana_engine.database.tables import players, publications, published, story_versions
from diana_engine.expressions.terms import FragmentId
from diana_engine.play.saved import decode_state
from diana_engine.program.model import StoryId

__all__ = ["VERSION", "SqlPublications", "active_publication"]

VERSION = tuple(story_versions.c[one.name] for one in dataclasses.fields(StoryVersion))
"""The columns of a `StoryVersion`, in its order."""

_PUBLICATION = (
    select(
        publications.c.id,
        publications.c.policy,
        publications.c.published_at,
        publications.c.published_by,
        *VERSION,
    )
    .join(story_versions, story_versions.c.id == publications.c.version_id)
    .order_by(publications.c.id)
)
_ACTIVE = _PUBLICATION.join(published, published.c.publication_id == publications.c.id)


class SqlPublications:
    """`Publications` in SQLite or PostgreSQL."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def active(self, story: StoryId) -> Publication | None:
        """Return what is in force, or `None` where nothing was ever published."""
        return await self._database.read(lambda connection: active_publication(connection, story))

    async def history(self, story: StoryId) -> tuple[Publication, ...]:
        """Return everything that was published of a story, in order."""
        query = _PUBLICATION.where(publications.c.story == story)
        rows = await self._database.read(lambda connection: fetched(connection, query))
        return tuple(_publication(row) for row in rows)

    async def publish(self, order: Order, watched: Watched, guard: Guard) -> Publication:
        """Put a version in force: one row, all or nothing. What is in force already is only returned."""
        return await self._database.write(
            lambda connection: self._publish(connection, order, watched, guard)
        )

    async def occupancy(self, story: StoryId) -> Occupancy:
        """Return where the players of a story stand."""
        return await self._database.read(
            lambda connection: _occupancy(connection, story), slow=True
        )

    async def players(
        self, story: StoryId, digest: str, after: PlayerKey | None, limit: int
    ) -> tuple[PlayerRecord, ...]:
        """Return players of one version, in the order of their keys, from the one that follows `after`."""
        query: Query = (
            select(players.c.player, players.c.sequence, players.c.state, players.c.updated_at)
            .filter_by(story=story, digest=digest)
            .order_by(players.c.player)
            .limit(limit)
        )
        if after is not None:
            query = query.where(players.c.player > str(after))
        rows = await self._database.read(lambda connection: fetched(connection, query))
        return tuple(
            PlayerRecord(
                PlayKey(PlayerKey.read(player), story),
                digest,
                sequence,
                decode_state(json.loads(state)),
                updated_at,
            )
            for player, sequence, state, updated_at in rows
        )

    async def _publish(
        self, connection: AsyncConnection, order: Order, watched: Watched, guard: Guard
    ) -> Publication:
        query = select(story_versions.c.id).filter_by(story=order.story, digest=order.digest)
        version = (await connection.execute(query)).scalar_one_or_none()
        if version is None:
            raise LookupError(f"{order.digest} of {order.story} is not stored")
        # The row is locked first: of two who publish at once the second one sees what the first one did.
        lock = select(published.c.publication_id).filter_by(story=order.story).with_for_update()
        await connection.execute(lock)
        active = await active_publication(connection, order.story)
        if active is not None and (active.version.digest, active.policy) == (
            order.digest,
            order.policy,
        ):
            return active
        guard(await _standing(connection, order.story, watched))
        row = {
            "story": order.story,
            "version_id": version,
            "policy": order.policy,
            "published_at": self._clock(),
            "published_by": order.by,
        }
        made = await connection.execute(
            insert(publications).values(row).returning(publications.c.id)
        )
        pointer = {"story": order.story, "publication_id": made.scalar_one()}
        if not await insert_if_absent(connection, published, pointer):
            await connection.execute(update(published).filter_by(story=order.story).values(pointer))
        new = await active_publication(connection, order.story)
        assert new is not None, "what was just published is in force"
        return new


async def active_publication(connection: AsyncConnection, story: StoryId) -> Publication | None:
    """Return what is in force of a story."""
    rows = await fetched(connection, _ACTIVE.where(published.c.story == story))
    return _publication(rows[0]) if rows else None


def _publication(row: tuple[Any, ...]) -> Publication:
    id, policy, at, by, *version = row
    return Publication(id, StoryVersion(*version), policy, at, by)


async def _occupancy(connection: AsyncConnection, story: StoryId) -> Occupancy:
    return await _counted(connection, players.c.story == story)


async def _standing(connection: AsyncConnection, story: StoryId, watched: Watched) -> Occupancy:
    """Return who stands in some fragments; mostly there are none to be asked for."""
    found: dict[str, Mapping[FragmentId, int]] = {}
    for digest, fragments in watched.items():
        if fragments:
            there = and_(
                players.c.story == story,
                players.c.digest == digest,
                players.c.fragment.in_(sorted(fragments)),
            )
            found.update(await _counted(connection, there))
    return found


async def _counted(connection: AsyncConnection, there: ColumnElement[bool]) -> Occupancy:
    query = (
        select(players.c.digest, players.c.fragment, func.count())
        .where(there)
        .group_by(players.c.digest, players.c.fragment)
        .order_by(players.c.digest, players.c.fragment)
    )
    found: dict[str, dict[FragmentId, int]] = {}
    for digest, fragment, count in await fetched(connection, query):
        found.setdefault(digest, {})[FragmentId(fragment)] = count
    return found
