"""Files that were made to do harm: each is answered with a finding, in a bounded number of steps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from diana_engine.compiler.load import MAX_DEPTH, MAX_FINDINGS, MAX_VALUES, read_text
from diana_engine.compiler.nodes import Node
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.parsing.cursor import MAX_TOKENS
from diana_engine.expressions.parsing.requirements import parse_expression
from diana_engine.source import ORDINARY, Located, SourceFile


def read(text: str) -> tuple[Node | None, list[Diagnostic]]:
    return read_text(SourceFile("story.yaml", text))


@pytest.mark.parametrize("opening", ["[", "- ", "{a: ", "? "])
def test_nesting_as_deep_as_allowed_is_read_and_one_more_is_not(opening: str) -> None:
    closing = {"[": "]", "{a: ": "}"}.get(opening, "")
    deepest = opening * MAX_DEPTH + "x" + closing * MAX_DEPTH
    assert [one.code for one in read(deepest)[1] if one.code != "DIA016"] == []
    root, found = read(opening + deepest + closing)
    assert root is None
    finding = next(one for one in found if one.code == "DIA010")
    assert finding.primary.span.start == len(opening) * MAX_DEPTH


def test_nesting_that_ends_a_process_in_other_loaders_is_told_with_its_line() -> None:
    script = (
        "from diana_engine.compiler.load import read_text\n"
        "from diana_engine.source import SourceFile\n"
        "_, (finding,) = read_text(SourceFile('x', 'a:\\n' + '- ' * 25_100))\n"
        "assert (finding.code, finding.primary.span.begin.line) == ('DIA010', 2)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_as_many_values_as_allowed_are_read_and_one_more_is_not() -> None:
    root, found = read("- a\n" * (MAX_VALUES - 1))
    assert (type(root).__name__, found) == ("SequenceNode", [])
    root, (finding,) = read("- a\n" * MAX_VALUES)
    assert (root, finding.code) == (None, "DIA011")
    assert finding.primary.span.begin.line == MAX_VALUES


def test_a_larger_file_may_hold_more_values() -> None:
    def padded(items: int) -> str:
        return ("- a\n" * items + "# ").ljust(ORDINARY + 8, "x")

    assert read(padded(MAX_VALUES + 1))[1] == []
    assert [one.code for one in read(padded(MAX_VALUES + 2))[1]] == ["DIA011"]


def test_expressions_of_a_file_together_have_a_bound() -> None:
    file = SourceFile("story.yaml", "")
    parts = ["a", *(f"a > {number}" for number in range(9_000))]
    expression = " and ".join(parts)
    source = Located(expression, file, 0, len(expression))
    found = [parse_expression(source, 0, 9_999)[1] for _ in range(MAX_TOKENS // 2_000)]
    codes = [one.code for findings in found for one in findings]
    assert codes.count("DIA030") == 1


LARGE = {
    "single values": "'- a\\n' * (SIZE // 4)",
    "escapes": "'- \"\\\\x41\"\\n' * (SIZE // 9)",
    "a long flow list": "'[' + 'a,' * (SIZE // 2 - 1) + ']'",
    "one mapping": "''.join(f'k{n}: v\\n' for n in range(SIZE // 11))",
    "a story": "'fragments:\\n' + ''.join(f'  f{n}:\\n    text: Hello there, how are you.\\n'"
    " f'    choices: [{{text: Go, to: f{n + 1}}}]\\n' for n in range(SIZE // 87))",
}
"""Files of four mebibytes, each as an expression: what makes much of little."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells its memory")
@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_a_file_of_four_mebibytes_is_answered_within_150_megabytes(text: str) -> None:
    script = (
        "from pathlib import Path\n"
        "from diana_engine.compiler.load import read_text\n"
        "from diana_engine.source import SourceFile\n"
        f"SIZE = {4 * 2**20}\n"
        f"text = {text}\n"
        "assert SIZE * 0.9 < len(text) <= SIZE, len(text)\n"
        "root, found = read_text(SourceFile('x', text))\n"
        "assert (root is None) == bool(found)\n"
        "lines = Path('/proc/self/status').read_text().splitlines()\n"
        "print(next(line.split()[1] for line in lines if line.startswith('VmHWM')))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    print(f"{int(ended.stdout) * 1_024:,} bytes at most")
    assert int(ended.stdout) * 1_024 < 150_000_000


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {x: y}\n" + "".join(
    f"{name}: &{name}\n  <<: [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_a_billion_laughs_are_so_many_names() -> None:
    root, found = read(LAUGHS)
    assert root is None
    assert [one.code for one in found] == ["DIA013"] * 9


def test_a_bomb_of_merges_is_so_many_merges() -> None:
    root, found = read(MERGES)
    assert root is None
    assert {one.code for one in found} == {"DIA013", "DIA014"}
    assert len(found) <= 2 * 9


def test_a_value_that_holds_itself_is_a_name_used_again() -> None:
    assert [one.code for one in read("a: &a\n  b: *a\n")[1]] == ["DIA013"]


@pytest.mark.parametrize(
    "line",
    [
        "- *a\n",
        "- &a b\n",
        "- !a b\n",
        "- {a: b, a: c}\n",
        "- {<<: a}\n",
        "- [a]: b\n",
        '- "\\a"\n',
        "- &a [b]\n",
    ],
)
def test_a_file_of_nothing_but_mistakes_is_read_no_further_than_a_hundred(line: str) -> None:
    root, found = read(line * (MAX_FINDINGS * 3))
    assert root is None
    assert len(found) == MAX_FINDINGS
    assert found[0].primary.span.begin.line == 1


def test_a_key_repeated_a_thousand_times_is_a_hundred_findings() -> None:
    root, found = read("a: b\n" * 1000)
    assert root is None
    assert len(found) == MAX_FINDINGS


def test_a_heap_of_tag_handles_is_refused_before_the_parser_compares_them_all() -> None:
    handles = "".join(f"%TAG !h{number}! tag:x\n" for number in range(100_000))
    for text in (
        f"{handles}---\na: b\n",
        f"a: b\n...\n{handles}---\n",
        handles.replace("\n", "\r") + "---\ra: b",
    ):
        root, (finding,) = read(text)
        assert (root, finding.code) == (None, "DIA015")


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{" * 100_000, "- " * 100_000, "? " * 100_000, "\n" * 100_000]
)
def test_a_heap_of_one_sign_is_one_finding(text: str) -> None:
    root, found = read(text)
    assert root is None
    assert len(found) == 1


@pytest.mark.parametrize(
    "value",
    [
        "9" * 10_000,
        "2024-13-45",
        "1:1:1:1",
        "0b_",
        ".nan",
        "0o8",
        "no",
        "~",
        "1_000",
        "=",
        "<",
        "[]"[:1] and "x[]",
    ],
)
def test_whatever_a_plain_value_looks_like_it_is_text(value: str) -> None:
    root, found = read(f"a: {value}")
    assert found == []
    assert root.pairs[0][1].value == value


@pytest.mark.parametrize("sign", ["{", "*", "|", "["])
def test_a_file_of_signs_is_refused_before_it_is_read(sign: str) -> None:
    root, (finding,) = read("a: " + f"x{sign} " * 300_001 + "\n")
    assert root is None
    assert (finding.code, finding.primary.span.start) == ("DIA011", 0)
