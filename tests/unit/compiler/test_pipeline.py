"""Where the pipeline stops, and what it then still tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from diana_engine.compiler.pipeline import MAX_ERRORS, compile_story

HEAD = "story: a\ntitle: A\nlanguage: en\nstart: f0\nfragments:\n"


def test_a_story_of_nothing_but_mistakes_is_told_those_of_its_shape_alone(tmp_path: Path) -> None:
    fragments = "".join(
        f"  F{number}:\n    text: A\n    next: gone{number}\n" for number in range(MAX_ERRORS + 1)
    )
    (tmp_path / "story.yaml").write_text(HEAD + fragments, encoding="utf-8")
    result = compile_story(tmp_path)
    assert {one.code for one in result.diagnostics} == {"DIA105"}
    assert result.errors == MAX_ERRORS + 1
    assert result.program is None
    assert len(result.files) == 1


def test_an_error_of_the_graph_leaves_a_draft_and_one_of_names_leaves_none(tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_text(HEAD + "  f0:\n    text: A\n", encoding="utf-8")
    draft = compile_story(tmp_path)
    assert [one.code for one in draft.diagnostics] == ["DIA402"]
    assert draft.program is not None
    (tmp_path / "story.yaml").write_text(
        HEAD + "  f0:\n    text: A\n    next: f1\n", encoding="utf-8"
    )
    assert compile_story(tmp_path).program is None


@pytest.mark.parametrize(
    "id", ["h\u0430ll", "ha\u200bll", "ha\u00adll", "\uff48all", "hall\u0301", "ha\u2060ll"]
)
def test_an_id_that_only_looks_like_another_is_refused_where_it_stands(
    tmp_path: Path, id: str
) -> None:
    """A Cyrillic letter, signs that nobody sees, a wide letter, an accent of its own."""
    lines = f"  f0:\n    text: A\n    next: hall\n  hall:\n    text: B\n    next: f0\n  {id}:\n    text: C\n    ending: c\n"
    (tmp_path / "story.yaml").write_text(HEAD + lines, encoding="utf-8")
    result = compile_story(tmp_path)
    assert result.program is None
    [finding] = [one for one in result.diagnostics if one.code == "DIA105"]
    assert finding.primary.span.begin.line == 12
