"""`diana bot`: serve a compiled story on Telegram until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..findings import in_a_sentence
from ..options import database_option
from ..output import write

if TYPE_CHECKING:
    from diana_engine.adapters.telegram.service import Service
    from diana_engine.database.connect import Database

__all__ = ["command"]

_log = logging.getLogger(__name__)

API_SERVER = "DIANA_API_SERVER"


@dataclass(frozen=True, slots=True)
class _Order:
    """What the command line asks for."""

    database: str | None
    story: str | None
    api_server: str | None
    webhook: str | None
    listen: str | None
    secret: str | None
    worker: str | None
    bulk_rate: float


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
@click.option(
    "--webhook",
    metavar="URL",
    help="Have Telegram post updates to this address, which leads here; otherwise they are asked for.",
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Where to take requests: updates, /healthz, /readyz, /metrics. With --webhook otherwise 127.0.0.1:8080.",
)
@click.option(
    "--secret",
    metavar="TEXT",
    help="What shows that an update is Telegram's; better in DIANA_WEBHOOK_SECRET, where no list of processes shows it.",
)
@click.option(
    "--worker",
    metavar="NAME",
    help="This worker's name among those of the bot; otherwise made of the machine's name and the port.",
)
@click.option(
    "--bulk-rate",
    metavar="N",
    type=click.FloatRange(min=0, min_open=True, max=1000),
    default=25.0,
    show_default=True,
    help="Messages a second that nobody has just asked for, over all workers of the bot.",
)
@click.option(
    "--log-format",
    type=click.Choice(["auto", "json", "text"]),
    default="auto",
    show_default=True,
    help="How the log on stderr is written; auto is text on a terminal and JSON elsewhere.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="From which level on the log is written.",
)
def command(
    env_file: Path | None, log_format: str, log_level: str, **given: str | float | None
) -> int:
    """Serve a compiled story on Telegram.

    The bot's token comes from DIANA_BOT_TOKEN. Ctrl-C or SIGTERM ends it: what was received is
    finished first, and what was not comes again; a second one ends it at once.
    """
    from diana_engine.errors import DianaError
    from diana_engine.settings import load_env_file

    from ..logs import prepare_log

    if env_file is not None:
        load_env_file(env_file)
    as_json = prepare_log(log_level, log_format)
    try:
        asyncio.run(_serve(_Order(**given)))  # type: ignore[arg-type]  # click gives each option its type
    except DianaError as error:
        if not as_json:
            raise
        # Whoever reads a log of JSON reads nothing else, and this is the line that matters most.
        _log.critical("the bot ends: %s", error)
        return 1
    return 0


async def _serve(order: _Order) -> None:
    from diana_engine.database.connect import open_database
    from diana_engine.settings import bot_token, database_url

    token = bot_token()
    stop = _stop_on_signals()
    async with await open_database(database_url(order.database), create=False) as database:
        await _play(order, token, database, stop)


async def _play(order: _Order, token: str, database: Database, stop: asyncio.Event) -> None:
    from diana_engine.database.schema import prepare
    from diana_engine.database.stores import store_on
    from diana_engine.database.stories.media import SqlMedia
    from diana_engine.database.stories.publications import SqlPublications
    from diana_engine.database.stories.repository import SqlStories
    from diana_engine.program.model import StoryId
    from diana_engine.runtime.clock import system_clock, system_seed
    from diana_engine.runtime.coordinator import Coordinator
    from diana_engine.runtime.memory import serving
    from diana_engine.runtime.upkeep.housekeeping import tidied
    from diana_engine.runtime.upkeep.sweeping import Sweeper
    from diana_engine.runtime.versions.guide import Guide
    from diana_engine.runtime.versions.library import Library

    library = Library(SqlStories(database, system_clock))
    version = (await library.open(StoryId(order.story) if order.story else None)).version
    store = store_on(database, system_clock)
    coordinator = Coordinator(store.players, library, version.story, system_clock, system_seed)
    # Only now: this takes seconds, and what is wrong with the database is said at once.
    from diana_engine.adapters.telegram.service import Parts, serve
    from diana_engine.runtime.bus.listeners import listeners

    async def schema() -> str | None:
        await prepare(database)
        return None

    async def story() -> str | None:
        await library.open(version.story)
        return None

    def announce(name: str) -> None:
        write(f"serving {version.story} as @{name}\n")
        way = "by polling" if order.webhook is None else f"at {order.webhook}"
        place = in_a_sentence(database.place)
        _log.info("serving %s as @%s %s, from %s", version.story, name, way, place)

    guide = Guide(library, version.story, system_clock)
    sweeper = Sweeper(coordinator, SqlPublications(database, system_clock), guide)
    async with (
        listeners(os.environ, system_clock) as subscribers,
        sweeper.beside(),
        tidied(store.upkeep, system_clock),
    ):
        parts = Parts(
            coordinator,
            library,
            store,
            SqlMedia(database),
            system_clock,
            version.language,
            checks={"schema": schema, "story": story},
            subscribers=subscribers,
        )
        with serving():
            await serve(_service(order, token), parts, announce, stop)


def _service(order: _Order, token: str) -> Service:
    """Return how the bot is to run.

    Raises:
        DianaError: an address or the secret cannot be one.
    """
    from diana_engine.adapters.telegram.door import Address
    from diana_engine.adapters.telegram.sending.office import Manner
    from diana_engine.adapters.telegram.sending.pacing import Limits, Rate
    from diana_engine.adapters.telegram.service import Access, Hook, Service
    from diana_engine.settings import webhook_secret

    server = order.api_server or os.environ.get(API_SERVER, "").strip() or None
    hook = None
    listen = Address.read(order.listen) if order.listen else None
    if order.webhook is not None:
        hook = Hook.read(order.webhook, webhook_secret(order.secret), far=server is None)
        listen = listen or Address("127.0.0.1", 8080)
    elif order.secret is not None:
        raise click.UsageError("`--secret` is for a webhook; name its address with `--webhook`.")
    # One token is polled by one process. Workers behind a balancer need names, the same after a restart.
    alone = hook is None or listen is None
    own = "poller" if alone else f"{socket.gethostname()}:{listen.port if listen else 0}"
    manner = Manner(limits=Limits(bulk=Rate(1 / order.bulk_rate, 5)))
    return Service(Access(token, server), hook, listen, worker=order.worker or own, manner=manner)


def _stop_on_signals() -> asyncio.Event:
    """Return the event that SIGTERM and SIGINT set; a second one ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)

    def stopping() -> None:
        stop.set()
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        _log.info("stopping: what is in work will be finished")

    for number in numbers:
        # Where there are no such handlers (Windows), Ctrl-C ends it at once; nothing is lost by it.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stopping)
    return stop
