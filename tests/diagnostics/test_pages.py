"""Every code has a page, and its page is true: the wrong story gives that finding alone, the mended one gives none."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import pytest

from diana_engine.compiler.pipeline import Compilation, compile_story
from diana_engine.diagnostics.model import Code
from diana_engine.diagnostics.registry import FAMILIES, codes, page

ENGINE = Path(__file__).resolve().parents[2] / "diana_engine"
FENCE = re.compile(r"(?:^`(?P<file>[^`\n]+)`:\n+)?^```yaml\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SECTION = re.compile(r"^## (\w+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def sections(code: Code) -> Mapping[str, Mapping[str, str]]:
    """Return the stories of a page, by section and file."""
    return {
        name: {match["file"] or "story.yaml": match["text"] for match in FENCE.finditer(body)}
        for name, body in SECTION.findall(page(code).body)
    }


def is_generated(code: Code) -> bool:
    """Whether the page says that its wrong story cannot be written in Markdown."""
    entry = next(one for one in (files("diana_engine.diagnostics") / "codes").iterdir() if one.name.startswith(code))
    return bool(tomllib.loads(entry.read_text(encoding="utf-8").split("+++\n")[1]).get("generated"))


SHOWN = [code for code in codes() if not is_generated(code)]


def compiled(stories: Mapping[str, str], folder: Path) -> Compilation:
    for name, text in stories.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return compile_story(folder)


@pytest.mark.parametrize("code", SHOWN)
def test_the_wrong_story_gives_this_finding_alone(code: Code, tmp_path: Path) -> None:
    found = compiled(sections(code)["Wrong"], tmp_path).diagnostics
    assert [one.code for one in found] == [code], [(one.code, one.message) for one in found]
    assert found[0].severity == page(code).severity


@pytest.mark.parametrize("code", SHOWN)
def test_the_mended_story_is_clean(code: Code, tmp_path: Path) -> None:
    result = compiled(sections(code)["Mended"], tmp_path)
    assert [(one.code, one.message) for one in result.diagnostics] == []
    assert result.program is not None


@pytest.mark.parametrize("code", codes())
def test_a_page_explains_in_whole_sentences(code: Code) -> None:
    explanation = page(code).body.split("## ")[0].strip()
    assert len(explanation.split()) >= 20, "too little to help a writer"
    assert explanation.endswith((".", "```", "!", ":")), explanation[-20:]
    assert int(code[3]) < len(FAMILIES)


def test_every_code_that_is_used_has_a_page_and_every_page_is_used() -> None:
    used = {
        node.value
        for path in ENGINE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"DIA\d{3}", node.value)
    }
    assert used == set(codes())
