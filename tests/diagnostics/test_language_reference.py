"""What the reference of the language shows is true: its examples compile without a mistake and begin.

The examples share a story's declarations. Each uses some of them, and together they use them all.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diana_engine.compiler.compilation import Compilation
from diana_engine.compiler.pipeline import compile_story
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.play import step
from diana_engine.play.actions import Start
from diana_engine.play.state import Moment

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "language.md"
EXAMPLES = re.findall(
    r"^```yaml\n(.*?)^```$", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
MEDIA = re.compile(r"[\w-]+\.(?:jpg|mp3|mp4|ogg|gif|pdf)")
SHARED = EXAMPLES[0].split("fragments:\n")[0]


def compiled(example: str, folder: Path) -> Compilation:
    story = example if example.startswith("story:") else SHARED + example
    (folder / "story.yaml").write_text(story, encoding="utf-8")
    for file in MEDIA.findall(example):
        (folder / "media").mkdir(exist_ok=True)
        (folder / "media" / file).write_bytes(b"a file")
    return compile_story(folder)


def is_shared(finding: Diagnostic) -> bool:
    return finding.primary.span.end <= len(SHARED)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_compiles_without_a_mistake_and_begins(example: str, tmp_path: Path) -> None:
    result = compiled(example, tmp_path)
    assert [one.message for one in result.diagnostics if not is_shared(one)] == []
    assert not any(one.severity == "error" for one in result.diagnostics)
    assert result.program is not None
    assert step(result.program, None, Start(1), Moment()).view.text


def test_what_the_examples_share_is_used_by_one_or_another(tmp_path: Path) -> None:
    idle = [
        {one.message for one in compiled(example, tmp_path).diagnostics if is_shared(one)}
        for example in EXAMPLES
    ]
    assert set.intersection(*idle) == set()
