"""`diana restore`: a backup put into a new database."""

from __future__ import annotations

from pathlib import Path

import click

from ..findings import counted, in_a_sentence
from ..options import database_option
from ..output import write

__all__ = ["command"]


@click.command("restore", short_help="Put a backup into a new database.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@database_option
@click.option(
    "--erased-in",
    metavar="URL",
    help="A database that knows whom `diana player forget` erased since: they are not brought back.",
)
def command(file: Path, database: str | None, erased_in: str | None) -> None:
    """Put the backup FILE into a database that is new or empty; nothing is ever overwritten.

    The database may be of the other kind than the one that the backup was made of. A backup of an
    older Diana is carried up.
    """
    import asyncio

    from diana_engine.database.upkeep.backups import restore
    from diana_engine.settings import database_url

    gone = None if erased_in is None else database_url(erased_in)
    copied = asyncio.run(restore(file, database_url(database), gone))
    forgotten = f", {counted(copied.forgotten, 'erased player')} left out" if erased_in else ""
    write(f"{copied.rows:,} rows are in {in_a_sentence(copied.place)}{forgotten}\n")
