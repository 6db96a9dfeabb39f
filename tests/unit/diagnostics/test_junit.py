"""JUnit: valid by Jenkins' schema, and red exactly where the check fails."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from xmlschema import XMLSchema

from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.diagnostics.render.junit import render
from diana_engine.diagnostics.report import Report
from diana_engine.source import SourceFile
from strategies.findings import reports

SCHEMA = XMLSchema(Path(__file__).parents[2] / "schemas" / "junit-10.xsd")
ONE = SourceFile("x/story.yaml", "story: x\n")
TWO = SourceFile("x/chapters/two.yaml", "fragments: {}\n")
ERROR = diagnose("DIA201", ONE.span(7, 8), "There is no `x`.", help="Did you mean `y`?")
WARNING = diagnose("DIA401", TWO.span(0, 9), 'Nothing leads to <"two"> & more.')
FILES = ("x/story.yaml", "x/chapters/two.yaml", "x/chapters/three.yaml")


def suite_of(report: Report) -> ET.Element:
    """Return the one test suite of a report that the schema allows."""
    text = render(report)
    assert text.isascii()
    SCHEMA.validate(StringIO(text))
    root = ET.fromstring(text)
    [suite] = root
    assert root.tag == "testsuites"
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        name: suite.get(name) for name in ("tests", "failures", "errors")
    }
    return suite


def kinds(suite: ET.Element) -> dict[str | None, list[tuple[str, str | None]]]:
    return {case.get("name"): [(child.tag, child.get("type")) for child in case] for case in suite}


def report(*found: Diagnostic, strict: bool = False) -> Report:
    return Report("x", FILES, found, strict)


def test_every_file_of_a_clean_story_is_a_case_that_passes() -> None:
    assert render(report()) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="diana check" tests="3" failures="0" errors="0">\n'
        '  <testsuite name="x" tests="3" failures="0" errors="0" skipped="0">\n'
        '    <testcase name="x/chapters/three.yaml" classname="x"/>\n'
        '    <testcase name="x/chapters/two.yaml" classname="x"/>\n'
        '    <testcase name="x/story.yaml" classname="x"/>\n'
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_errors_are_failures_and_warnings_are_told() -> None:
    suite = suite_of(report(ERROR, WARNING))
    assert suite.get("failures") == "1"
    assert kinds(suite) == {
        "x/chapters/three.yaml": [],
        "x/chapters/two.yaml": [("system-out", None)],
        "x/story.yaml": [("failure", "error")],
    }
    assert "warning[DIA401]" in "".join(suite.itertext())


def test_where_warnings_fail_the_check_they_are_failures_of_their_own_kind() -> None:
    note = Diagnostic(WARNING.code, "note", "By the way.", WARNING.primary)
    suite = suite_of(report(ERROR, WARNING, note, strict=True))
    assert suite.get("failures") == "2"
    assert kinds(suite)["x/chapters/two.yaml"] == [("failure", "warning"), ("system-out", None)]


def test_a_failure_shows_what_a_person_would_have_seen() -> None:
    [failure] = suite_of(report(ERROR)).iter("failure")
    assert failure.get("message") == "There is no `x`."
    assert "error[DIA201]: There is no `x`.\n --> x/story.yaml:1:8\n" in (failure.text or "")
    assert "help: Did you mean `y`?" in (failure.text or "")


def test_several_errors_of_a_file_are_one_failure() -> None:
    [failure] = suite_of(report(ERROR, ERROR)).iter("failure")
    assert failure.get("message") == "2 errors, the first: There is no `x`."
    assert (failure.text or "").count("error[DIA201]") == 2


def test_a_file_that_is_not_there_is_a_case_too() -> None:
    found = diagnose("DIA001", SourceFile("nowhere", "").span(0, 0), "There is no story.")
    assert kinds(suite_of(Report("nowhere", (), (found,)))) == {"nowhere": [("failure", "error")]}


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("a & b/<\"c\">'d'.yaml", "a & b/<\"c\">'d'.yaml"),
        ("a\tb\nc\rd", "a\tb\nc\rd"),
        ("jardín 🌹", "jardín 🌹"),
        ("a\x00\x1b\ud800\uffff", "a<U+0000><U+001B><U+D800><U+FFFF>"),
    ],
)
def test_a_name_is_read_as_it_was_written(path: str, read: str) -> None:
    [case] = suite_of(Report(path, (path,), ()))
    assert (case.get("name"), case.get("classname")) == (read, read)


@settings(deadline=None)
@given(reports())
def test_every_report_is_valid_and_red_exactly_where_the_check_fails(report: Report) -> None:
    suite = suite_of(report)
    assert render(report) == render(report)
    found = [one.severity for one in report.diagnostics]
    fails = "error" in found or (report.strict and "warning" in found)
    assert (suite.get("failures") != "0") == fails
    assert suite.get("tests") == str(len(suite))
    assert suite.get("failures") == str(sum(case.find("failure") is not None for case in suite))
    paths = {*report.files, *(one.primary.span.file.path for one in report.diagnostics)}
    assert len(suite) == len(paths)
