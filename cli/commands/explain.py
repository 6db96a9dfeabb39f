"""`diana explain`: what a code means, with a wrong story and the mended one."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from ..options import colour_option
from ..output import terminal_width, wants_colour, write

if TYPE_CHECKING:
    from diana_engine.diagnostics.model import Code

__all__ = ["command"]


@click.command("explain", short_help="Tell more about a code, such as DIA201.")
@click.argument("wanted", metavar="[CODE]...", nargs=-1)
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "markdown"]),
    default="terminal",
    show_default=True,
    help="For people to read here, or the page as it was written.",
)
@colour_option
def command(wanted: tuple[str, ...], form: str, colour: str) -> None:
    """Tell more about each CODE, or list all codes.

    A code may be written in full (DIA201), as its number (201), or by its name.
    """
    from diana_engine.diagnostics.registry import codes, page
    from diana_engine.diagnostics.render.page import contents, markdown, terminal

    if not wanted:
        write(contents(codes()))
        return
    pages = [page(_found(one)) for one in wanted]
    if form == "markdown":
        write("\n".join(markdown(one) for one in pages))
        return
    painted = wants_colour(colour, sys.stdout, os.environ)
    width = terminal_width(sys.stdout)
    shown = [terminal(one, colour=painted, width=width) for one in pages]
    write("\n".join(shown), colour=painted)


def _found(wanted: str) -> Code:
    from diana_engine.diagnostics.registry import codes, page
    from diana_engine.diagnostics.suggest import closest

    names = {page(code).name: code for code in codes()}
    written = f"DIA{wanted}" if wanted.isdigit() else wanted.upper()
    for code in codes():
        if code == written:
            return code
    if wanted.lower() in names:
        return names[wanted.lower()]
    meant = closest(written, codes()) or closest(wanted, names)
    hint = f"Did you mean {meant}?" if meant else "`diana explain` lists all codes."
    raise click.UsageError(f"There is no code {wanted}. {hint}")
