"""`diana diff`: what is different between two versions of a story, and for whom."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..comparisons import change_lines, changes_json
from ..findings import compiled, counted, show_findings, show_summary
from ..options import cache_option, colour_option, database_option
from ..output import write
from ..publishing import format_option, is_story_folder, opened_publisher, story_meant

if TYPE_CHECKING:
    from diana_engine.program.compare.model import Comparison
    from diana_engine.program.model import Program
    from diana_engine.runtime.versions.publishing import Publisher
    from diana_engine.runtime.versions.surveying import Crowd

__all__ = ["command"]


@dataclass(frozen=True, slots=True)
class _Order:
    """What the command line asks for."""

    old: str
    new: str
    database: str | None
    format: str
    cache: bool
    colour: str


@click.command("diff", short_help="Tell what is different between two versions of a story.")
@click.argument("old")
@click.argument("new")
@database_option
@format_option
@cache_option
@colour_option
def command(**given: Any) -> int:
    r"""Tell what is different in NEW, each change with how grave it is and how many players it reaches.

    OLD and NEW are each a story's folder or its story.yaml, or a version in the database: `ID` for the one compiled
    last, `ID@LABEL` or `ID@DIGEST` for another. Players are counted who are on OLD in the database.

    \b
    safe          whoever is in the middle of the story keeps all they have
    needs a rule  a line under `renamed:` or `removed:` has to say where players go
    breaking      players lose something, whatever rule there is
    """
    import asyncio

    return asyncio.run(_diff(_Order(**given)))


async def _diff(order: _Order) -> int:
    old, new = _written(order, order.old), _written(order, order.new)
    stored = [one for one in (order.old, order.new) if not is_story_folder(one)]
    if not stored and not _has_database(order):
        return 1 if old is None or new is None else _told(order, _compared(old, new), None)
    from diana_engine.settings import database_url

    async with opened_publisher(database_url(order.database)) as publisher:
        old = old if is_story_folder(order.old) else await _stored(publisher, order.old)
        new = new if is_story_folder(order.new) else await _stored(publisher, order.new)
        if old is None or new is None:
            return 1
        crowd = await _crowd(publisher, old, new)
        return _told(order, _compared(old, new), crowd)


def _has_database(order: _Order) -> bool:
    """Return whether there is a database where players may be: one that was named, or the file that is the default."""
    import os

    from diana_engine.settings import DATABASE, database_url

    if order.database or os.environ.get(DATABASE, "").strip():
        return True
    return Path(database_url(None).removeprefix("sqlite:///")).exists()


def _written(order: _Order, named: str) -> Program | None:
    if not is_story_folder(named):
        return None
    result = compiled(Path(named), cache=order.cache)
    if result.program is None:
        show_findings(result.diagnostics, sys.stderr, order.colour, Path(named))
        show_summary(result, sys.stderr, order.colour, "; it cannot be compared")
    return result.program


async def _stored(publisher: Publisher, named: str) -> Program:
    from diana_engine.runtime.versions.publishing import found_version

    given, _, version = named.partition("@")
    story, _ = story_meant(given)
    found = await found_version(publisher.stories, story, version or None)
    return await publisher.library.program(found.story, found.digest)


def _compared(old: Program, new: Program) -> Comparison:
    from diana_engine.errors import DianaError
    from diana_engine.program.compare.compare import compare

    if old.story != new.story:
        raise DianaError(
            f"`{old.story}` and `{new.story}` are two stories, not two versions of one."
        )
    return compare(old, new)


async def _crowd(publisher: Publisher, old: Program, new: Program) -> Crowd | None:
    """Return the players who are on the old version, where it is stored."""
    from diana_engine.program.codec import digest
    from diana_engine.runtime.versions.library import OpenStory
    from diana_engine.runtime.versions.surveying import crowd_of

    name = digest(old)
    known = await publisher.stories.versions(old.story)
    version = next((one for one in known if one.digest == name), None)
    if version is None:
        return None
    way = (new, new.growth.policy)
    return await crowd_of(publisher.publications, OpenStory(version, old), way, publisher.clock)


def _told(order: _Order, comparison: Comparison, crowd: Crowd | None) -> int:
    reached = crowd.reached if crowd is not None else None
    if order.format == "json":
        report = {
            "class": comparison.weight,
            "words_only": comparison.words_only,
            "counts": dict(comparison.counts),
            "players": crowd.players if crowd is not None else None,
            "changes": changes_json(comparison.changes, reached),
        }
        write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
        return 0
    for line in change_lines(comparison, reached):
        write(f"{line.removeprefix('  ')}\n")
    parts = [f"{count} {weight}" for weight, count in comparison.counts.items() if count]
    there = f"; {counted(crowd.players, 'player')} on the old version" if crowd is not None else ""
    write(f"{counted(len(comparison.changes), 'change')}: {', '.join(parts) or 'none'}{there}\n")
    return 0
