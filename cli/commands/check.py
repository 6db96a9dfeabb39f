"""`diana check`: find every mistake in a story, for people or for programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..findings import compiled, show_findings, show_summary
from ..options import cache_option, colour_option, story_argument
from ..output import is_terminal, write, write_file
from ..reports import FORMATS, Format, report_in

if TYPE_CHECKING:
    from diana_engine.compiler.compilation import Compilation

__all__ = ["command"]

_STDOUT = Path("-")


@click.command("check", short_help="Find every mistake in a story.")
@story_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="terminal",
    show_default=True,
    help="For people, or a stable report for programs (`diana schema report` describes json).",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    default=_STDOUT,
    help="Write the report there, and one line for people to stderr; - is stdout.",
)
@click.option("--strict", is_flag=True, help="Let warnings fail the check too.")
@cache_option
@colour_option
def command(story: Path, form: Format, output: Path, strict: bool, cache: bool, colour: str) -> int:
    """Find every mistake in STORY, a folder or its story.yaml; the story is left as it is.

    Ends with 0 if there are none, or warnings only, and with 1 if there are errors.
    """
    from time import perf_counter

    begun = perf_counter()
    result = compiled(story, cache=cache, findings_only=True)
    if output != _STDOUT:
        write_file(output, report_in(form, story, result, strict=strict, colour=colour))
        show_summary(result, sys.stderr, colour, f"; the report is in {_named(output)}")
    elif form == "terminal":
        show_findings(result.diagnostics, sys.stdout, colour, story)
        show_summary(result, sys.stdout, colour, _took(perf_counter() - begun))
    else:
        write(report_in(form, story, result, strict=strict))
    return _status(result, strict=strict)


def _named(path: Path) -> str:
    from diana_engine.diagnostics.render.characters import safe

    return safe(str(path))


def _took(seconds: float) -> str:
    """Return how long it took, for a person; what is kept in a file shall not change by itself."""
    return f" ({seconds:.2f} s)" if is_terminal(sys.stdout) else ""


def _status(result: Compilation, *, strict: bool) -> int:
    return 1 if result.errors or (strict and result.warnings) else 0
