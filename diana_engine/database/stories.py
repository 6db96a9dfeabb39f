"""Compiled stories, kept with SQLAlchemy."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from diana_engine.database.connect import Database
from diana_engine.database.dialects import insert_if_absent
from diana_engine.database.port import Added, Clock, StoryVersion
from diana_engine.database.rows import content_rows
from diana_engine.database.tables import stories, story_versions
from diana_engine.program.codec import decode, digest, encode
from diana_engine.program.model import Program, StoryId

__all__ = ["SqlStories", "latest_query"]

# In the order of the record.
_VERSION = tuple(story_versions.c[one.name] for one in dataclasses.fields(StoryVersion))


class SqlStories:
    """A `StoryStore` in SQLite or PostgreSQL."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @property
    def place(self) -> str:
        """The database, in words."""
        return self._database.place

    async def add(self, program: Program) -> Added:
        """Store a program with its rows, all or nothing, and make it its story's latest version."""
        values = self._values(program)
        async with self._database.write() as connection:
            new = await insert_if_absent(connection, story_versions, values)
            version = await self._version(connection, program.story, values["digest"])
            assert version is not None, "a version is there once it was inserted"
            if new:
                await _insert_content(connection, version.id, program)
            await _point(connection, version)
        return Added(version, new)

    def _values(self, program: Program) -> dict[str, Any]:
        return {
            "story": program.story,
            "digest": digest(program),
            "label": program.version,
            "title": program.title,
            "language": program.language,
            "created_at": self._clock(),
            "program": encode(program),
        }

    async def program(self, story: StoryId, digest: str) -> Program | None:
        """Return a stored program."""
        query = select(story_versions.c.program).filter_by(story=story, digest=digest)
        async with self._database.read() as connection:
            stored = (await connection.execute(query)).scalar_one_or_none()
        return None if stored is None else decode(stored)

    async def latest(self, story: StoryId) -> StoryVersion | None:
        """Return the version of a story that was added last."""
        async with self._database.read() as connection:
            row = (await connection.execute(latest_query(story))).one_or_none()
        return None if row is None else _read(row)

    async def stories(self) -> tuple[StoryVersion, ...]:
        """Return the latest version of every story, in the order of their ids."""
        async with self._database.read() as connection:
            rows = (await connection.execute(latest_query())).all()
        # Sorted here: the order of a PostgreSQL depends on its locale.
        return tuple(sorted(map(_read, rows), key=lambda version: version.story))

    async def versions(self, story: StoryId) -> tuple[StoryVersion, ...]:
        """Return every version of a story, first stored first."""
        query = select(*_VERSION).filter_by(story=story).order_by(story_versions.c.id)
        async with self._database.read() as connection:
            return tuple(map(_read, (await connection.execute(query)).all()))

    async def _version(
        self, connection: AsyncConnection, story: StoryId, digest: str
    ) -> StoryVersion | None:
        query = select(*_VERSION).filter_by(story=story, digest=digest)
        row = (await connection.execute(query)).one_or_none()
        return None if row is None else _read(row)


def latest_query(story: StoryId | None = None) -> Select[*tuple[Any, ...]]:
    """Return the query for the latest version of one story, or of every story."""
    query = select(*_VERSION).join(stories, stories.c.version_id == story_versions.c.id)
    return query if story is None else query.where(stories.c.story == story)


async def _insert_content(connection: AsyncConnection, version: int, program: Program) -> None:
    for table, rows in content_rows(program).items():
        if rows:
            await connection.execute(
                insert(table), [{**row, "version_id": version} for row in rows]
            )


async def _point(connection: AsyncConnection, version: StoryVersion) -> None:
    values = {"story": version.story, "version_id": version.id}
    if not await insert_if_absent(connection, stories, values):
        await connection.execute(
            update(stories).filter_by(story=version.story).values(version_id=version.id)
        )


def _read(row: Iterable[Any]) -> StoryVersion:
    return StoryVersion(*row)
