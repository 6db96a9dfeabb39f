"""`diana versions`: what is stored of a story, what is in force, and where its players are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from ..comparisons import named_version, version_json
from ..findings import counted
from ..options import database_option
from ..output import write
from ..publishing import format_option, opened_publisher, story_meant

if TYPE_CHECKING:
    from diana_engine.database.port import Publication, StoryVersion
    from diana_engine.expressions.terms import FragmentId
    from diana_engine.runtime.versions.publishing import Publisher

__all__ = ["command"]


@dataclass(frozen=True, slots=True)
class _Row:
    """A version as it is listed."""

    version: StoryVersion
    publications: tuple[Publication, ...]
    active: bool
    players: Mapping[FragmentId, int]


@click.command("versions", short_help="List the stored versions of a story.")
@click.argument("story", required=False)
@database_option
@format_option
def command(story: str | None, database: str | None, format: str) -> None:  # noqa: A002 - the option's name
    """List the versions of STORY, an id or a story's folder, or of every story; `*` marks the one in force.

    Each with when it was stored, when and by whom it was published, and how many players are on it.
    """
    import asyncio

    from diana_engine.settings import database_url

    rows = asyncio.run(_rows(database_url(database), story))
    if format == "json":
        write(json.dumps([_json(row) for row in rows], ensure_ascii=False, indent=2) + "\n")
        return
    for row in rows:
        for line in _lines(row):
            write(f"{line}\n")
    if not rows:
        write("No story is stored here yet; `diana compile STORY` stores one.\n")


async def _rows(url: str, story: str | None) -> list[_Row]:
    from diana_engine.runtime.versions.publishing import found_version

    async with opened_publisher(url) as publisher:
        if story is not None:
            named, _ = story_meant(story)
            return await _of(publisher, await found_version(publisher.stories, named, None))
        latest = await publisher.stories.stories()
        return [row for version in latest for row in await _of(publisher, version)]


async def _of(publisher: Publisher, latest: StoryVersion) -> list[_Row]:
    story = latest.story
    history = await publisher.publications.history(story)
    active = await publisher.publications.active(story)
    occupied = await publisher.publications.occupancy(story)
    return [
        _Row(
            version,
            tuple(one for one in history if one.version == version),
            active is not None and active.version == version,
            occupied.get(version.digest, {}),
        )
        for version in await publisher.stories.versions(story)
    ]


def _lines(row: _Row) -> Iterator[str]:
    players = sum(row.players.values())
    mark = "*" if row.active else " "
    yield (
        f"{mark} {named_version(row.version)}, stored {_time(row.version.created_at)}, "
        f"{counted(players, 'player')}"
    )
    for one in row.publications:
        yield f"    published {_time(one.at)} by {one.by} ({one.policy})"


def _json(row: _Row) -> dict[str, Any]:
    return {
        **version_json(row.version),
        "stored_at": row.version.created_at,
        "active": row.active,
        "players": sum(row.players.values()),
        "fragments": dict(row.players),
        "publications": [
            {"at": one.at, "by": one.by, "policy": one.policy} for one in row.publications
        ],
    }


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
