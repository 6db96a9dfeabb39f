"""`diana bot`: serve a compiled story on Telegram until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import click

from ..options import database_option
from ..output import write

__all__ = ["command"]

API_SERVER = "DIANA_API_SERVER"


@dataclass(frozen=True, slots=True)
class _Order:
    """What the command line asks for."""

    database: str | None
    story: str | None
    api_server: str | None


@click.command("bot")
@database_option
@click.option(
    "--story", metavar="ID", help="Which story to serve; otherwise the only one there is."
)
@click.option(
    "--env-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file of NAME=VALUE lines, such as DIANA_BOT_TOKEN=…; the environment counts first.",
)
@click.option(
    "--api-server",
    metavar="URL",
    help=f"A Bot API server of your own; otherwise {API_SERVER}, then Telegram's.",
)
def command(
    database: str | None, story: str | None, env_file: Path | None, api_server: str | None
) -> None:
    """Serve a compiled story on Telegram.

    The bot's token comes from DIANA_BOT_TOKEN. Ctrl-C or SIGTERM ends it: what was received is
    finished first, and what was not comes again at the next start.
    """
    from diana_engine.settings import load_env_file

    if env_file is not None:
        load_env_file(env_file)
    _prepare_log()
    server = api_server or os.environ.get(API_SERVER, "").strip() or None
    asyncio.run(_serve(_Order(database, story, server)))


async def _serve(order: _Order) -> None:
    from diana_engine.database.connect import open_database
    from diana_engine.database.media import SqlMedia
    from diana_engine.database.stores import store_on
    from diana_engine.database.stories import SqlStories
    from diana_engine.program.model import StoryId
    from diana_engine.runtime.clock import system_clock, system_seed
    from diana_engine.runtime.coordinator import Coordinator
    from diana_engine.runtime.library import Library
    from diana_engine.settings import bot_token, database_url

    token = bot_token()
    stop = _stop_on_signals()
    async with await open_database(database_url(order.database), create=False) as database:
        library = Library(SqlStories(database, system_clock))
        version = (await library.open(StoryId(order.story) if order.story else None)).version
        players = store_on(database, system_clock).players
        coordinator = Coordinator(players, library, version.story, system_clock, system_seed)
        # Only now: this takes seconds, and what is wrong with the database is said at once.
        from diana_engine.adapters.telegram.service import Access, serve

        def announce(name: str) -> None:
            write(f"serving {version.story} as @{name}\n")

        access = Access(token, order.api_server)
        await serve(access, coordinator, SqlMedia(database), version.language, announce, stop)


def _stop_on_signals() -> asyncio.Event:
    """Return the event that SIGTERM and SIGINT set; a second one ends the process as usual."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stopping(number: signal.Signals) -> None:
        logging.getLogger(__name__).info("stopping: what is in work will be finished")
        stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        # Where there are no such handlers (Windows), Ctrl-C ends it at once; nothing is lost by it.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stopping, number)
    return stop


def _prepare_log() -> None:
    from diana_engine.adapters.telegram.redact import HideTokens

    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(HideTokens())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
