"""Conditions made of conditions: bounded, so that no step of a player ever takes long."""

from __future__ import annotations

from pathlib import Path

import pytest

from diana_engine.compiler.pipeline import compile_story

HEAD = "story: a\ntitle: A\nlanguage: en\nstart: s\nvariables:\n  met: {type: flag}\nconditions:\n"
TAIL = "fragments:\n  s:\n    text: '{if c0: a}'\n    on_enter: set met\n    ending: e\n"


def findings(folder: Path, conditions: list[str]) -> list[tuple[str, str]]:
    lines = "".join(f"  c{index}: {text}\n" for index, text in enumerate(conditions))
    (folder / "story.yaml").write_text(HEAD + lines + TAIL, encoding="utf-8")
    found = compile_story(folder).diagnostics
    return [
        (one.code, one.primary.span.file.text[one.primary.span.start : one.primary.span.end])
        for one in found
    ]


def test_conditions_may_be_made_of_conditions(tmp_path: Path) -> None:
    chain = [*(f"c{index + 1} or visits(s) > {index}" for index in range(20)), "met"]
    assert findings(tmp_path, chain) == []


def test_what_follows_from_a_condition_that_never_holds_is_not_told_again(tmp_path: Path) -> None:
    chain = [*(f"c{index + 1} and not met" for index in range(20)), "met"]
    assert findings(tmp_path, chain) == [("DIA322", "c20 and not met")]


@pytest.mark.parametrize(
    ("conditions", "where"),
    [
        ([*(f"not (not (not c{index + 1} or met) and met)" for index in range(40)), "met"], "c25"),
        ([*(f"c{index + 1} and c{index + 1}" for index in range(25)), "met"], "c16"),
    ],
    ids=["deep", "wide"],
)
def test_one_that_unfolds_without_measure_is_told_where_it_becomes_too_much(
    conditions: list[str], where: str, tmp_path: Path
) -> None:
    assert findings(tmp_path, conditions)[-1] == ("DIA115", where)


@pytest.mark.parametrize("ring", [["c0"], ["c1", "c0"], ["not c1", "c2 or met", "met and c0"]])
def test_a_ring_is_told_once(ring: list[str], tmp_path: Path) -> None:
    assert findings(tmp_path, ring) == [("DIA214", "c0")]
