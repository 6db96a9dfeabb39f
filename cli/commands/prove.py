"""`diana prove`: what is true of every play of a story, for people or for programs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..findings import compiled, show_findings
from ..options import cache_option, colour_option, story_argument
from ..output import write
from ..progress import waiting

__all__ = ["command"]

_PATIENCE = 8
"""How many times the budget of a check is spent on what a check leaves open."""


@click.command("prove", short_help="Tell what is true of every play of a story.")
@story_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "json"]),
    default="terminal",
    show_default=True,
    help="For people, or a stable report for programs (`diana schema prove` describes it).",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the report into FILE.",
)
@cache_option
@colour_option
def command(story: Path, form: str, output: Path | None, cache: bool, colour: str) -> int:
    """Prove what players of STORY, a folder or its story.yaml, can reach, and where they may be locked in.

    Ends with 0 once the report is written, whatever it says, and with 1 if the story has errors that forbid playing.
    """
    from diana_engine.compiler.analysis.states import prove
    from diana_engine.compiler.analysis.states.prove import NODES

    result = compiled(story, cache=cache)
    if result.program is None:
        show_findings(result.diagnostics, sys.stderr, colour, story)
        return 1
    report = result.report
    if report is None or not report.complete:
        with waiting() as progress:
            progress.begin("Proving with more patience")
            report = prove(result.program, nodes=_PATIENCE * NODES)
    if form == "json":
        from diana_engine.compiler.analysis.states.telling.machine import render as as_json

        text = as_json(report)
    else:
        from diana_engine.compiler.analysis.states.telling.people import render

        text = render(report, result.program)
    _deliver(text, output)
    return 0


def _deliver(text: str, output: Path | None) -> None:
    from diana_engine.errors import DianaError

    if output is None:
        write(text)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise DianaError(f"{output} cannot be written: {error.strerror}.") from error
