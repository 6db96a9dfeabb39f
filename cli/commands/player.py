"""`diana player`: what is stored of one player, and forgetting it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..options import database_option
from ..output import is_terminal, write, write_file

if TYPE_CHECKING:
    from diana_engine.database.connect import Database
    from diana_engine.database.ports.plays import PlayerKey
    from diana_engine.database.upkeep.players import Known

__all__ = ["command"]


@click.group("player", short_help="Show, export or forget what is stored of a player.")
def command() -> None:
    """Show, export or forget what is stored of one player.

    PLAYER is a whole key such as `telegram:42/7`, or only what follows its slash: on Telegram, the
    number of the user.
    """


@command.command("show")
@click.argument("player")
@database_option
def show(player: str, database: str | None) -> None:
    """Tell where PLAYER stands, what they have, and what came last."""
    from ..portrait import portrait

    write(portrait(_known(player, database)))


@command.command("export")
@click.argument("player")
@database_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write into this file instead of to stdout.",
)
def export(player: str, database: str | None, output: Path | None) -> None:
    """Write everything that is stored of PLAYER, as JSON: every row of every table."""
    import json

    known = _known(player, database)
    rows = {name: [dict(row) for row in rows] for name, rows in known.tables.items()}
    told = {"player": str(known.player), "tables": rows}
    text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    if output is None:
        write(text)
    else:
        write_file(output, text)


@command.command("forget")
@click.argument("player")
@database_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(player: str, database: str | None, yes: bool) -> int:
    """Remove every row of PLAYER for good.

    It cannot be taken back. Backups that were made before still hold the player: see `diana restore
    --erased-in`.
    """
    import asyncio

    from diana_engine.settings import database_url

    if not yes and not _agreed(player):
        return 1
    erased, rows, clean = asyncio.run(_forget(player, database_url(database)))
    write(f"{erased}: {rows:,} rows removed\n")
    if not clean:
        write(
            "Somebody kept reading, so the write-ahead log still holds copies; it is emptied when the "
            "bot is idle or stops.\n",
            to=sys.stderr,
        )
    return 0


def _agreed(player: str) -> bool:
    from diana_engine.errors import DianaError

    if not is_terminal(sys.stdin):
        raise DianaError("This removes a player for good. Say `--yes` where nobody can be asked.")
    return click.confirm(f"Remove everything that is stored of {player}, for good?")


def _known(player: str, database: str | None) -> Known:
    import asyncio

    from diana_engine.settings import database_url

    return asyncio.run(_look(player, database_url(database)))


async def _look(player: str, url: str) -> Known:
    from diana_engine.database.connect import open_database
    from diana_engine.database.upkeep.players import known_of

    async with await open_database(url, create=False) as database:
        return await known_of(database, await _one(database, player))


async def _forget(player: str, url: str) -> tuple[PlayerKey, int, bool]:
    from diana_engine.database.address import address_of
    from diana_engine.database.connect import open_database
    from diana_engine.database.upkeep.erasing import erase
    from diana_engine.database.upkeep.files import emptied
    from diana_engine.runtime.clock import system_clock

    async with await open_database(url, create=False) as database:
        key = await _one(database, player)
        rows = await erase(database, key, system_clock(), "diana player forget")
    file = address_of(url).file
    return key, rows, file is None or emptied(file)


async def _one(database: Database, player: str) -> PlayerKey:
    from diana_engine.database.upkeep.players import named
    from diana_engine.errors import DianaError

    found = await named(database, player)
    if not found:
        raise DianaError(f"{database.place} knows no player `{player}`.")
    if len(found) > 1:
        several = ", ".join(f"`{key}`" for key in found[:5])
        raise DianaError(f"`{player}` may be one of several: {several}. Write the whole key.")
    return found[0]
