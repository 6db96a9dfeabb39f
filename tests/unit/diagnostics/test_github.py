"""Workflow commands: what GitHub's runner reads out of them is what was found."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings

from diana_engine.diagnostics.model import Label
from diana_engine.diagnostics.registry import diagnose, page
from diana_engine.diagnostics.render.characters import safe, without_surrogates
from diana_engine.diagnostics.render.github import render
from diana_engine.diagnostics.report import Report
from diana_engine.source import SourceFile
from strategies.findings import reports

FILE = SourceFile("stories/a, b: 50%/story.yaml", "story: x\ntítulo: 🌹 y\n")
LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


@dataclass(frozen=True)
class Command:
    """A workflow command as the runner understands it."""

    name: str
    properties: dict[str, str]
    message: str


def unescaped(text: str, *names: str) -> str:
    for name in names:
        text = text.replace(name, chr(int(name[1:], 16)))
    return text.replace("%25", "%")


def read(line: str) -> Command:
    """Read a line by the documented rules: `::name key=value,key=value::message`."""
    assert line.startswith("::")
    head, found, message = line[2:].partition("::")
    assert found
    name, _, properties = head.partition(" ")
    pairs = [pair.split("=", 1) for pair in properties.split(",") if pair]
    return Command(
        name,
        {key: unescaped(value, "%0D", "%0A", "%3A", "%2C") for key, value in pairs},
        unescaped(message, "%0D", "%0A"),
    )


def commands(report: Report) -> list[Command]:
    text = render(report)
    text.encode("utf-8")
    # The runner ends a line at each of these, and at no other character.
    lines = text.replace("\r", "\n").split("\n")
    assert lines.pop() == ""
    return [read(line) for line in lines]


def test_a_finding_is_one_command() -> None:
    found = diagnose(
        "DIA201",
        FILE.span(17, 18),
        "There is no `🌹`: 100%, really.",
        label="nothing has this id",
        labels=(Label(FILE.span(0, 5), "look here"),),
        help="Did you mean `y`?\nOr `x`?",
    )
    assert render(Report("x", (), (found,))) == (
        "::error file=stories/a%2C b%3A 50%25/story.yaml,line=2,endLine=2,col=9,endColumn=10,"
        "title=DIA201 unknown-fragment::There is no `🌹`: 100%25, really.%0Anothing has this id%0A"
        "stories/a, b: 50%25/story.yaml:1:1: look here%0ADid you mean `y`?%0AOr `x`?\n"
    )


def test_a_clean_story_prints_nothing() -> None:
    assert render(Report("x", ("x/story.yaml",), ())) == ""


def test_a_finding_over_several_lines_has_no_columns() -> None:
    # The runner takes columns only for one line, and complains of others.
    [command] = commands(Report("x", (), (diagnose("DIA201", FILE.span(3, 12), "No."),)))
    assert (command.properties["line"], command.properties["endLine"]) == ("1", "2")
    assert not {"col", "endColumn"} & set(command.properties)


def test_of_hundreds_of_places_a_few_are_told_and_the_rest_counted() -> None:
    labels = tuple(Label(FILE.span(n % 9, 9)) for n in range(300))
    [command] = commands(
        Report("x", (), (diagnose("DIA201", FILE.span(0, 1), "No.", labels=labels),))
    )
    assert command.message.endswith("\nand 292 more")
    assert command.message.count("\n") == 9


@settings(deadline=None)
@given(reports())
def test_what_the_runner_reads_is_what_was_found(report: Report) -> None:
    found = commands(report)
    assert render(report) == render(report)
    assert len(found) == len(report.diagnostics)
    for command, one in zip(found, report.diagnostics, strict=True):
        assert command.name == LEVELS[one.severity]
        assert command.properties["file"] == without_surrogates(one.primary.span.file.path)
        assert command.properties["line"] == str(one.primary.span.begin.line)
        assert command.properties["title"] == f"{one.code} {page(one.code).name}"
        assert command.message.split("\n")[0] == safe(one.message)
        if one.help is not None:
            assert command.message.endswith("\n".join(map(safe, one.help.split("\n"))))
