"""Diagnostics for programs: a stable report in JSON, described by `report.schema.json`.

The same findings give the same bytes on every machine: keys stand in a fixed order, and characters
beyond ASCII are escaped, so that no terminal's encoding and no bidirectional mark changes what a
program reads.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from diana_engine.diagnostics.model import Diagnostic, Edit, Label, Witness
from diana_engine.diagnostics.registry import page
from diana_engine.source import Position, Span

__all__ = ["FORMAT", "render"]

FORMAT = 1
"""The report's version: it grows when a reader of the old form would be misled by the new one."""


def render(story: str, diagnostics: Sequence[Diagnostic]) -> str:
    """Return the report on the story at the path `story`; it ends with a line end."""
    counts = Counter(one.severity for one in diagnostics)
    report = {
        "format": FORMAT,
        "story": story,
        "diagnostics": [_finding(one) for one in diagnostics],
        "errors": counts["error"],
        "warnings": counts["warning"],
        "notes": counts["note"],
    }
    return json.dumps(report, indent=2) + "\n"


def _finding(one: Diagnostic) -> dict[str, object]:
    return {
        "code": one.code,
        "name": page(one.code).name,
        "severity": one.severity,
        "message": one.message,
        **_label(one.primary),
        "labels": [_label(label) for label in one.labels],
        "help": one.help,
        "edit": None if one.edit is None else _edit(one.edit),
        "witness": None if one.witness is None else _witness(one.witness),
    }


def _witness(witness: Witness) -> dict[str, object]:
    return {
        "number": witness.number,
        "seed": witness.seed,
        "vip": witness.vip,
        "laid": [
            {"entry": entry, "place": place, "drawn": drawn} for entry, place, drawn in witness.laid
        ],
        "steps": [
            {
                "fragment": step.fragment,
                "number": step.number,
                "words": step.words,
                "typed": step.typed,
                "waits": step.waits,
                "pays": step.pays,
                **({} if step.combines is None else {"combines": step.combines}),
                **({} if step.earned is None else {"earned": step.earned}),
                **({} if step.streak is None else {"streak": step.streak}),
                **_span(step.span),
            }
            for step in witness.steps
        ],
    }


def _label(label: Label) -> dict[str, object]:
    return {**_span(label.span), "label": label.text}


def _edit(edit: Edit) -> dict[str, object]:
    return {**_span(edit.span), "replacement": edit.replacement}


def _span(span: Span) -> dict[str, object]:
    return {
        "file": span.file.path,
        "start": _place(span.begin, span.start),
        "end": _place(span.finish, span.end),
    }


def _place(position: Position, offset: int) -> dict[str, int]:
    return {"line": position.line, "column": position.column, "offset": offset}
