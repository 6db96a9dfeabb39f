"""Diagnostics as workflow commands of GitHub Actions, which show them beside the changed lines.

A command is one line that a step prints: ``::error file=…,line=…::message``. The form and its escapes are those of
https://docs.github.com/actions/reference/workflow-commands-for-github-actions. Text is UTF-8, as the runner reads it.
"""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.diagnostics.model import Diagnostic, Label, Severity
from diana_engine.diagnostics.registry import page
from diana_engine.diagnostics.render.characters import safe, without_surrogates
from diana_engine.diagnostics.report import Report
from diana_engine.diagnostics.witness import told
from diana_engine.source import Span

__all__ = ["render"]

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}

_MOST_LABELS = 8
"""Other places told with one finding; a name may be missing in hundreds of them."""

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(report: Report) -> str:
    """Return one command a finding, each on a line of its own; empty when there is none."""
    return "".join(f"{_command(one)}\n" for one in report.diagnostics)


def _command(one: Diagnostic) -> str:
    properties = {
        "file": without_surrogates(one.primary.span.file.path),
        **_place(one.primary.span),
        "title": f"{one.code} {page(one.code).name}",
    }
    told = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
    message = "\n".join(_lines(one)).translate(_DATA)
    return f"::{_COMMANDS[one.severity]} {told}::{message}"


def _place(span: Span) -> dict[str, str]:
    """Return where the span stands; the runner drops columns that belong to different lines."""
    begin, finish = span.begin, span.finish
    place = {"line": str(begin.line), "endLine": str(finish.line)}
    if begin.line == finish.line:
        place |= {"col": str(begin.column), "endColumn": str(finish.column)}
    return place


def _lines(one: Diagnostic) -> Iterator[str]:
    yield safe(one.message)
    if one.primary.text:
        yield safe(one.primary.text)
    for label in one.labels[:_MOST_LABELS]:
        yield _other(label)
    if len(one.labels) > _MOST_LABELS:
        yield f"and {len(one.labels) - _MOST_LABELS} more"
    if one.witness is not None:
        yield from map(safe, told(one.witness))
    if one.help is not None:
        yield from map(safe, one.help.split("\n"))


def _other(label: Label) -> str:
    begin = label.span.begin
    said = f": {label.text}" if label.text else ""
    return safe(f"{label.span.file.path}:{begin.line}:{begin.column}{said}")
