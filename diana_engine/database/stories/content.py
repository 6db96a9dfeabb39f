"""Questions about a stored story, each answered along an index: for administration, search and statistics."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Column, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from diana_engine.database.connect import Database
from diana_engine.database.dialects import Query, fetched
from diana_engine.database.stories.readable import folded
from diana_engine.database.tables import (
    choices,
    fragments,
    links,
    requirement_names,
    requirements,
    variables,
)
from diana_engine.expressions.terms import ChoiceKey, FragmentId, VariableId
from diana_engine.program.model import ChapterId, Kind

__all__ = [
    "ChoiceRow", "Content", "Dependent", "FragmentFilter", "FragmentPage", "FragmentRow", "KindRow", "LinkRow",
    "VariableRow", "choices_query", "dependents_query", "fragment_query", "fragments_query", "kinds_query",
    "links_query",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class FragmentRow:
    """A fragment as a list shows it."""

    fragment: FragmentId
    position: int
    chapter: ChapterId
    kind: Kind
    title: str | None
    speaker: str | None
    ending: str | None
    rests: bool
    excerpt: str


@dataclass(frozen=True, slots=True)
class FragmentFilter:
    """Which fragments to list: those to which every given part applies. Case and accents of `text` do not count."""

    kind: Kind | None = None
    chapter: ChapterId | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class FragmentPage:
    """Some of the fragments, in the order in which they were written, and how many there are in all."""

    fragments: tuple[FragmentRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind of fragment, and how many there are."""

    kind: Kind
    count: int


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A choice as a list shows it."""

    choice: ChoiceKey
    fragment: FragmentId
    position: int
    target: FragmentId
    text: str
    once: bool
    cost_points: VariableId | None
    cost_amount: int | None
    has_requirement: bool


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A way from one fragment to another: a choice, a branch, or the gate of a fragment."""

    owner_kind: str
    owner: str
    source: FragmentId
    target: FragmentId


@dataclass(frozen=True, slots=True)
class Dependent:
    """Something whose requirement reads a name, with the whole requirement in words."""

    owner_kind: str
    owner: str
    words: str


@dataclass(frozen=True, slots=True)
class VariableRow:
    """A variable as a list shows it; `words` is the JSON list of a one_of."""

    variable: VariableId
    type: str
    initial: str
    minimum: int | None
    maximum: int | None
    words: str | None


_Record = TypeVar("_Record")


def _columns(table: Table, record: type[Any]) -> list[Column[Any]]:
    """Return the columns that a record has fields for, in their order."""
    return [table.c[field.name] for field in dataclasses.fields(record)]


_FRAGMENT = _columns(fragments, FragmentRow)
_CHOICE = _columns(choices, ChoiceRow)
_LINK = _columns(links, LinkRow)
_VARIABLE = _columns(variables, VariableRow)


class Content:
    """The rows of one stored version; `version` is a `StoryVersion.id`."""

    def __init__(self, database: Database, version: int) -> None:
        self._database = database
        self._version = version

    async def fragment(self, id_: FragmentId) -> FragmentRow | None:
        """Return a fragment by its id."""
        found = await self._all(fragment_query(self._version, id_), FragmentRow)
        return found[0] if found else None

    async def fragments(
        self, which: FragmentFilter = FragmentFilter(), *, offset: int = 0, limit: int = 50
    ) -> FragmentPage:
        """Return a page of fragments."""
        query = fragments_query(self._version, which)
        counted = select(func.count()).select_from(query.order_by(None).subquery())

        async def page(connection: AsyncConnection) -> FragmentPage:
            total = (await connection.execute(counted)).scalar_one()
            rows = await fetched(connection, query.offset(offset).limit(limit))
            return FragmentPage(tuple(FragmentRow(*row) for row in rows), total)

        return await self._database.read(page)

    async def kinds(self) -> tuple[KindRow, ...]:
        """Return how many fragments there are of each kind that there is."""
        return await self._all(kinds_query(self._version), KindRow)

    async def choices(self, fragment: FragmentId) -> tuple[ChoiceRow, ...]:
        """Return a fragment's choices in their order."""
        return await self._all(choices_query(self._version, fragment), ChoiceRow)

    async def links_from(self, fragment: FragmentId) -> tuple[LinkRow, ...]:
        """Return the ways out of a fragment."""
        return await self._all(links_query(self._version, source=fragment), LinkRow)

    async def links_to(self, fragment: FragmentId) -> tuple[LinkRow, ...]:
        """Return the ways into a fragment."""
        return await self._all(links_query(self._version, target=fragment), LinkRow)

    async def dependents(self, kind: str, name: str) -> tuple[Dependent, ...]:
        """Return what depends on a name of a kind, such as the ``item`` ``silver_key``."""
        return await self._all(dependents_query(self._version, kind, name), Dependent)

    async def variables(self) -> tuple[VariableRow, ...]:
        """Return every variable, in the order of their names."""
        query = select(*_VARIABLE).where(variables.c.version_id == self._version)
        rows = await self._all(query, VariableRow)
        # Sorted here: the order of a PostgreSQL depends on its locale.
        return tuple(sorted(rows, key=lambda row: row.variable))

    async def _all(self, query: Query, record: Callable[..., _Record]) -> tuple[_Record, ...]:
        rows = await self._database.read(lambda connection: fetched(connection, query))
        return tuple(record(*row) for row in rows)


# The queries, by themselves so that a test can ask the database how it runs them -------------------


def fragment_query(version: int, id_: FragmentId) -> Query:
    """Return the query for one fragment."""
    return select(*_FRAGMENT).where(fragments.c.version_id == version, fragments.c.fragment == id_)


def fragments_query(version: int, which: FragmentFilter) -> Query:
    """Return the query for a list of fragments.

    A text is looked for in every fragment that the rest lets through: some thousand short rows of one version. Only
    the index keeps the rows of other versions away.
    """
    query = select(*_FRAGMENT).where(fragments.c.version_id == version)
    if which.kind is not None:
        query = query.where(fragments.c.kind == which.kind)
    if which.chapter is not None:
        query = query.where(fragments.c.chapter == which.chapter)
    if which.text:
        query = query.where(fragments.c.search.contains(folded(which.text), autoescape=True))
    return query.order_by(fragments.c.position)


def kinds_query(version: int) -> Query:
    """Return the query for the number of fragments of each kind."""
    return (
        select(fragments.c.kind, func.count())
        .where(fragments.c.version_id == version)
        .group_by(fragments.c.kind)
        .order_by(fragments.c.kind)
    )


def choices_query(version: int, fragment: FragmentId) -> Query:
    """Return the query for a fragment's choices."""
    return (
        select(*_CHOICE)
        .where(choices.c.version_id == version, choices.c.fragment == fragment)
        .order_by(choices.c.position)
    )


def links_query(
    version: int, *, source: FragmentId | None = None, target: FragmentId | None = None
) -> Query:
    """Return the query for the ways out of `source` or into `target`."""
    query = select(*_LINK).where(links.c.version_id == version)
    if source is not None:
        query = query.where(links.c.source == source)
    if target is not None:
        query = query.where(links.c.target == target)
    return query.order_by(links.c.owner_kind, links.c.owner)


def dependents_query(version: int, kind: str, name: str) -> Query:
    """Return the query for what depends on a name."""
    used = requirement_names.c
    return (
        select(used.owner_kind, used.owner, requirements.c.words)
        .join(
            requirements,
            (requirements.c.version_id == used.version_id)
            & (requirements.c.owner_kind == used.owner_kind)
            & (requirements.c.owner == used.owner),
        )
        .where(used.version_id == version, used.kind == kind, used.name == name)
        .order_by(used.owner_kind, used.owner)
    )
