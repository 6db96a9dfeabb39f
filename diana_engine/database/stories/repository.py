"""Compiled stories, kept with SQLAlchemy."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from diana_engine.database.connect import Database
from diana_engine.database.dialects import Query, fetched, insert_if_absent
from diana_engine.database.port import Added, Clock, Publication, StoryVersion
from diana_engine.database.stories.publications import VERSION, active_publication
from diana_engine.database.stories.rows import content_rows
from diana_engine.database.tables import stories, story_versions
from diana_engine.program.codec import decode, digest, encode
from diana_engine.program.model import Program, StoryId

__all__ = ["SqlStories", "latest_query"]


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
        """Store a program with its rows, all or nothing, and make it its story's latest version; that puts nothing in force."""
        values = {
            "story": program.story,
            "digest": digest(program),
            "label": program.version,
            "title": program.title,
            "language": program.language,
            "created_at": self._clock(),
            "program": encode(program),
        }
        return await self._database.write(
            lambda connection: _add(connection, program, values), slow=True
        )

    async def program(self, story: StoryId, digest: str) -> Program | None:
        """Return a stored program."""
        query = select(story_versions.c.program).filter_by(story=story, digest=digest)
        stored = await self._rows(query)
        return decode(stored[0][0]) if stored else None

    async def latest(self, story: StoryId) -> StoryVersion | None:
        """Return the version of a story that was added last."""
        rows = await self._rows(latest_query(story))
        return StoryVersion(*rows[0]) if rows else None

    async def active(self, story: StoryId) -> Publication | None:
        """Return the publication of a story that is in force."""
        return await self._database.read(lambda connection: active_publication(connection, story))

    async def stories(self) -> tuple[StoryVersion, ...]:
        """Return the latest version of every story, in the order of their ids."""
        versions = [StoryVersion(*row) for row in await self._rows(latest_query())]
        # Sorted here: the order of a PostgreSQL depends on its locale.
        return tuple(sorted(versions, key=lambda version: version.story))

    async def versions(self, story: StoryId) -> tuple[StoryVersion, ...]:
        """Return every version of a story, first stored first."""
        query = select(*VERSION).filter_by(story=story).order_by(story_versions.c.id)
        return tuple(StoryVersion(*row) for row in await self._rows(query))

    async def _rows(self, query: Query) -> list[tuple[Any, ...]]:
        return await self._database.read(lambda connection: fetched(connection, query))


def latest_query(story: StoryId | None = None) -> Query:
    """Return the query for the latest version of one story, or of every story."""
    query = select(*VERSION).join(stories, stories.c.version_id == story_versions.c.id)
    return query if story is None else query.where(stories.c.story == story)


async def _add(connection: AsyncConnection, program: Program, values: dict[str, Any]) -> Added:
    new = await insert_if_absent(connection, story_versions, values)
    query = select(*VERSION).filter_by(story=program.story, digest=values["digest"])
    version = StoryVersion(*(await connection.execute(query)).one())
    if new:
        for table, rows in content_rows(program).items():
            if rows:
                await connection.execute(
                    insert(table), [{**row, "version_id": version.id} for row in rows]
                )
    pointer = {"story": version.story, "version_id": version.id}
    if not await insert_if_absent(connection, stories, pointer):
        await connection.execute(
            update(stories).filter_by(story=version.story).values(version_id=version.id)
        )
    return Added(version, new)
