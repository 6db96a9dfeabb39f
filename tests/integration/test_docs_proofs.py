"""The example of docs/proofs.md is real: typed again, it gives what is shown."""

from __future__ import annotations

import re
from pathlib import Path

from diana_engine.compiler.pipeline import compile_story
from integration.test_readme import typed_again

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "proofs.md").read_text(encoding="utf-8")
(STORY,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SESSIONS = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_sessions_are_what_a_terminal_shows(tmp_path: Path) -> None:
    (tmp_path / "well").mkdir()
    (tmp_path / "well" / "story.yaml").write_text(STORY, encoding="utf-8")
    assert len(SESSIONS) == 2
    for session in SESSIONS:
        assert typed_again(session, tmp_path) == session


def test_the_story_is_mended_as_the_page_says(tmp_path: Path) -> None:
    way_up = "{text: Climb down for it, requires: not has key, effects: [give key], to: well}"
    mended = STORY.replace("  garden:\n", f"      - {way_up}\n  garden:\n", 1)
    (tmp_path / "story.yaml").write_text(mended, encoding="utf-8")
    assert way_up in mended
    assert compile_story(tmp_path).diagnostics == ()
