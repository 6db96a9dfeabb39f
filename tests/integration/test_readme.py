"""The README's story and terminal session are real: typed again, they give what it shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
FLAWED = re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)[0]
STORY = re.sub(r"^.*the dog, effects.*\n", "", FLAWED, flags=re.MULTILINE)
SHOWN = README.split("<!-- session -->")[1].split("<!-- /session -->")[0]
LOCKED, SESSION, MISTAKE = re.findall(r"^```console\n(.*?)^```$", SHOWN, re.MULTILINE | re.DOTALL)


def typed_again(session: str, folder: Path) -> str:
    lines = []
    for command in re.findall(r"^\$ diana (.*)$", session, re.MULTILINE):
        arguments = [sys.executable, "-m", "diana_cli", *shlex.split(command)]
        done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
        lines.append(f"$ diana {command}\n{done.stdout}")
    return "".join(lines)


def written(folder: Path, story: str) -> Path:
    (folder / "door").mkdir()
    (folder / "door" / "story.yaml").write_text(story, encoding="utf-8")
    return folder


def test_the_flaw_is_found_as_shown(tmp_path: Path) -> None:
    assert typed_again(LOCKED, written(tmp_path, FLAWED)) == LOCKED


def test_the_session_is_what_a_terminal_shows(tmp_path: Path) -> None:
    assert STORY != FLAWED
    assert typed_again(SESSION, written(tmp_path, STORY)) == SESSION


def test_the_slip_of_the_pen_is_told_as_shown(tmp_path: Path) -> None:
    wrong = STORY.replace("has key", "has kye")
    assert typed_again(MISTAKE, written(tmp_path, wrong)) == MISTAKE
