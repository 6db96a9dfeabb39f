"""Witnesses are replayed with the luck and the answers that they take."""

from __future__ import annotations

from pathlib import Path

import pytest

from diana_engine.compiler.analysis.proofs.fate import Budget, replay, seeded
from diana_engine.compiler.pipeline import compile_story
from diana_engine.expressions.terms import FragmentId
from diana_engine.play.actions import Answer
from diana_engine.program.model import Program

STORY = """\
story: a
title: A
language: en
start: s
variables:
  age: {type: number, min: 0, max: 99}
  name: {type: text}
  luck: {type: number, min: 0, max: 60}
fragments:
  s: {text: S, ask: {into: age}, next: t}
  t:
    text: T
    ask: {into: name}
    next: [{if: name is "Diana" and age >= 40, to: u}, {to: end}]
  u:
    text: U
    choices:
      - {text: Roll, effects: ["luck += roll(1 to 6)"], to: u}
      - {text: Win, requires: luck >= 12, to: v}
      - {text: Leave, to: end}
  v: {text: "V {luck}{name}{age}", next: end}
  end: {text: E, ending: e}
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "story.yaml").write_text(STORY, encoding="utf-8")
    result = compile_story(tmp_path)
    assert result.program is not None, [one.message for one in result.diagnostics]
    return result.program


def ways(*steps: tuple[str, int]) -> tuple[tuple[FragmentId, int], ...]:
    return tuple((FragmentId(f"main.{id}"), number) for id, number in steps)


def test_a_play_is_found_with_the_answers_that_it_takes(program: Program) -> None:
    stands = replay(program, ways(("s", 1), ("t", 1), ("u", 3)), Budget(100_000))
    answers = {
        tuple(one.typed for one in stand.moves if isinstance(one, Answer)) for stand in stands
    }
    assert answers == {(str(age), "Diana") for age in range(40, 100)}


def test_a_play_is_found_with_the_luck_that_it_takes_and_with_a_seed_for_it(
    program: Program,
) -> None:
    play = ways(("s", 1), ("t", 1), ("u", 1), ("u", 1), ("u", 2))
    stand = replay(program, play, Budget(100_000))[0]
    assert stand.state.fragment == "main.v"
    assert stand.state.values["luck"] == 12  # type: ignore[index]
    assert [drawn for _, _, drawn in stand.draws] == [5, 5]
    assert seeded(program, stand, Budget(20_000)) is not None


def test_what_cannot_be_played_has_no_play(program: Program) -> None:
    assert replay(program, ways(("s", 1), ("t", 1), ("u", 2)), Budget(100_000)) == ()


def test_no_more_is_tried_than_the_budget_allows(program: Program) -> None:
    play = ways(("s", 1), ("t", 1), *[("u", 1)] * 9, ("u", 2))
    budget = Budget(500)
    assert replay(program, play, budget) == ()
    assert budget.steps < 0
