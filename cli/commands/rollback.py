"""`diana rollback`: put in force again what was before."""

from __future__ import annotations

from typing import Any

import click

from ..options import database_option
from ..publishing import (
    Publishing,
    format_option,
    meant,
    opened_publisher,
    publish,
    publishing_options,
    story_meant,
)

__all__ = ["command"]


@click.command("rollback", short_help="Put in force again the version that was before.")
@click.argument("story")
@click.option(
    "--to",
    "version",
    metavar="DIGEST|LABEL",
    help="Which version; otherwise the one that was in force before the present one.",
)
@publishing_options
@database_option
@format_option
def command(story: str, version: str | None, database: str | None, **how: Any) -> int:
    """Put in force the version of STORY that was so before the present one.

    Players go back as they came: what was renamed gets its old name, and what the older version knows and
    the newer one did not is theirs again. It is a publication like any other, and refused like one.
    """
    import asyncio

    from diana_engine.settings import database_url

    return asyncio.run(_roll_back(database_url(database), story, version, Publishing(**how)))


async def _roll_back(url: str, story: str, version: str | None, how: Publishing) -> int:
    from diana_engine.runtime.versions.publishing import found_version

    async with opened_publisher(url) as publisher:
        if version is not None:
            return await publish(publisher, await meant(publisher, story, version), how)
        named, _ = story_meant(story)
        await found_version(publisher.stories, named, None)  # so that an unknown story is told
        return await publish(publisher, await publisher.before(named), how)
