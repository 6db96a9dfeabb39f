"""Publishing on real databases: one row, what it refuses, and what it says of the players."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import update

from diana_engine.database.connect import Database
from diana_engine.database.stories.publications import SqlPublications
from diana_engine.database.stories.repository import SqlStories
from diana_engine.database.tables import players
from diana_engine.errors import DianaError
from diana_engine.expressions.terms import FragmentId
from diana_engine.expressions.text import Plain
from diana_engine.program import systems
from diana_engine.program.model import Choices, Next, Program
from diana_engine.runtime.versions.library import Library
from diana_engine.runtime.versions.publishing import NotPublished, Publisher, Wish, found_version
from strategies.audience import put, stand
from strategies.stories import KEY, cellar, endless

LEDGE = FragmentId("house.ledge")


@pytest.fixture
def publisher(database: Database) -> Publisher:
    ticks = count(1_000)

    def clock() -> int:
        return next(ticks)

    return Publisher(SqlStories(database, clock), SqlPublications(database, clock), clock)


async def stored(publisher: Publisher, program: Program):
    return (await publisher.stories.add(program)).version


async def published(publisher: Publisher, program: Program, **how):
    return await publisher.publish(Wish(await stored(publisher, program), "ana", **how))


def without_ledge(program: Program, **lines) -> Program:
    """Return the story without its ledge; whatever led there leads to the hall."""
    fragments = {
        id: replace(fragment, exit=_elsewhere(fragment.exit), gate=None)
        for id, fragment in program.fragments.items()
        if id != LEDGE
    }
    chapters = {
        id: replace(one, fragments=tuple(name for name in one.fragments if name != LEDGE))
        for id, one in program.chapters.items()
    }
    growth = systems.Growth(**lines)
    return replace(program, version="2", fragments=fragments, chapters=chapters, growth=growth)


def _elsewhere(way):
    def led(one):
        return replace(one, to=FragmentId("house.hall")) if one.to == LEDGE else one

    match way:
        case Choices(choices):
            return Choices(tuple(led(one) for one in choices))
        case Next(branches):
            return replace(way, branches=tuple(led(one) for one in branches))
        case _:
            return way


def reworded(program: Program) -> Program:
    fragments = {
        id: replace(one, text=(Plain("Otherwise."),)) if one.text else one
        for id, one in program.fragments.items()
    }
    return replace(program, version="2", fragments=fragments)


def on_the_ledge():
    return replace(stand(cellar()), fragment=LEDGE)


async def test_what_is_stored_is_not_in_force_until_it_is_published(publisher: Publisher):
    library = Library(publisher.stories)
    first = await stored(publisher, cellar("1"))
    assert (await library.open()).version == first  # nothing was ever published
    await published(publisher, cellar("1"))
    await stored(publisher, cellar("2"))
    assert (await library.open()).version == first
    second = await published(publisher, cellar("2"))
    assert (await library.open()).version == second.version


async def test_a_publication_says_who_and_when_and_how(publisher: Publisher):
    await published(publisher, cellar("1"))
    await published(publisher, cellar("2"), policy="pin")
    history = await publisher.publications.history(cellar().story)
    assert [(one.version.label, one.policy, one.by) for one in history] == [
        ("1", "migrate", "ana"), ("2", "pin", "ana"),
    ]  # fmt: skip
    assert history[0].at < history[1].at
    assert await publisher.publications.active(cellar().story) == history[1]


async def test_the_same_again_is_no_other_publication(publisher: Publisher):
    first = await published(publisher, cellar("1"))
    assert await published(publisher, cellar("1")) == first
    assert len(await publisher.publications.history(cellar().story)) == 1


async def test_stories_are_published_apart(publisher: Publisher):
    await published(publisher, cellar("1"))
    await stored(publisher, endless())
    assert await publisher.publications.active(endless().story) is None


async def test_of_many_who_publish_at_once_one_is_in_force_and_all_are_noted(publisher: Publisher):
    labels = [str(number) for number in range(6)]
    versions = [await stored(publisher, cellar(label)) for label in labels]
    await asyncio.gather(*(publisher.publish(Wish(one, "ana")) for one in versions))
    history = await publisher.publications.history(cellar().story)
    assert sorted(one.version.label for one in history) == labels
    active = await publisher.publications.active(cellar().story)
    assert active in history


async def test_an_occupied_fragment_without_a_rule_is_not_taken_away(
    publisher: Publisher, database: Database
):
    before = await published(publisher, cellar("1"))
    await put(database, cellar("1"), on_the_ledge(), on_the_ledge(), stand(cellar()))
    version = await stored(publisher, without_ledge(cellar()))
    with pytest.raises(NotPublished, match=r"`house.ledge` \(2 players\).*`removed:`.*pin"):
        await publisher.publish(Wish(version, "ana"))
    assert await publisher.publications.history(cellar().story) == (before,)
    survey = await publisher.survey(version, None)
    assert survey.stranded == 2
    assert (survey.crowds[0].carried, survey.crowds[0].left) == (1, {"gone": 2})


async def test_with_a_rule_it_is_and_with_the_policy_to_stay(
    publisher: Publisher, database: Database
):
    await published(publisher, cellar("1"))
    await put(database, cellar("1"), on_the_ledge())
    pinned = await published(publisher, without_ledge(cellar()), policy="pin")
    assert pinned.policy == "pin"
    ruled = without_ledge(cellar(), removed={LEDGE: FragmentId("house.hall")})
    assert (await published(publisher, ruled)).version.label == "2"


async def test_who_steps_onto_a_fragment_meanwhile_is_seen_by_the_publication(
    publisher: Publisher, database: Database, monkeypatch: pytest.MonkeyPatch
):
    before = await published(publisher, cellar("1"))
    await put(database, cellar("1"), stand(cellar()))
    version = await stored(publisher, without_ledge(cellar()))
    looked = publisher.survey

    async def looked_at_before(*asked):
        survey = await looked(*asked)
        await step_onto_the_ledge(database)
        return survey

    monkeypatch.setattr(publisher, "survey", looked_at_before)
    with pytest.raises(NotPublished, match=r"`house\.ledge`"):
        await publisher.publish(Wish(version, "ana"))
    assert await publisher.publications.active(cellar().story) == before


async def step_onto_the_ledge(database: Database) -> None:
    async with database.transaction(writes=True) as connection:
        await connection.execute(update(players).values(fragment=LEDGE))


async def test_losses_are_refused_until_they_are_accepted(publisher: Publisher, database: Database):
    await published(publisher, cellar("1"))
    rich = replace(stand(cellar()), items={KEY: 1})
    await put(database, cellar("1"), rich, stand(cellar()))
    fewer = replace(cellar("2"), items={id: one for id, one in cellar().items.items() if id != KEY})
    fewer = replace(fewer, fragments=reworded(cellar()).fragments)
    version = await stored(publisher, fewer)
    with pytest.raises(NotPublished, match=r"item `silver_key` is gone.*\(1 player\).*--accept-"):
        await publisher.publish(Wish(version, "ana"))
    assert (await publisher.publish(Wish(version, "ana", losses=True))).version == version


async def test_nobody_loses_what_nobody_has(publisher: Publisher, database: Database):
    await published(publisher, cellar("1"))
    await put(database, cellar("1"), stand(cellar()))
    fewer = replace(cellar("2"), items={id: one for id, one in cellar().items.items() if id != KEY})
    assert (await published(publisher, fewer)).version.label == "2"


async def test_other_words_are_counted_without_reading_anybody(
    publisher: Publisher, database: Database
):
    await published(publisher, cellar("1"))
    await put(database, cellar("1"), stand(cellar()), stand(cellar()), on_the_ledge())
    survey = await publisher.survey(await stored(publisher, reworded(cellar())), None)
    (crowd,) = survey.crowds
    assert crowd.comparison.words_only
    assert (crowd.players, crowd.carried) == (3, 3)
    reached = dict(zip((one.name for one in crowd.comparison.changes), crowd.reached, strict=True))
    assert (reached["house.hall"], reached["house.ledge"]) == (2, 1)


async def test_who_has_the_version_already_is_counted_as_such(
    publisher: Publisher, database: Database
):
    await published(publisher, cellar("1"))
    await put(database, cellar("1"), stand(cellar()))
    survey = await publisher.survey(await stored(publisher, cellar("1")), None)
    assert (survey.current, survey.crowds) == (1, ())


async def test_players_are_read_in_pages(publisher: Publisher, database: Database):
    await published(publisher, cellar("1"))
    await put(database, cellar("1"), *(stand(cellar()) for _ in range(7)))
    version = await stored(publisher, cellar("1"))
    found, after = [], None
    while page := await publisher.publications.players(version.story, version.digest, after, 3):
        found += page
        after = page[-1].play.player
    assert len({one.play for one in found}) == len(found) == 7
    assert found[0].state == stand(cellar())


async def test_one_goes_back_to_what_was_in_force_before(publisher: Publisher):
    with pytest.raises(NotPublished, match="nothing to go back to"):
        await publisher.before(cellar().story)
    for label in ("1", "2", "3"):
        await published(publisher, cellar(label))
    assert (await publisher.before(cellar().story)).label == "2"


async def test_a_version_is_found_by_label_and_digest(publisher: Publisher):
    story = cellar().story
    first = await stored(publisher, cellar("1"))
    again = await stored(publisher, reworded(cellar()))
    second = await stored(publisher, cellar("2"))
    stories = publisher.stories
    assert await found_version(stories, story, None) == second
    assert await found_version(stories, story, "2") == second  # the last one so called
    assert await found_version(stories, story, again.digest[:10].upper()) == again
    assert await found_version(stories, story, "1") == first
    with pytest.raises(DianaError, match=r"no version `nine`.*1 \("):
        await found_version(stories, story, "nine")
    with pytest.raises(DianaError, match=r"3 versions of `cellar` begin with ``"):
        await found_version(stories, story, "")
    with pytest.raises(DianaError, match=r"holds no story `nowhere`; there is `cellar`"):
        await found_version(stories, "nowhere", None)


async def test_what_is_not_stored_cannot_be_published(publisher: Publisher):
    version = await stored(publisher, cellar("1"))
    with pytest.raises(DianaError, match="no longer holds"):
        await publisher.publish(Wish(replace(version, digest="0" * 64), "ana"))
