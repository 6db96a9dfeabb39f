"""From a file's bytes to its text: encodings, sizes, and what cannot be read at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from diana_engine.compiler.load import MAX_BYTES, read_file, read_text
from diana_engine.compiler.nodes import MappingNode
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.source import SourceFile


def read(tmp_path: Path, data: bytes) -> tuple[SourceFile, MappingNode | None, list[Diagnostic]]:
    path = tmp_path / "story.yaml"
    path.write_bytes(data)
    file, root, found = read_file(path, "tale/story.yaml")
    assert root is None or isinstance(root, MappingNode)
    return file, root, found


def test_a_file_is_shown_as_it_was_named(tmp_path: Path) -> None:
    file, root, found = read(tmp_path, b"a: b\n")
    assert (file.path, file.text, found) == ("tale/story.yaml", "a: b\n", [])
    assert root is not None


def test_a_byte_order_mark_is_dropped_and_counts_nowhere(tmp_path: Path) -> None:
    file, root, found = read(tmp_path, b"\xef\xbb\xbfa: b: c\n")
    assert file.text == "a: b: c\n"
    assert root is None
    assert found[0].primary.span.begin.column == 5


def test_line_ends_of_windows_and_wide_characters_keep_every_place(tmp_path: Path) -> None:
    file, root, _ = read(tmp_path, "á: 😀\r\nb: 'ü'\r\nc: d\r\n".encode())
    assert root is not None
    spans = [node.span(file) for pair in root.pairs for node in pair]
    assert [file.text[span.start : span.end] for span in spans] == ["á", "😀", "b", "'ü'", "c", "d"]
    assert [(span.begin.line, span.begin.column) for span in spans][2:4] == [(2, 1), (2, 4)]


@pytest.mark.parametrize(
    ("data", "at", "words"),
    [
        (
            b"a: caf\xe9\n",
            (1, 7),
            "Byte 7 of this file (0xE9) is not UTF-8; in Windows-1252 it would be `é`.",
        ),
        (b"a: b\nc: \xff", (2, 4), "Byte 9 of this file (0xFF)"),
        (b"\xef\xbb\xbfa: \xe9", (1, 4), "Byte 7 of this file"),
        ("é: ".encode() + b"\x80", (1, 4), "Byte 5 of this file"),
        (b"a: \xed\xa0\x80", (1, 4), "Byte 4 of this file"),
        ("a: b".encode("utf-16"), (1, 1), "UTF-16"),
        ("a: b".encode("utf-32"), (1, 1), "UTF-32"),
    ],
)
def test_what_is_not_utf8_is_told_with_its_byte(
    tmp_path: Path, data: bytes, at: tuple[int, int], words: str
) -> None:
    _, root, (finding,) = read(tmp_path, data)
    assert root is None
    assert finding.code == "DIA005"
    assert words in finding.message
    assert (finding.primary.span.begin.line, finding.primary.span.begin.column) == at


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\0", "U+0000 NUL"),
        ("\x07", "U+0007 BELL"),
        ("\x0b", "U+000B"),
        ("\x1b", "U+001B ESCAPE"),
        ("\x7f", "U+007F DELETE"),
        ("\x85", "U+0085 NEXT LINE"),
        ("\x9f", "U+009F"),
        ("\u2028", "U+2028 LINE SEPARATOR"),
        ("\u2029", "U+2029 PARAGRAPH SEPARATOR"),
        ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\u2066", "U+2066 LEFT-TO-RIGHT ISOLATE"),
        ("\ufeff", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("\uffff", "U+FFFF"),
    ],
)
def test_a_character_that_has_no_place_is_named_where_it_stands(
    tmp_path: Path, character: str, name: str
) -> None:
    _, root, (finding,) = read(tmp_path, f"a: b\nc: d{character}e\n".encode())
    assert root is None
    assert finding.code == "DIA006"
    assert finding.message.startswith(name)
    assert (finding.primary.span.begin.line, finding.primary.span.begin.column) == (2, 5)


def test_lone_surrogates_in_a_text_are_found_before_anything_chokes_on_them() -> None:
    _, (finding,) = read_text(SourceFile("x", "a: \ud800"))
    assert (finding.code, finding.primary.span.start) == ("DIA006", 3)


def test_many_such_characters_are_one_finding(tmp_path: Path) -> None:
    _, _, (finding,) = read(tmp_path, b"\x01" * 2000)
    assert "2,000 such characters" in finding.message
    assert len(finding.labels) == 5
    assert finding.edit is None


def test_utf16_without_a_mark_is_guessed(tmp_path: Path) -> None:
    _, _, (finding,) = read(tmp_path, "a: b".encode("utf-16-le"))
    assert "UTF-16" in (finding.help or "")


@pytest.mark.parametrize(
    "character", ["\u00a0", "\u200b", "\u200e", "\u200f", "\U0010fffd", "\ue000", "é"]
)
def test_other_strange_characters_are_for_others_to_judge(tmp_path: Path, character: str) -> None:
    assert read(tmp_path, f"a: b{character}c\n".encode())[2] == []


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    start = b"a: b\n#"
    assert read(tmp_path, start + b"x" * (MAX_BYTES // 16 - len(start)))[2] == []


def test_a_larger_file_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    with path.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    file, root, (finding,) = read_file(path, "story.yaml")
    assert (root, file.text, finding.code) == (None, "", "DIA004")
    assert "268,435,457 bytes" in finding.message


def test_a_folder_in_the_place_of_a_file_cannot_be_read(tmp_path: Path) -> None:
    file, root, (finding,) = read_file(tmp_path, "story.yaml")
    assert (root, file.path, finding.code) == (None, "story.yaml", "DIA003")
    assert "a folder" in finding.message


def test_a_pipe_is_refused_before_it_makes_anybody_wait(tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    os.mkfifo(path)
    assert [one.code for one in read_file(path, "story.yaml")[2]] == ["DIA003"]


def test_a_file_that_is_gone_is_told_with_the_reason(tmp_path: Path) -> None:
    _, _, (finding,) = read_file(tmp_path / "none.yaml", "none.yaml")
    assert finding.code == "DIA003"
    assert "no such file" in finding.message


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.write_text("a: b")
    path.chmod(0)
    _, _, (finding,) = read_file(path, "story.yaml")
    assert finding.code == "DIA003"
    assert "permission denied" in finding.message


def test_importing_the_loader_does_not_import_yaml() -> None:
    script = "import sys, diana_engine.compiler.load; sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
