"""Media in the database: each file once, and what each bot calls it; an older database is extended for them."""

from __future__ import annotations

from pathlib import Path

from diana_engine.database.connect import Database, open_database
from diana_engine.database.migrations.carry import carry
from diana_engine.database.stories.media import SqlMedia
from diana_engine.database.tables import SCHEMA_VERSION


async def test_a_file_is_kept_once_under_its_content(database: Database) -> None:
    media = SqlMedia(database)
    content = bytes(range(256)) * 4096
    digest = await media.put(content)
    assert await media.put(content) == digest
    assert await media.content(digest) == content
    assert await media.content("0" * 64) is None
    assert await media.missing(frozenset({digest, "0" * 64})) == {"0" * 64}
    assert await media.missing(frozenset()) == frozenset()


async def test_what_a_bot_calls_a_file_is_good_for_that_bot_and_kind_alone(
    database: Database,
) -> None:
    media = SqlMedia(database)
    digest = await media.put(b"a picture")
    await media.remember("telegram:1", "photo", digest, "one")
    await media.remember("telegram:1", "photo", digest, "two")
    assert await media.sent("telegram:1", "photo", digest) == "two"
    assert await media.sent("telegram:2", "photo", digest) is None
    assert await media.sent("telegram:1", "document", digest) is None
    await media.remember("telegram:1", "photo", digest, None)
    assert await media.sent("telegram:1", "photo", digest) is None


async def test_a_database_from_before_media_is_extended(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    async with await open_database(url) as old:
        await old.write(
            lambda connection: connection.run_sync(lambda inner: carry(inner, SCHEMA_VERSION, 1))
        )
    for _ in range(2):
        async with await open_database(url) as database:
            assert await SqlMedia(database).content(await SqlMedia(database).put(b"x")) == b"x"
