"""What the shape phase asks of texts for players: comments that cut them, braces that made them something else."""

from __future__ import annotations

import pytest

from diana_engine.compiler.load import (
    comment_after_prose,
    looks_like_template,
    prose_as_mapping,
    read_text,
)
from diana_engine.compiler.nodes import MappingNode, Node, ScalarNode
from diana_engine.source import SourceFile


def text_of(source: str) -> tuple[SourceFile, ScalarNode, Node]:
    """Return the key `text` and its value in `source`, wherever it stands."""
    file = SourceFile("story.yaml", source)
    root, found = read_text(file)
    assert found == []
    todo = [root]
    while todo:
        match todo.pop():
            case MappingNode(pairs=pairs):
                for key, value in pairs:
                    if key.value == "text":
                        return file, key, value
                    todo.append(value)
            case node:
                todo += getattr(node, "items", [])
    raise AssertionError("there is a text")


@pytest.mark.parametrize(
    ("source", "at", "shown"),
    [
        ("text: Costs 5 # 1", (1, 15), '`text: "Costs 5 # 1"`'),
        ("a:\n  - text: Costs 5   # 1  \n", (2, 21), '`- text: "Costs 5   # 1"`'),
        ("text: #1 fan", (1, 7), '`text: "#1 fan"`'),
        ("text: once\n  upon # a time\n", (2, 8), "put the text between quotes"),
    ],
)
def test_a_comment_after_prose_is_a_warning(source: str, at: tuple[int, int], shown: str) -> None:
    file, _, node = text_of(source)
    assert isinstance(node, ScalarNode)
    warning = comment_after_prose(file, node)
    assert warning is not None
    assert (warning.code, warning.severity) == ("DIA024", "warning")
    begin = warning.primary.span.begin
    assert (begin.line, begin.column) == at
    assert shown in (warning.help or "")
    assert warning.edit is None


@pytest.mark.parametrize(
    "source",
    [
        'text: "Costs 5" # 1',
        "text: 'Costs 5' # 1",
        "text: |  # prose\n  Costs 5 # 1\n",
        "text: C# and#hash",
        "text: plain\n# comment\n",
        "text:\n  plain\n",
        "text:",
    ],
)
def test_a_comment_that_cuts_nothing_is_no_warning(source: str) -> None:
    file, _, node = text_of(source)
    assert isinstance(node, ScalarNode)
    assert comment_after_prose(file, node) is None


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("text: {if has key: x}", 'text: "{if has key: x}"'),
        ("text: {besitos}", 'text: "{besitos}"'),
        ("text: {{besitos}}", 'text: "{{besitos}}"'),
        ("- {text: {besitos}, to: a}", '- {text: "{besitos}", to: a}'),
        ("text: [Laughs]", 'text: "[Laughs]"'),
        ('text: {once: "A"}  # b', """text: '{once: "A"}'  # b"""),
    ],
)
def test_a_text_that_yaml_made_something_else_of_is_shown_quoted(source: str, mended: str) -> None:
    file, key, node = text_of(source)
    assert looks_like_template(node)
    finding = prose_as_mapping(file, key, node)
    assert finding.code == "DIA023"
    assert finding.primary.span == node.span(file)
    assert finding.edit is not None
    span = finding.edit.span
    assert source[: span.start] + finding.edit.replacement + source[span.end :] == mended
    assert finding.edit.replacement in (finding.help or "")


def test_a_text_over_several_lines_is_best_a_block() -> None:
    file, key, node = text_of("text: {if has key:\n  x}")
    finding = prose_as_mapping(file, key, node)
    assert finding.edit is None
    assert "`text: |`" in (finding.help or "")


@pytest.mark.parametrize("source", ["text:\n  a: b", "text:\n- a", "text: plain", "text: '{a}'"])
def test_what_is_not_written_with_brackets_is_no_slip_of_quoting(source: str) -> None:
    assert not looks_like_template(text_of(source)[2])
