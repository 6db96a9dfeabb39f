"""Diagnostics as SARIF 2.1.0, which code scanning services and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/ says what every property means. The document is ASCII and the same on
every machine: it names no absolute folder, time or host. Columns count code points, as everywhere in Diana, and the
document says so, because readers take them for UTF-16 code units where they are not told.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from diana_engine.diagnostics.model import Code, Diagnostic, Edit, Label, Witness
from diana_engine.diagnostics.registry import FAMILIES, Page, page
from diana_engine.diagnostics.render import page as pages
from diana_engine.diagnostics.render.characters import without_surrogates
from diana_engine.diagnostics.render.places import artifact, fingerprints, region
from diana_engine.diagnostics.report import Report
from diana_engine.diagnostics.witness import said
from diana_engine.source import Span

__all__ = ["render"]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_WIDTH = 88
"""Columns of a rule's help in plain text."""

_MOST_STEPS = 1_000
"""Steps of a play that are told: readers take no longer flows."""

Object = dict[str, object]


def render(report: Report) -> str:
    """Return the report as a SARIF document with one run; it ends with a line end."""
    document = {"version": "2.1.0", "$schema": _SCHEMA, "runs": [_run(report)]}
    return json.dumps(document, indent=2) + "\n"


def _run(report: Report) -> Object:
    codes = sorted({one.code for one in report.diagnostics})
    indices = {code: index for index, code in enumerate(codes)}
    prints = fingerprints(report.diagnostics)
    return {
        "tool": {"driver": _driver(codes, report.version)},
        # Services replace an earlier run by a later one of the same id: a story must not replace another.
        "automationDetails": {"id": without_surrogates(f"diana/{report.story}/")},
        "originalUriBaseIds": {
            "%SRCROOT%": {"description": {"text": "The folder in which diana check ran."}}
        },
        "columnKind": "unicodeCodePoints",
        # A lone carriage return ends a line in YAML.
        "newlineSequences": ["\r\n", "\n", "\r"],
        "defaultEncoding": "utf-8",
        "results": [
            _result(one, indices[one.code], stamp)
            for one, stamp in zip(report.diagnostics, prints, strict=True)
        ],
    }


def _driver(codes: Sequence[Code], version: str) -> Object:
    known = {"version": version} if version else {}
    return {"name": "Diana", **known, "rules": [_rule(page(code)) for code in codes]}


def _rule(shown: Page) -> Object:
    return {
        "id": shown.code,
        "name": shown.name,
        "shortDescription": {"text": shown.title},
        "fullDescription": {"text": _first_paragraph(shown)},
        "help": {
            "text": pages.terminal(shown, colour=False, width=_WIDTH),
            "markdown": pages.markdown(shown),
        },
        "defaultConfiguration": {"level": shown.severity},
        "properties": {"tags": [FAMILIES[int(shown.code[3])]]},
    }


def _first_paragraph(shown: Page) -> str:
    return " ".join(shown.body.partition("\n\n")[0].split())


def _result(one: Diagnostic, rule: int, fingerprint: str) -> Object:
    told = one.message if one.help is None else f"{one.message}\n{one.help}"
    result: Object = {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": one.severity,
        "message": _message(told or page(one.code).title),
        "locations": [_location(one.primary)],
        "partialFingerprints": {"dianaFinding/v1": fingerprint},
    }
    if one.labels:
        result["relatedLocations"] = [
            {"id": number, **_location(label)} for number, label in enumerate(one.labels, 1)
        ]
    if one.witness is not None and one.witness.steps:
        result["codeFlows"] = [_flow(one.witness)]
    if one.edit is not None:
        result["fixes"] = [_fix(one.edit, one.help or "This would mend it.")]
    return result


def _flow(witness: Witness) -> Object:
    """Return a play as a code flow; of a very long one the last steps, which lead to what is found."""
    steps = list(enumerate(witness.steps, start=1))[-_MOST_STEPS:]
    locations = [
        {"location": _location(Label(step.span, said(number, step))), "executionOrder": number}
        for number, step in steps
    ]
    return {
        "message": _message("A play that shows it."),
        "threadFlows": [{"locations": locations}],
    }


def _location(label: Label) -> Object:
    said = {"message": _message(label.text)} if label.text else {}
    return {"physicalLocation": _physical(label.span), **said}


def _physical(span: Span) -> Object:
    return {"artifactLocation": artifact(span.file.path), "region": region(span)}


def _fix(edit: Edit, description: str) -> Object:
    replacement = {
        "deletedRegion": region(edit.span),
        "insertedContent": {"text": without_surrogates(edit.replacement)},
    }
    change = {
        "artifactLocation": artifact(edit.span.file.path),
        "replacements": [replacement],
    }
    return {"description": _message(description), "artifactChanges": [change]}


def _message(text: str) -> Object:
    """Return words as a message, in which braces are doubled (§3.11.5) and nothing looks like a link (§3.11.6)."""
    plain = without_surrogates(text).replace("{", "{{").replace("}", "}}")
    return {"text": plain.replace("](", "] (")}
