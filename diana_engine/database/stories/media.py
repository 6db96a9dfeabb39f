"""The media of stories, kept by their content: each file once, however many stories and versions show it."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from diana_engine.database.connect import Database
from diana_engine.database.dialects import fetched, insert_if_absent
from diana_engine.database.tables import media, media_sent

__all__ = ["SqlMedia"]


class SqlMedia:
    """A `MediaStore` in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, content: bytes) -> str:
        """Store a file and return the SHA-256 that names it; the same file again adds nothing."""
        digest = sha256(content).hexdigest()
        row = {"digest": digest, "size": len(content), "content": content}
        await self._database.write(
            lambda connection: insert_if_absent(connection, media, row), slow=True
        )
        return digest

    async def content(self, digest: str) -> bytes | None:
        """Return the bytes of a file."""
        query = select(media.c.content).filter_by(digest=digest)
        rows = await self._database.read(lambda connection: fetched(connection, query))
        return rows[0][0] if rows else None

    async def missing(self, digests: frozenset[str]) -> frozenset[str]:
        """Return which of these files are not stored."""
        query = select(media.c.digest).where(media.c.digest.in_(sorted(digests)))
        rows = await self._database.read(lambda connection: fetched(connection, query))
        return digests - {row[0] for row in rows}

    async def sent(self, channel: str, kind: str, digest: str) -> str | None:
        """Return what a channel calls a file that it was sent before, as that kind."""
        query = select(media_sent.c.name).filter_by(channel=channel, kind=kind, digest=digest)
        rows = await self._database.read(lambda connection: fetched(connection, query))
        return rows[0][0] if rows else None

    async def remember(self, channel: str, kind: str, digest: str, name: str | None) -> None:
        """Note what a channel calls a file, or that it no longer knows what it called it."""
        key = {"channel": channel, "kind": kind, "digest": digest}

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(delete(media_sent).filter_by(**key))
            if name is not None:
                await insert_if_absent(connection, media_sent, {**key, "name": name})

        await self._database.write(write)
