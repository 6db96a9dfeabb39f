"""`diana bench`: what Diana needs on this machine; a group of commands, each loaded when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import cast

import click

__all__ = ["BENCHES", "command"]

BENCHES = {
    "compile": "What a check needs, beside other compilers.",
}
"""The commands with their short helps; `name` lives in the module `bench_name` as `command`."""


class _Benches(click.Group):
    """A group that imports a command when it is called, and lists all of them without."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the table."""
        return list(BENCHES)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in BENCHES:
            return None
        module = import_module(f"..bench_{cmd_name}", __name__)
        return cast(click.Command, module.command)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(BENCHES.items()))


@click.group("bench", cls=_Benches, short_help="Measure what Diana needs on this machine.")
def command() -> None:
    """Measure what Diana needs on this machine, in processor time and memory."""
