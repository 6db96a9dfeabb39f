"""The `diana` command: a table of commands, each loaded when it is called, inside one guard.

`diana --help` must not wait for a database or a bot, so the table says in one line what each command
does, and only the command that was asked for is imported.
"""

from __future__ import annotations

import atexit
import gc
from importlib import import_module
from typing import Any, cast

import click

from .guard import guarded
from .output import prepare_streams

__all__ = ["COMMANDS", "main", "run"]

COMMANDS = {
    "backup": "Copy a database into a file, while it is in use.",
    "bench": "Measure Diana on big stories.",
    "bot": "Serve a compiled story on Telegram.",
    "cache": "Tell what is remembered of stories, or forget it.",
    "check": "Find every mistake in a story.",
    "compile": "Check a story and store it in a database.",
    "diff": "Tell what is different between two versions of a story.",
    "doctor": "Look whether everything in a database agrees, and mend it.",
    "events": "Show who listens to what happens, and have events told again.",
    "explain": "Tell more about a code, such as DIA201.",
    "new": "Lay down a small story to grow from.",
    "play": "Play a story in the terminal.",
    "player": "Show, export or forget what is stored of a player.",
    "prove": "Tell what is true of every play of a story.",
    "publish": "Put a stored version of a story in force.",
    "restore": "Put a backup into a new database.",
    "rollback": "Put in force again the version that was before.",
    "schema": "Print the JSON Schemas of the story language.",
    "versions": "List the stored versions of a story.",
}
"""The commands with their short helps; `name` lives in the module `commands.name` as `command`."""


class _Commands(click.Group):
    """A group that imports a command when it is called, and lists all of them without."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f".commands.{cmd_name}", __package__)
        return cast(click.Command, module.command)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of a command line, or say which one may have been meant."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(_unknown(args[0]))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command inside the guard; what a command returns is its exit status."""
        ctx.exit(guarded(lambda: super(_Commands, self).invoke(ctx)))


def _unknown(name: str) -> str:
    from diana_engine.diagnostics.suggest import closest

    meant = closest(name, COMMANDS)
    return f"There is no command `{name}`." + (f" Did you mean `{meant}`?" if meant else "")


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("diana-engine")
    except PackageNotFoundError:
        number = "(not installed)"
    click.echo(f"diana {number}")
    ctx.exit()


@click.group(
    cls=_Commands,
    name="diana",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`diana COMMAND --help` tells more about a command.",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Interactive stories written in YAML: checked, played in the terminal, served on Telegram."""
    prepare_streams()


def run() -> None:
    """Run the command as a process of its own."""
    # A large story is a million objects, of which hardly any stand in a cycle. Python would walk through all of them
    # when a report begins to be written, and once more at the end of the process, whose memory goes anyway.
    gc.set_threshold(_YOUNG, _OLDER, _OLDEST)
    atexit.register(gc.freeze)
    main()


_YOUNG, _OLDER, _OLDEST = 50_000, 20, 1_000
"""New objects after which the garbage collector looks at the youngest, and how many rounds of one age go to one of the next."""
