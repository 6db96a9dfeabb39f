"""The report for programs: the form that its schema describes, the same bytes every time."""

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from diana_engine.diagnostics.model import Diagnostic, Edit, Label
from diana_engine.diagnostics.registry import diagnose, page
from diana_engine.diagnostics.render.json import render
from diana_engine.source import SourceFile
from strategies.findings import ANY, findings

SCHEMA: dict[str, Any] = json.loads(
    (files("diana_engine.schema") / "report.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)
FILE = SourceFile("stories/x/story.yaml", "story: x\r\ntítulo: 🌹 y\n")


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_report_says_all_there_is_to_say() -> None:
    found = diagnose(
        "DIA201",
        FILE.span(18, 19),
        "There is no `🌹`.",
        label="nothing has this id",
        labels=(Label(FILE.span(0, 5), "here"),),
        help="Did you mean `y`?",
        edit=Edit(FILE.span(18, 19), "y"),
    )
    assert json.loads(render("stories/x", [found])) == {
        "format": 1,
        "story": "stories/x",
        "diagnostics": [
            {
                "code": "DIA201",
                "name": page(found.code).name,
                "severity": page(found.code).severity,
                "message": "There is no `🌹`.",
                "file": "stories/x/story.yaml",
                "start": {"line": 2, "column": 9, "offset": 18},
                "end": {"line": 2, "column": 10, "offset": 19},
                "label": "nothing has this id",
                "labels": [
                    {
                        "file": "stories/x/story.yaml",
                        "start": {"line": 1, "column": 1, "offset": 0},
                        "end": {"line": 1, "column": 6, "offset": 5},
                        "label": "here",
                    }
                ],
                "help": "Did you mean `y`?",
                "edit": {
                    "file": "stories/x/story.yaml",
                    "start": {"line": 2, "column": 9, "offset": 18},
                    "end": {"line": 2, "column": 10, "offset": 19},
                    "replacement": "y",
                },
                "witness": None,
            }
        ],
        "errors": 1,
        "warnings": 0,
        "notes": 0,
    }


def test_a_clean_story_has_a_report_too() -> None:
    assert render("x", []) == (
        '{\n  "format": 1,\n  "story": "x",\n  "diagnostics": [],\n'
        '  "errors": 0,\n  "warnings": 0,\n  "notes": 0\n}\n'
    )


@pytest.mark.parametrize("missing", ["edit", "help", "name", "labels"])
def test_the_schema_asks_for_every_key(missing: str) -> None:
    report = json.loads(render("x", [diagnose("DIA201", FILE.span(0, 1), "No.")]))
    del report["diagnostics"][0][missing]
    assert not VALIDATOR.is_valid(report)


@given(ANY, st.lists(findings(), max_size=3))
def test_every_report_is_what_its_schema_says_in_plain_ascii(
    story: str, found: list[Diagnostic]
) -> None:
    text = render(story, found)
    VALIDATOR.validate(json.loads(text))
    assert text.isascii()
    assert text == render(story, found)
    counted = json.loads(text)
    assert counted["errors"] + counted["warnings"] + counted["notes"] == len(found)
