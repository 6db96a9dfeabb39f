"""Stories are found by their ids, and decoded once."""

import asyncio
from dataclasses import replace

import pytest

from diana_engine.database.connect import Database
from diana_engine.database.stories.repository import SqlStories
from diana_engine.errors import DianaError
from diana_engine.program.codec import digest
from diana_engine.program.model import Program
from diana_engine.runtime.versions.library import Library
from strategies.stories import cellar, endless


class CountingStories(SqlStories):
    """The real store, that says how often a program was read."""

    reads = 0

    async def program(self, story, digest) -> Program | None:
        self.reads += 1
        return await super().program(story, digest)


@pytest.fixture
def stories(database: Database) -> CountingStories:
    return CountingStories(database, lambda: 0)


@pytest.fixture
def library(stories: CountingStories) -> Library:
    return Library(stories)


async def test_the_only_story_need_not_be_named(library: Library):
    stored = await library.store(cellar())
    opened = await library.open()
    assert (opened.version, opened.program) == (stored.version, cellar())


async def test_a_story_is_opened_by_its_id_in_its_latest_version(library: Library):
    await library.store(endless())
    await library.store(cellar("1"))
    await library.store(cellar("2"))
    assert (await library.open(cellar().story)).program == cellar("2")


async def test_an_empty_database_says_how_to_fill_it(library: Library, database: Database):
    for story in (None, cellar().story):
        with pytest.raises(DianaError, match=r"holds no story yet.*diana compile") as caught:
            await library.open(story)
        assert database.place in str(caught.value)


async def test_several_stories_are_listed_to_choose_from(library: Library):
    await library.store(endless())
    await library.store(cellar())
    with pytest.raises(DianaError, match=r"2 stories.*--story.*`cellar` \(El sótano\), `endless`"):
        await library.open()
    with pytest.raises(DianaError, match=r"no story `nowhere`.*`cellar`"):
        await library.open("nowhere")


async def test_a_version_that_is_gone_is_said_to_be_gone(library: Library):
    with pytest.raises(DianaError, match="no longer holds the version 000000000000 of"):
        await library.program(cellar().story, "0" * 64)


async def test_a_program_is_read_once_even_if_many_ask_at_once(
    library: Library, stories: CountingStories
):
    await library.store(cellar())
    opened = await asyncio.gather(*(library.open() for _ in range(10)))
    assert stories.reads == 1
    assert len({id(one.program) for one in opened}) == 1


async def test_only_the_programs_used_last_are_kept(stories: CountingStories):
    library = Library(stories, keep=2)
    versions = [replace(endless(), version=str(number)) for number in range(3)]
    for program in versions:
        await library.store(program)
    for number in (0, 1, 0, 2):
        await library.program(endless().story, digest(versions[number]))
    assert [library.loaded(digest(one)) is not None for one in versions] == [True, False, True]
    assert stories.reads == 3
