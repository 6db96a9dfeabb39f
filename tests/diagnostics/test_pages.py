"""Every code has a page, and its page is true: the wrong story gives that finding alone, in the mended one nothing is found."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from diagnostics.pages import SHOWN, compiled, sections
from diana_engine.diagnostics.model import Code
from diana_engine.diagnostics.registry import FAMILIES, codes, page

ENGINE = Path(__file__).resolve().parents[2] / "diana_engine"


@pytest.mark.parametrize("code", SHOWN)
def test_the_wrong_story_gives_this_finding_alone(code: Code, tmp_path: Path) -> None:
    found = compiled(sections(code)["Wrong"], tmp_path).diagnostics
    assert [one.code for one in found] == [code], [(one.code, one.message) for one in found]
    assert found[0].severity == page(code).severity


@pytest.mark.parametrize("code", SHOWN)
def test_in_the_mended_story_nothing_is_found(code: Code, tmp_path: Path) -> None:
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
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"DIA\d{3}", node.value)
    }
    assert used == set(codes())
