"""`diana check`: find every mistake in a story, for people or for programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..findings import compiled, show_findings, show_summary
from ..options import colour_option, story_argument
from ..output import is_terminal, write

if TYPE_CHECKING:
    from diana_engine.compiler.pipeline import Compilation

__all__ = ["command"]


@click.command("check", short_help="Find every mistake in a story.")
@story_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "json"]),
    default="terminal",
    show_default=True,
    help="For people, or a stable report for programs (`diana schema report` describes it).",
)
@click.option("--strict", is_flag=True, help="Let warnings fail the check too.")
@colour_option
def command(story: Path, form: str, strict: bool, colour: str) -> int:
    """Find every mistake in STORY, a folder or its story.yaml; nothing is written.

    Ends with 0 if there are none, or warnings only, and with 1 if there are errors.
    """
    from time import perf_counter

    begun = perf_counter()
    result = compiled(story)
    if form == "json":
        from diana_engine.diagnostics.render.json import render

        write(render(story.as_posix(), result.diagnostics))
    else:
        show_findings(result.diagnostics, sys.stdout, colour)
        show_summary(result, sys.stdout, colour, _took(perf_counter() - begun))
    return _status(result, strict=strict)


def _took(seconds: float) -> str:
    """Return how long it took, for a person; what is kept in a file shall not change by itself."""
    return f" ({seconds:.2f} s)" if is_terminal(sys.stdout) else ""


def _status(result: Compilation, *, strict: bool) -> int:
    return 1 if result.errors or (strict and result.warnings) else 0
