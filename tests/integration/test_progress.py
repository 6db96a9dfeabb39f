"""The bar for those who wait: at a terminal, on stderr, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("termios", reason="there are no pseudo-terminals here")

# The story takes longer than the bar needs to come up, and nobody is patient here.
FRAGMENTS = 4_000
CODE = """\
import atexit, sys
import diana_cli.progress
diana_cli.progress.PATIENCE = 0
atexit.register(lambda: print("drawn" if "rich" in sys.modules else "not drawn", file=sys.stderr))
from diana_cli.main import main
main(["check", "--no-cache", sys.argv[1]], prog_name="diana")
"""


def write_story(folder: Path, fragments: int) -> None:
    """Write a story that leads straight to its end."""
    texts = [
        f"  f{number}:\n    text: Here is place {number}.\n    next: f{number + 1}\n"
        for number in range(fragments - 1)
    ]
    end = f"  f{fragments - 1}: {{text: The end., ending: fin}}\n"
    head = "story: s\ntitle: S\nlanguage: en\nstart: f0\nfragments:\n"
    folder.mkdir()
    (folder / "story.yaml").write_text(f"{head}{''.join(texts)}{end}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("waiting")
    write_story(folder / "story", FRAGMENTS)
    write_story(folder / "small", 3)
    return folder


def shown(
    folder: Path, story: str = "story", *, stdout_is_terminal: bool = True, **environment: str
) -> str:
    """Return what a check writes to stderr, which is a terminal."""
    master, slave = os.openpty()
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, story],
        cwd=folder,
        env={**inherited, "TERM": "xterm", **environment},
        stdin=subprocess.DEVNULL,
        stdout=slave if stdout_is_terminal else subprocess.DEVNULL,
        stderr=slave,
    )
    os.close(slave)
    written = bytearray()
    # A terminal whose last process has gone gives an error on Linux, and an end of file elsewhere.
    try:
        while data := os.read(master, 65_536):
            written += data
    except OSError:
        pass
    os.close(master)
    process.wait()
    return written.decode()


def test_a_person_at_a_terminal_sees_what_is_being_done(folder: Path) -> None:
    text = shown(folder)
    assert "drawn" in text
    assert "not drawn" not in text
    phases = ("Reading the chapters", "Checking names", "Looking at", "Proving what players")
    assert any(phase in text for phase in phases)


def test_the_bar_is_gone_when_the_report_comes(folder: Path) -> None:
    _, _, report = shown(folder).rpartition("\x1b[2K")
    assert f"{FRAGMENTS} fragments" in report
    assert "Proving" not in report


@pytest.mark.parametrize(
    ("environment", "stdout_is_terminal"),
    [({"CI": "true"}, True), ({"TERM": "dumb"}, True), ({}, False)],
    ids=["in CI", "at a dumb terminal", "into a pipe"],
)
def test_nothing_is_drawn_where_nobody_waits(
    folder: Path, environment: dict[str, str], stdout_is_terminal: bool
) -> None:
    text = shown(folder, "small", stdout_is_terminal=stdout_is_terminal, **environment)
    assert "not drawn" in text
    assert "\x1b[2K" not in text
