"""What the commands about versions share: who publishes, which story is meant, and how the outcome is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .comparisons import named_version, survey_json, survey_lines, version_json
from .findings import compiled
from .output import write

if TYPE_CHECKING:
    from diana_engine.database.port import StoryVersion
    from diana_engine.program.model import Program, StoryId
    from diana_engine.program.systems import Policy
    from diana_engine.runtime.versions.publishing import Publisher
    from diana_engine.runtime.versions.surveying import Survey

__all__ = [
    "Done",
    "Publishing",
    "format_option",
    "is_story_folder",
    "meant",
    "opened_publisher",
    "publish",
    "publishing_options",
    "story_meant",
    "tell",
]

_POLICIES = ("migrate", "pin", "restart_fragment")
_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Publishing:
    """How something is to be published."""

    policy: Policy | None
    losses: bool
    dry_run: bool
    format: str = "text"


@dataclass(frozen=True, slots=True)
class Done:
    """What became of publishing: why it was refused, if it was, and whether all was so already."""

    refused: str | None = None
    unchanged: bool = False


def publishing_options(function: _Function) -> _Function:
    """Take `--policy`, `--accept-losses` and `--dry-run`."""
    for option in (
        click.option(
            "--policy",
            type=click.Choice(_POLICIES),
            help="How players are carried over; otherwise what the story says under `carry_over:`.",
        ),
        click.option(
            "--accept-losses",
            "losses",
            is_flag=True,
            help="Publish even where players lose something by it.",
        ),
        click.option(
            "--dry-run",
            is_flag=True,
            help="Only tell what would change, and for how many players.",
        ),
    ):
        function = option(function)
    return function


def format_option(function: _Function) -> _Function:
    """Take `--format` as `format`."""
    return click.option(
        "--format",
        "format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="For people, or for programs.",
    )(function)


@asynccontextmanager
async def opened_publisher(url: str, *, create: bool = False) -> AsyncIterator[Publisher]:
    """Give the publisher of a database."""
    from diana_engine.database.connect import open_database
    from diana_engine.database.stories.publications import SqlPublications
    from diana_engine.database.stories.repository import SqlStories
    from diana_engine.runtime.clock import system_clock
    from diana_engine.runtime.versions.publishing import Publisher

    async with await open_database(url, create=create) as database:
        publications = SqlPublications(database, system_clock)
        yield Publisher(SqlStories(database, system_clock), publications, system_clock)


# Which version


def is_story_folder(named: str) -> bool:
    """Return whether a word on the command line is a story's folder or its story.yaml, rather than an id."""
    path = Path(named)
    return path.is_file() or (path / "story.yaml").is_file()


def story_meant(named: str) -> tuple[StoryId, Program | None]:
    """Return the id of a story, and its program where a folder was named.

    Raises:
        DianaError: the folder holds nothing that can be read as a story.
    """
    from diana_engine.errors import DianaError
    from diana_engine.program.model import StoryId

    if not is_story_folder(named):
        if "/" in named:
            raise DianaError(f"There is no story in {named}: it has no story.yaml.")
        return StoryId(named), None
    program = compiled(Path(named)).program
    if program is None:
        raise DianaError(f"{named} cannot be read as a story; `diana check {named}` says why.")
    return program.story, program


async def meant(publisher: Publisher, named: str, version: str | None) -> StoryVersion:
    """Return the stored version that is meant: of a story's id, or the one that a folder is now.

    Raises:
        DianaError: it is not stored.
    """
    from diana_engine.errors import DianaError
    from diana_engine.program.codec import digest
    from diana_engine.runtime.versions.publishing import found_version

    story, program = story_meant(named)
    if program is None or version is not None:
        return await found_version(publisher.stories, story, version)
    name = digest(program)
    known = await publisher.stories.versions(story)
    found = next((one for one in known if one.digest == name), None)
    if found is None:
        raise DianaError(
            f"{named} is not stored as it is now. `diana compile --publish {named}` stores and publishes it."
        )
    return found


# Publishing


async def publish(publisher: Publisher, version: StoryVersion, how: Publishing) -> int:
    """Publish a version, or only say what that would be; return the exit status."""
    from diana_engine.runtime.versions.publishing import NotPublished, Wish, check

    survey = await publisher.survey(version, how.policy)
    before = await publisher.publications.active(version.story)
    done = Done()
    try:
        if how.dry_run:
            check(survey, losses=how.losses)
        else:
            wish = Wish(version, _who(), how.policy, how.losses)
            done = Done(unchanged=await publisher.publish(wish, survey) == before)
    except NotPublished as error:
        done = Done(refused=str(error))
    tell(version, survey, done, how)
    return 0 if done.refused is None else 1


def tell(version: StoryVersion, survey: Survey, done: Done, how: Publishing) -> None:
    """Say what became of it, and what it is to the players."""
    refused = done.refused
    if how.format == "json":
        published = refused is None and not how.dry_run
        report = {"version": version_json(version), "published": published, "refused": refused}
        write(json.dumps({**report, **survey_json(survey)}, ensure_ascii=False, indent=2) + "\n")
        return
    for line in survey_lines(survey):
        write(f"{line}\n")
    if refused is not None:
        import sys

        write(f"{'it would be refused: ' if how.dry_run else 'error: '}{refused}\n", to=sys.stderr)
    elif how.dry_run:
        write(f"{named_version(version)} can be published; nothing was written\n")
    elif done.unchanged:
        write(f"{named_version(version)} is in force already, by {survey.policy}\n")
    else:
        write(f"{named_version(version)}: published, carried over by {survey.policy}\n")


def _who() -> str:
    """Return who publishes, for the record."""
    import getpass
    import socket

    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "somebody"
    return f"{user}@{socket.gethostname()}"
