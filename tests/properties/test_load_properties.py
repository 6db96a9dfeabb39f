"""Any text, however it is written in YAML, keeps the place of each of its characters; any bytes give findings."""

from __future__ import annotations

import random
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import ruamel.yaml
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diana_engine.compiler.load import read_file, read_text
from diana_engine.compiler.nodes import MappingNode, Node, ScalarNode, SequenceNode
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.source import SourceFile

ALPHABET = "ab zé😀\u00a0\u3000\t'\"\\#:-?*&!|>%@`{}[],.0=~<"
PROSE = st.text(alphabet=ALPHABET, max_size=30)
TEXTS = st.lists(PROSE, min_size=1, max_size=6).map("\n".join)
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def scalars(node: Node) -> list[ScalarNode]:
    match node:
        case ScalarNode():
            return [node]
        case SequenceNode(items=items):
            return [one for item in items for one in scalars(item)]
        case MappingNode(pairs=pairs):
            return [one for pair in pairs for part in pair for one in scalars(part)]


def plain(node: Node) -> Any:
    """Return what the node says, as a loader that knows only text would give it."""
    match node:
        case ScalarNode(value=value):
            return value
        case SequenceNode(items=items):
            return [plain(item) for item in items]
        case MappingNode(pairs=pairs):
            return {key.value: plain(value) for key, value in pairs}


def assert_placed(file: SourceFile, node: ScalarNode) -> None:
    """Assert that each character of the value stands where it is said to: itself, its escape, or its line end."""
    located = node.located(file)
    assert located.text == node.value
    before = node.start
    for index, character in enumerate(node.value):
        span = located.span(index, index + 1)
        assert before <= span.start < span.end, (node, index)
        before = span.end
        spelled = file.text[span.start : span.end]
        if spelled == character:
            continue
        if spelled in ("\n", "\r\n", "\r"):
            assert character == "\n" or (character == " " and node.style != "literal")
        elif node.style == "single":
            assert spelled == "''"
            assert character == "'"
        else:
            assert node.style == "double"
            assert yaml.safe_load(f'"{spelled}"') == character
    assert located.span(0, len(node.value)).start >= node.start


def assert_read_like_libyaml(text: str) -> None:
    """Assert that `text` is read as libyaml reads it, unless there is something that stories do without."""
    file = SourceFile("story.yaml", text)
    root, found = read_text(file)
    try:
        expected = yaml.load(text, Loader=yaml.CBaseLoader)
    except yaml.YAMLError:
        assert found != []
        return
    if {one.code for one in found} - {"DIA016"}:  # `? x` is refused, and read
        return
    assert root is not None
    assert plain(root) == expected
    for node in scalars(root):
        assert_placed(file, node)


def nested(value: Any, path: list[bool]) -> Any:
    for is_list in path:
        value = ["x", value] if is_list else {"key": value, "other": "y"}
    return value


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=4), st.lists(st.booleans(), max_size=6), st.data())
def test_what_pyyaml_writes_is_read_with_every_place(
    texts: list[str], path: list[bool], data: st.DataObject
) -> None:
    document = nested(texts, [*path, False])
    text = yaml.dump(
        document,
        default_style=data.draw(st.sampled_from([None, "'", '"', "|", ">"])),
        default_flow_style=data.draw(st.sampled_from([True, False, None])),
        indent=data.draw(st.integers(2, 9)),
        width=data.draw(st.integers(10, 80)),
        allow_unicode=data.draw(st.booleans()),
        line_break=data.draw(LINE_ENDS),
        explicit_start=data.draw(st.booleans()),
    )
    assert_read_like_libyaml(text)


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=4), st.lists(st.booleans(), max_size=4), st.data())
def test_what_ruamel_writes_is_read_with_every_place(
    texts: list[str], path: list[bool], data: st.DataObject
) -> None:
    kinds = [
        ruamel.yaml.scalarstring.LiteralScalarString,
        ruamel.yaml.scalarstring.DoubleQuotedScalarString,
        ruamel.yaml.scalarstring.SingleQuotedScalarString,
        str,
    ]
    written = [data.draw(st.sampled_from(kinds))(text) for text in texts]
    emitter = ruamel.yaml.YAML()
    emitter.width = data.draw(st.integers(20, 80))
    emitter.indent(mapping=data.draw(st.integers(2, 6)), sequence=4, offset=2)
    stream = StringIO()
    emitter.dump(nested(written, [*path, False]), stream)
    text = stream.getvalue().replace("\n", data.draw(LINE_ENDS))
    assert_read_like_libyaml(text)


@st.composite
def blocks(draw: st.DrawFn) -> str:
    """Return a document with a block scalar, written by hand: any header, indentation, blank lines and line ends."""
    outer = draw(st.sampled_from(["a: ", "- ", "a:\n  b: ", "a:\n- b: ", "- - ", "? x\n: "]))
    base = {"a: ": 0, "- ": 0, "a:\n  b: ": 2, "a:\n- b: ": 2, "- - ": 2, "? x\n: ": 0}[outer]
    more = draw(st.integers(1, 6))
    number = draw(st.sampled_from(["", str(more)]))
    chomp = draw(st.sampled_from(["", "+", "-"]))
    signs = draw(st.sampled_from([number + chomp, chomp + number]))
    comment = draw(st.sampled_from(["", " ", " # why", "\t"]))
    rows = draw(st.lists(st.text(alphabet=" \tab#:'-\"😀", max_size=8), max_size=7))
    blank = draw(st.lists(st.integers(0, base + more), min_size=len(rows), max_size=len(rows)))
    lines = [
        " " * (base + more) + row if row.strip(" ") else " " * min(spaces, base + more)
        for row, spaces in zip(rows, blank, strict=True)
    ]
    after = draw(st.sampled_from(["", "\n", "\n\n", "\n \n"]))
    return f"{outer}{draw(st.sampled_from('|>'))}{signs}{comment}\n" + "\n".join(lines) + after


@settings(deadline=None)
@given(blocks(), LINE_ENDS)
@example("a: |\n\n\n   x\n  ", "\n")
@example("a: >2-\n\n    x\n\n  y", "\r\n")
def test_blocks_written_by_hand_are_read_with_every_place(text: str, line_end: str) -> None:
    assert_read_like_libyaml(text.replace("\n", line_end))


FLOWING = st.text(alphabet="ab é😀 \t\n\r'\"\\#:-x4un0", max_size=20)


@settings(deadline=None)
@given(st.sampled_from(["a: ", "- ", "a:\n  - b: "]), st.sampled_from(["'", '"', ""]), FLOWING)
@example("a: ", '"', "x \\\n\n  \\ y")
@example("a: ", "'", " ''\n\n  y ")
@example("a: ", "", "x\r\n\r\n y")
def test_texts_over_several_lines_are_read_with_every_place(
    start: str, quote: str, inside: str
) -> None:
    assert_read_like_libyaml(f"{start}{quote}{inside}{quote}")


STORY = """\
story: tiny
start: start
variables: {besitos: {type: points}, trust: {type: number, initial: 0}}
fragments:
  start:   # where it begins
    text: |
      Hello, {besitos}.
        Deeper: *so*.

    choices:
      - text: "Go \\u00e9 \\n on"
        effects: [trust += 1, 'give "key"']
        to: end
  end:
    text: >-
      The
      end.
    ending: done
"""
SIGNS = [
    *"\"'{}[]:,-?*&!|>%@`#\n\r\t \\=~<\x00\x85\u2028\u202e\ufeff\ud800😀é",
    "- ",
    ": ",
    "---\n",
    "<<: ",
    "\n  ",
    "{if ",
    "a: ",
]


def assert_sound(file: SourceFile, root: Node | None, found: list[Diagnostic]) -> None:
    """Assert what holds of any reading: places within the file, places of values, edits that mend."""
    size = len(file.text)
    for finding in found:
        for label in (finding.primary, *finding.labels):
            assert 0 <= label.span.start <= label.span.end <= size
            assert label.span.file is file
            assert label.span.begin <= label.span.finish
        assert finding.message.endswith((".", "?"))
    assert root is not None or found
    assert found == sorted(found, key=lambda one: one.sort_key)
    if root is not None:
        assert_within(root, 0, size)
        for node in scalars(root):
            located = node.located(file)
            located.span(0, len(located.text))


def assert_within(node: Node, start: int, end: int) -> None:
    assert start <= node.start <= node.end <= end, node
    match node:
        case SequenceNode(items=items):
            for item in items:
                assert_within(item, node.start, end)
        case MappingNode(pairs=pairs):
            for key, value in pairs:
                assert_within(key, node.start, end)
                assert_within(value, node.start, end)
        case ScalarNode():
            pass


@settings(deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 6))
def test_a_story_with_slips_gives_findings_and_never_an_exception(
    chance: random.Random, slips: int
) -> None:
    text = STORY
    for _ in range(slips):
        at = chance.randrange(len(text) + 1)
        gone = chance.choice([0, 0, 1, 1, 2, 9])
        text = text[:at] + chance.choice(["", *SIGNS]) + text[at + gone :]
    file = SourceFile("story.yaml", text)
    root, found = read_text(file)
    assert_sound(file, root, found)


@settings(deadline=None)
@given(st.lists(st.sampled_from([*SIGNS, "a", "b", "text"]), max_size=40).map("".join))
def test_a_heap_of_signs_gives_findings_and_never_an_exception(text: str) -> None:
    file = SourceFile("story.yaml", text)
    assert_sound(file, *read_text(file))


@settings(deadline=None)
@given(st.lists(st.sampled_from([*SIGNS, "a", "b", "text"]), max_size=30).map("".join))
def test_without_libyaml_it_gives_findings_too(text: str) -> None:
    file = SourceFile("story.yaml", text)
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(yaml, "CSafeLoader")
        assert_sound(file, *read_text(file))


@settings(deadline=None)
@given(data=st.binary(max_size=60))
def test_any_bytes_give_findings_or_a_root(
    data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path: Path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    file, root, found = read_file(path, "any.yaml")
    assert (root is None) <= bool(found)
    for finding in found:
        assert finding.primary.span.end <= len(file.text)


@settings(deadline=None)
@given(st.sampled_from(["text: ", "- ", "- text: ", "a:\n  b: "]), PROSE)
def test_the_edit_of_a_line_of_prose_mends_it(start: str, prose: str) -> None:
    text = f"{start}{prose.strip()}"
    file = SourceFile("story.yaml", text)
    _, found = read_text(file)
    for finding in found:
        if finding.edit is not None:
            span = finding.edit.span
            mended = text[: span.start] + finding.edit.replacement + text[span.end :]
            again = read_text(SourceFile("story.yaml", mended))[1]
            assert finding.code not in [one.code for one in again] or finding.code == "DIA029"
