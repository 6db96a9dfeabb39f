"""The reports that `diana check` writes: for people, or in a form that a program reads."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .findings import show_findings, show_summary

if TYPE_CHECKING:
    from diana_engine.compiler.compilation import Compilation
    from diana_engine.diagnostics.report import Report

__all__ = ["FORMATS", "Format", "report_in"]

Format = Literal["terminal", "json", "sarif", "github", "junit"]

FORMATS: tuple[Format, ...] = ("terminal", "json", "sarif", "github", "junit")
"""The first is for people, the others are for programs."""


def report_in(
    form: Format, story: Path, result: Compilation, *, strict: bool, colour: str = "auto"
) -> str:
    """Return the report on a story in one of the formats; each is loaded only when it is asked for."""
    if form == "terminal":
        return _for_people(result, story, colour)
    if form == "json":
        from diana_engine.diagnostics.render import json

        return json.render(story.as_posix(), result.diagnostics)
    report = _report(story, result, strict=strict)
    if form == "sarif":
        from diana_engine.diagnostics.render import sarif

        return sarif.render(report)
    if form == "github":
        from diana_engine.diagnostics.render import github

        return github.render(report)
    from diana_engine.diagnostics.render import junit

    return junit.render(report)


def _for_people(result: Compilation, story: Path, colour: str) -> str:
    page = StringIO()
    show_findings(result.diagnostics, page, colour, story)
    show_summary(result, page, colour)
    return page.getvalue()


def _report(story: Path, result: Compilation, *, strict: bool) -> Report:
    from importlib.metadata import PackageNotFoundError, version

    from diana_engine.diagnostics.report import Report

    try:
        number = version("diana-engine")
    except PackageNotFoundError:
        number = ""
    return Report(story.as_posix(), result.files, result.diagnostics, strict, number)
