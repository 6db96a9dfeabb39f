"""`diana compile`: check a story and store it in a database, from where it is played."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..findings import compiled, in_a_sentence, show_findings, show_summary
from ..options import cache_option, colour_option, database_option, story_argument
from ..output import write
from ..publishing import Publishing, opened_publisher, publish, publishing_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diana_engine.database.port import Added, StoryVersion
    from diana_engine.program.model import Program

__all__ = ["command"]

_SHORT = 12
"""Characters of a digest that people see."""


@click.command("compile", short_help="Check a story and store it in a database.")
@story_argument
@click.option(
    "--publish", "publishes", is_flag=True, help="Put it in force too, as `diana publish` does."
)
@publishing_options
@database_option
@cache_option
@colour_option
def command(
    story: Path, database: str | None, cache: bool, colour: str, publishes: bool, **how: Any
) -> int:
    """Check STORY, a folder or its story.yaml, and store it in a database as a version that never changes.

    What was found is written to stderr. With errors nothing is stored and the database is not
    touched. The same story again adds nothing. Players meet a version once it is published.
    """
    if not publishes and any(how.values()):
        raise click.UsageError("--policy, --accept-losses and --dry-run go with --publish.")
    if how["dry_run"]:
        raise click.UsageError(
            "`diana compile` stores what it compiles. Compile first, then `diana publish --dry-run`."
        )
    from diana_engine.settings import database_url

    url = database_url(database)
    result = compiled(story, cache=cache)
    show_findings(result.diagnostics, sys.stderr, colour, story)
    if result.errors or result.program is None:
        show_summary(result, sys.stderr, colour, "; nothing was stored")
        return 1
    import asyncio

    added, place = asyncio.run(_store(result.program, result.media, url))
    write(_told(added, place))
    if not publishes:
        return 0
    return asyncio.run(_publish(url, added.version, Publishing(**how)))


async def _publish(url: str, version: StoryVersion, how: Publishing) -> int:
    async with opened_publisher(url) as publisher:
        return await publish(publisher, version, how)


async def _store(program: Program, media: Mapping[str, Path], url: str) -> tuple[Added, str]:
    """Store the files first: a version that is there has all that it shows."""
    from diana_engine.database.connect import open_database
    from diana_engine.database.stories.media import SqlMedia
    from diana_engine.database.stories.repository import SqlStories
    from diana_engine.errors import DianaError
    from diana_engine.runtime.clock import system_clock
    from diana_engine.runtime.versions.library import Library

    async with await open_database(url) as database:
        kept = SqlMedia(database)
        for digest in sorted(await kept.missing(frozenset(media))):
            content = _content(media[digest])
            if await kept.put(content) != digest:
                raise DianaError(f"{media[digest]} was changed while it was stored. Compile again.")
        added = await Library(SqlStories(database, system_clock)).store(program)
        return added, database.place


def _content(path: Path) -> bytes:
    from diana_engine.errors import DianaError

    try:
        return path.read_bytes()
    except OSError as error:
        raise DianaError(f"{path} cannot be read: {error.strerror}.") from error


def _told(added: Added, place: str) -> str:
    version = added.version
    done = "stored" if added.new else "already there"
    named = f"{version.story} {version.label} ({version.digest[:_SHORT]})"
    return f"{named}: {done}, in {in_a_sentence(place)}\n"
