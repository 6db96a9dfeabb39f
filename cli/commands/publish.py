"""`diana publish`: put a stored version of a story in force."""

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
)

__all__ = ["command"]


@click.command("publish", short_help="Put a stored version of a story in force.")
@click.argument("story")
@click.option(
    "--version", metavar="DIGEST|LABEL", help="Which version; otherwise the one compiled last."
)
@publishing_options
@database_option
@format_option
def command(story: str, version: str | None, database: str | None, **how: Any) -> int:
    """Put a version of STORY, the id of a story in the database or its folder, in force.

    New plays begin with it, and players in the middle of the story follow at their next touch, with all
    that they have; bots that are running take notice by themselves. It is refused, and nothing is
    changed, where players stand on a fragment that is gone and nothing says where to, or where they
    would lose something.
    """
    import asyncio

    from diana_engine.settings import database_url

    return asyncio.run(_publish(database_url(database), story, version, Publishing(**how)))


async def _publish(url: str, story: str, version: str | None, how: Publishing) -> int:
    async with opened_publisher(url) as publisher:
        return await publish(publisher, await meant(publisher, story, version), how)
