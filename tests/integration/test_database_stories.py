"""Compiled stories in a database: stored once, whole, and found again."""

from itertools import count

import pytest
from sqlalchemy import func, select

from diana_engine.database import tables
from diana_engine.database.connect import Database
from diana_engine.database.stories.repository import SqlStories
from diana_engine.database.stories.rows import content_rows
from diana_engine.program.codec import digest
from strategies.stories import cellar, chain, endless


@pytest.fixture
def stories(database: Database) -> SqlStories:
    ticks = count(1_000)
    return SqlStories(database, lambda: next(ticks))


async def counts(database: Database) -> dict[str, int]:
    """Return the number of rows of every table."""
    async with database.transaction(writes=False) as connection:
        return {
            name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for name, table in tables.metadata.tables.items()
        }


async def test_a_stored_program_comes_back_as_it_was(stories: SqlStories):
    added = await stories.add(cellar())
    assert added.new
    assert await stories.program(added.version.story, added.version.digest) == cellar()


async def test_a_version_tells_what_it_is(stories: SqlStories):
    version = (await stories.add(cellar("2.5"))).version
    assert (version.story, version.label, version.title, version.language, version.created_at) == (
        "cellar", "2.5", "El sótano", "en", 1_000,
    )  # fmt: skip
    assert version.digest == digest(cellar("2.5"))


async def test_the_same_program_again_adds_nothing(stories: SqlStories, database: Database):
    first = await stories.add(cellar())
    before = await counts(database)
    again = await stories.add(cellar())
    assert not again.new
    assert again.version == first.version
    assert await counts(database) == before


async def test_a_changed_program_is_another_version_beside_the_first(stories: SqlStories):
    first = (await stories.add(cellar("1"))).version
    second = (await stories.add(cellar("2"))).version
    assert await stories.versions(first.story) == (first, second)
    assert await stories.latest(first.story) == second
    assert await stories.program(first.story, first.digest) == cellar("1")


async def test_a_change_that_is_taken_back_is_the_latest_version_again(stories: SqlStories):
    first = (await stories.add(cellar("1"))).version
    await stories.add(cellar("2"))
    assert not (await stories.add(cellar("1"))).new
    assert await stories.latest(first.story) == first


async def test_stories_are_listed_by_their_ids_with_their_latest_versions(stories: SqlStories):
    assert await stories.stories() == ()
    other = (await stories.add(endless())).version
    await stories.add(cellar("1"))
    latest = (await stories.add(cellar("2"))).version
    assert await stories.stories() == (latest, other)


async def test_what_is_not_there_is_none(stories: SqlStories):
    version = (await stories.add(cellar())).version
    assert await stories.latest("nowhere") is None
    assert await stories.program("nowhere", version.digest) is None
    assert await stories.program(version.story, "0" * 64) is None


@pytest.mark.parametrize("program", [cellar(), chain(300)], ids=["cellar", "chain"])
async def test_the_rows_are_the_program_s(stories: SqlStories, database: Database, program):
    await stories.add(endless())  # so that a version's number counts
    version = (await stories.add(program)).version
    for table, expected in content_rows(program).items():
        columns = [column for column in table.c if column.name != "version_id"]
        query = select(*columns).where(table.c.version_id == version.id)
        async with database.transaction(writes=False) as connection:
            found = [dict(row) for row in (await connection.execute(query)).mappings()]
        by_content = {str(sorted(row.items(), key=lambda item: item[0])) for row in expected}
        assert len(found) == len(expected) == len(by_content), table.name
        assert {str(sorted(row.items(), key=lambda item: item[0])) for row in found} == by_content


async def test_a_version_that_cannot_be_stored_whole_leaves_nothing(
    stories: SqlStories, database: Database, monkeypatch: pytest.MonkeyPatch
):
    def broken(program):
        rows = dict(content_rows(program))
        rows[tables.items] = [*rows[tables.items], rows[tables.items][0]]
        return rows

    before = await counts(database)
    monkeypatch.setattr("diana_engine.database.stories.repository.content_rows", broken)
    with pytest.raises(Exception, match=r"(?i)unique"):
        await stories.add(cellar())
    assert await counts(database) == before
