"""`diana backup`: a copy of a database, made while it is in use."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import database_option
from ..output import write

__all__ = ["command"]


@click.command("backup", short_help="Copy a database into a file, while it is in use.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@database_option
def command(file: Path, database: str | None) -> None:
    """Copy the database, as it is at one moment, into the new FILE.

    The bot goes on meanwhile. FILE is a SQLite database, also where the database is a PostgreSQL; it
    is verified before it gets its name. `diana restore` puts it back into either.
    """
    import asyncio

    from diana_engine.database.upkeep.backups import back_up
    from diana_engine.settings import database_url

    copied = asyncio.run(back_up(database_url(database), file))
    size = f"{(copied.bytes or 0) / 2**20:,.1f} MiB"
    write(f"{file}: {copied.rows:,} rows, {size}, verified\n")
