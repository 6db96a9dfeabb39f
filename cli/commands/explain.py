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

    A code may be written in full (DIA201), as its number (201), or by its name; the first digit
    alone (2) lists the codes of its family.
    """
    from diana_engine.diagnostics.lookup import codes_of_family
    from diana_engine.diagnostics.registry import codes, page
    from diana_engine.diagnostics.render.contents import catalogue, contents
    from diana_engine.diagnostics.render.page import markdown, terminal

    listed = codes_of_family(wanted[0]) if len(wanted) == 1 else ()
    if not wanted or listed:
        write((catalogue if form == "markdown" else contents)(listed or codes()))
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
    from diana_engine.diagnostics.lookup import find_code, hint_for

    code = find_code(wanted)
    if code is None:
        raise click.UsageError(f"There is no code {wanted}. {hint_for(wanted)}")
    return code
