"""The same input gives the same bytes, whatever order Python's sets and dictionaries happen to have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

STORIES = Path(__file__).resolve().parents[2] / "stories"
SEEDS = ("0", "1", "4242")

BROKEN = """\
story: broken
title: Broken
language: en
start: nowhere
variables:
  one: {type: flag}
items:
  key: {name: Key}
fragments:
  first:
    text: "{two} *three {if four: x}"
    choices:
      - {text: A, requires: five and has six, to: seven}
      - {text: B, requires: count(eight) > 1, to: nine}
      - {text: C, effects: [give ten, set eleven], to: seven}
"""

DIGEST = """
import sys
from pathlib import Path
from diana_engine import compile_story
from diana_engine.program.codec import digest
print(digest(compile_story(Path(sys.argv[1])).program))
"""


def outputs(*arguments: str) -> set[bytes]:
    return {
        subprocess.run(
            [sys.executable, *arguments],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=False,
        ).stdout
        for seed in SEEDS
    }


def test_a_program_has_one_digest() -> None:
    found = outputs("-c", DIGEST, str(STORIES / "diana"))
    assert len(found) == 1
    assert len(found.pop().strip()) == 64


def test_findings_come_in_one_order(tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_text(BROKEN, encoding="utf-8")
    for form in ("terminal", "json", "sarif", "github", "junit"):
        found = outputs("-m", "diana_cli", "check", str(tmp_path), "--format", form)
        assert len(found) == 1
        assert b"DIA201" in found.pop()
