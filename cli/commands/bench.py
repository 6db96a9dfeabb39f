"""`diana bench`: how long Diana takes for big stories, on this machine."""

from __future__ import annotations

from importlib import import_module
from typing import cast

import click

__all__ = ["BENCHMARKS", "command"]

BENCHMARKS = {
    "audit": "Hold the limits that a Diana must keep, at two sizes.",
    "compile": "What a check needs, beside other compilers.",
    "events": "Measure telling subscribers what happened.",
    "prove": "Measure the proofs of big stories of many shapes.",
    "step": "Measure a player's durable step, beside the bare driver.",
    "store": "Measure the stores of steps, beside the bare drivers.",
    "webhook": "Measure an update by webhook, beside a bare server.",
}
"""The benchmarks with their short helps; `name` lives in the module `benchmarks.name` as `command`."""


class _Benchmarks(click.Group):
    """A group that imports a benchmark when it is called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names of the benchmarks."""
        return list(BENCHMARKS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a benchmark."""
        if cmd_name not in BENCHMARKS:
            return None
        module = import_module(f"...benchmarks.{cmd_name}", __name__)
        return cast(click.Command, module.command)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the benchmarks from the table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(BENCHMARKS.items()))


@click.command("bench", cls=_Benchmarks, short_help="Measure Diana on big stories.")
def command() -> None:
    """Measure how long Diana takes for big stories, and hold that against its targets."""
