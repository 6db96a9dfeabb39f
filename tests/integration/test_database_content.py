"""Questions about a stored story, and the indexes that answer them."""

import pytest
from sqlalchemy import Select, text
from sqlalchemy.dialects import sqlite

from diana_engine.database.connect import Database, open_database
from diana_engine.database.stories.content import (
    ChoiceRow,
    Content,
    Dependent,
    FragmentFilter,
    LinkRow,
    choices_query,
    dependents_query,
    fragment_query,
    fragments_query,
    kinds_query,
    links_query,
)
from diana_engine.database.stories.repository import SqlStories, latest_query
from strategies.stories import cellar, endless


@pytest.fixture
async def content(database: Database) -> Content:
    stories = SqlStories(database, lambda: 0)
    await stories.add(endless())
    await stories.add(cellar("1"))
    return Content(database, (await stories.add(cellar("2"))).version.id)


async def names(content: Content, which: FragmentFilter, **page: int) -> list[str]:
    return [row.fragment for row in (await content.fragments(which, **page)).fragments]


async def test_a_fragment_is_found_by_its_id(content: Content):
    hall = await content.fragment("house.hall")
    assert (hall.title, hall.kind, hall.speaker, hall.chapter) == (
        "The hall", "decision", "lucien", "house",
    )  # fmt: skip
    assert hall.rests
    assert hall.excerpt == (
        "El Jardín está cerrado. An owl calls. | Silence. You have {coins} coins."
    )
    assert await content.fragment("house.nowhere") is None


async def test_fragments_are_listed_in_the_writer_s_order_by_kind_and_chapter(content: Content):
    assert await names(content, FragmentFilter()) == [
        "house.hall", "house.stairs", "house.cellar", "house.ledge",
        "night.passage", "night.dawn", "night.dark",
    ]  # fmt: skip
    assert await names(content, FragmentFilter(kind="ending")) == ["night.dawn", "night.dark"]
    assert await names(content, FragmentFilter("story", "night")) == ["night.passage"]


@pytest.mark.parametrize("words", ["jardin", "JARDÍN", "está cerr", "the hall", "owl"])
async def test_a_text_is_found_without_regard_to_case_and_accents(content: Content, words: str):
    assert await names(content, FragmentFilter(text=words)) == ["house.hall"]


async def test_a_wildcard_is_a_character_like_any_other(content: Content):
    assert await names(content, FragmentFilter(text="100%")) == ["house.cellar"]
    assert await names(content, FragmentFilter(text="1%0")) == []
    assert await names(content, FragmentFilter(text="_all")) == []


async def test_a_page_knows_how_many_there_are_in_all(content: Content):
    page = await content.fragments(offset=2, limit=3)
    assert page.total == 7
    assert [row.position for row in page.fragments] == [2, 3, 4]
    assert (await content.fragments(FragmentFilter(kind="ending"), limit=1)).total == 2
    assert (await content.fragments(offset=70)).fragments == ()


async def test_fragments_are_counted_by_kind(content: Content):
    assert [(row.kind, row.count) for row in await content.kinds()] == [
        ("decision", 2), ("ending", 2), ("story", 3),
    ]  # fmt: skip


async def test_choices_keep_their_order(content: Content):
    take, down, bribe = await content.choices("house.hall")
    assert take == ChoiceRow(
        "house.hall.take", "house.hall", 0, "house.hall", "Take the key", True, None, None, False
    )
    assert (down.position, down.has_requirement) == (1, True)
    assert (bribe.cost_points, bribe.cost_amount) == ("coins", 50)


async def test_ways_out_and_in_are_known_with_what_makes_them(content: Content):
    assert await content.links_from("house.stairs") == (
        LinkRow("branch", "house.stairs#1", "house.stairs", "house.cellar"),
        LinkRow("branch", "house.stairs#2", "house.stairs", "house.ledge"),
    )
    assert await content.links_to("house.ledge") == (
        LinkRow("branch", "house.stairs#2", "house.stairs", "house.ledge"),
        LinkRow("choice", "house.hall.bribe", "house.hall", "house.ledge"),
        LinkRow("fragment", "house.cellar", "house.cellar", "house.ledge"),
    )


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("item", "silver_key", [Dependent("choice", "house.hall.down", "has silver_key")]),
        (
            "item",
            "map_south",
            [
                Dependent(
                    "fragment",
                    "house.cellar",
                    "(trust between 1 and 5) or count(map_north, map_south) > 0",
                )
            ],
        ),
        ("condition", "close", [Dependent("branch", "house.stairs#1", "close and not lamp_lit")]),
        (
            "fragment",
            "house.hall",
            [Dependent("branch", "night.passage#1", "visits(house.hall) > 9")],
        ),
        (
            "choice",
            "house.hall.take",
            [Dependent("choice", "house.ledge~2", "chose house.hall.take")],
        ),
        ("variable", "mood", [Dependent("choice", "house.ledge~1", "mood is serene")]),
        ("variable", "silver_key", []),
    ],
)
async def test_what_depends_on_a_name_is_known(content: Content, kind, name, expected):
    assert list(await content.dependents(kind, name)) == expected


async def test_one_name_may_have_several_dependents(content: Content):
    assert [one.owner for one in await content.dependents("variable", "trust")] == [
        "close", "house.cellar",
    ]  # fmt: skip


async def test_variables_are_listed_with_their_ranges(content: Content):
    rows = {row.variable: row for row in await content.variables()}
    assert list(rows) == ["coins", "lamp_lit", "mood", "name", "trust"]
    assert (rows["trust"].type, rows["trust"].minimum, rows["trust"].maximum) == ("number", -10, 10)
    assert (rows["lamp_lit"].initial, rows["mood"].words) == ("false", '["serene", "curious"]')


# Indexes ------------------------------------------------------------------------------------------

QUERIES = {
    "fragment by id": (
        fragment_query(1, "a.b"),
        "sqlite_autoindex_fragments_1 (version_id=? AND fragment=?)",
    ),
    "all fragments": (fragments_query(1, FragmentFilter()), "position (version_id=?)"),
    "fragments by kind": (
        fragments_query(1, FragmentFilter("info")),
        "kind_position (version_id=? AND kind=?)",
    ),
    "fragments by chapter": (
        fragments_query(1, FragmentFilter(chapter="a")),
        "chapter_position (version_id=? AND chapter=?)",
    ),
    "fragments by text": (fragments_query(1, FragmentFilter(text="x")), "position (version_id=?)"),
    "fragments by kind and text": (
        fragments_query(1, FragmentFilter("info", text="x")),
        "kind_position (version_id=? AND kind=?)",
    ),
    "number by kind": (
        kinds_query(1),
        "COVERING INDEX ix_fragments_version_id_kind_position (version_id=?)",
    ),
    "choices of a fragment": (choices_query(1, "a.b"), "(version_id=? AND fragment=?)"),
    "ways out": (
        links_query(1, source="a.b"),
        "source_owner_kind_owner (version_id=? AND source=?)",
    ),
    "ways in": (
        links_query(1, target="a.b"),
        "target_owner_kind_owner (version_id=? AND target=?)",
    ),
    "dependents": (
        dependents_query(1, "item", "key"),
        "COVERING INDEX sqlite_autoindex_requirement_names_1 (version_id=? AND kind=? AND name=?)",
    ),
    "latest version": (latest_query("a"), "sqlite_autoindex_stories_1 (story=?)"),
}


@pytest.mark.parametrize("name", QUERIES)
async def test_a_query_goes_along_an_index(tmp_path, name: str):
    query, index = QUERIES[name]
    async with await open_database(str(tmp_path / "diana.db")) as database:
        plan = await explained(database, query)
    assert any(index in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan  # no sorting either


async def explained(database: Database, query: Select) -> list[str]:
    literal = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    async with database.transaction(writes=False) as connection:
        rows = await connection.execute(text(f"EXPLAIN QUERY PLAN {literal}".replace(":", "\\:")))
        return [row.detail for row in rows]
