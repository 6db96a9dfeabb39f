"""`diana cache`: what is remembered of stories, where it lies, and how to be rid of it."""

from __future__ import annotations

import click

from ..output import write

__all__ = ["command"]


@click.command("cache", short_help="Tell what is remembered of stories, or forget it.")
@click.argument("action", type=click.Choice(["info", "clear"]), default="info")
def command(action: str) -> None:
    """Tell where Diana keeps what she remembers of stories, and how much; or `clear` it.

    Nothing is lost with it: the next check takes as long as the first one.
    """
    from diana_engine.compiler.memory.shelf import Shelf
    from diana_engine.diagnostics.render.characters import safe
    from diana_engine.settings import CACHE, cache_folder

    folder = cache_folder()
    if folder is None:
        write(
            f"Nothing is remembered: this system names no place for it. Set {CACHE} to a folder.\n"
        )
        return
    shelf = Shelf(folder)
    stock = shelf.clear() if action == "clear" else shelf.stock()
    size = f"{stock.bytes / 2**20:.1f} MiB"
    done = "cleared, " if action == "clear" else ""
    files = f"{stock.files:,} file{'' if stock.files == 1 else 's'}"
    write(f"{safe(str(folder))}: {done}{files}, {size}\n")
