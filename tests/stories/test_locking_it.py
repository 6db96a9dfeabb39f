"""Dig a pit into a story that is right: one finding, at the choice that leads into it, and nothing in its wake."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from diana_engine.adapters.terminal.screen import Look
from diana_engine.adapters.terminal.witness import play_witness
from diana_engine.adapters.terminal.words import words
from diana_engine.compiler.compilation import Compilation
from diana_engine.compiler.pipeline import compile_story

STORIES = Path(__file__).resolve().parents[2] / "stories"
LOOK = Look(words("en"), 80, colour=False, spoilers="bracketed")


def pits(name: str, every: int) -> list[tuple[str, str]]:
    """Return some fragments of a story with choices of their own: the file, and the fragment's id."""
    shape = re.compile(r"^  (\w+):\n(?:    .*\n|\n)*?    choices:\n      - ", re.MULTILINE)
    return [
        (path.relative_to(STORIES / name).as_posix(), one[1])
        for path in sorted((STORIES / name).rglob("*.yaml"))
        if path.parent.name not in ("tests", "locale")
        for one in shape.finditer(path.read_text(encoding="utf-8"))
    ][::every]


def dug(folder: Path, name: str, file: str, fragment: str) -> Compilation:
    """Return what becomes of a story with a choice that leads out of `fragment` into a pit."""
    shutil.copytree(STORIES / name, folder / name)
    manifest, path = folder / name / "story.yaml", folder / name / file
    text = manifest.read_text(encoding="utf-8")
    assert "\nvariables:\n" in text
    flag = "\nvariables:\n  zq_fallen: {type: flag}\n"
    manifest.write_text(text.replace("\nvariables:\n", flag, 1), encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    head, rest = re.split(rf"(?<=^  {fragment}:$)", text, maxsplit=1, flags=re.MULTILINE)
    choice = "      - {text: Fall, effects: [set zq_fallen], to: zq_pit}\n"
    rest = rest.replace("    choices:\n", f"    choices:\n{choice}", 1)
    climb = f"{{text: Climb, requires: not zq_fallen, to: {fragment}}}"
    pit = f"  zq_pit:\n    text: Dark.\n    choices: [{climb}, {{text: Call, say: No., to: zq_pit}}]\n"
    body = f"{head}{rest}".replace("\nfragments:\n", f"\nfragments:\n{pit}", 1)
    path.write_text(body, encoding="utf-8")
    return compile_story(folder / name)


@pytest.mark.parametrize(
    ("name", "file", "fragment"),
    [
        *(("first-steps", *one) for one in pits("first-steps", 1)),
    ],
)
def test_a_pit_is_one_finding_at_the_choice_that_leads_into_it(
    name: str, file: str, fragment: str, tmp_path: Path
) -> None:
    result = dug(tmp_path, name, file, fragment)
    told = [(one.code, one.message) for one in result.diagnostics]
    assert [code for code, _ in told] == ["DIA501"], told
    (one,) = result.diagnostics
    span = one.primary.span
    assert span.file.text[span.start : span.end] == "Fall"
    assert any(
        label.span.file.text[label.span.start : label.span.end] == "not zq_fallen"
        for label in one.labels
    )
    assert one.witness is not None
    assert result.program is not None
    play = play_witness(result.program, one.witness, lambda _: None, LOOK)
    assert play.game.state.fragment.endswith(".zq_pit")
