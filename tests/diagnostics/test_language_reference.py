"""What the reference of the language shows is true: its examples compile without a mistake and begin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diagnostics.pages import told
from diana_engine.compiler.pipeline import compile_story
from diana_engine.play import step
from diana_engine.play.actions import Start
from diana_engine.play.state import Moment

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "language.md"
EXAMPLES = re.findall(
    r"^```yaml\n(.*?)^```$", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_compiles_without_a_mistake_and_begins(example: str, tmp_path: Path) -> None:
    manifest = EXAMPLES[0].split("fragments:\n")[0]
    story = example if example.startswith("story:") else manifest + example
    (tmp_path / "story.yaml").write_text(story, encoding="utf-8")
    result = compile_story(tmp_path)
    assert told(result) == []
    assert result.program is not None
    assert step(result.program, None, Start(1), Moment()).view.text
