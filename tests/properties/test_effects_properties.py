"""Effects that are said to do nothing, and choices that nobody can afford, held against play in every state."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.compiler.compilation import Compilation
from diana_engine.compiler.load import Document, Sources, read_text
from diana_engine.compiler.pipeline import compile_sources
from diana_engine.expressions.terms import FragmentId, ItemId, VariableId
from diana_engine.play.choices import choices_at, take
from diana_engine.play.state import PlayerState
from diana_engine.play.walk import Walk
from diana_engine.program.model import Program
from diana_engine.source import SourceFile

HEAD = """\
story: a
title: A
language: en
start: s
variables:
  trust: {type: number, min: -1, max: 3}
  coins: {type: points, max: 3}
  met: {type: flag}
  mood: {type: one_of, values: [calm, glad]}
items:
  key: {name: Key}
  arrow: {name: Arrow, max: 2}
fragments:
  s:
    text: T
    choices:
      - text: Go
        to: t
"""
TAIL = "  t: {text: T, ending: e}\n"
EFFECTS = (
    "trust += 1,trust += 0,trust -= 2,trust = 3,trust = trust,trust = coins,coins += 1,coins -= 2,coins = 1,set met,"
    "clear met,mood = glad,mood = calm,give key,take key,give arrow,take arrow"
).split(",")
REQUIRES = (
    "met,not met,trust >= 3,trust is 3,trust < 0,has key,not has key,count(arrow) >= 2,count(arrow) < 1,coins < 2,"
    "coins is 3,mood is glad,met or has key"
).split(",")
STATES = [
    PlayerState(
        0,
        FragmentId("main.s"),
        values={
            VariableId("trust"): trust,
            VariableId("coins"): coins,
            VariableId("met"): met,
            VariableId("mood"): mood,
        },
        items={ItemId("key"): key, ItemId("arrow"): arrow},
    )
    for trust, coins, met, mood, key, arrow in product(
        range(-1, 4), range(4), (False, True), ("calm", "glad"), range(2), range(3)
    )
]


def compiled(requires: list[str], cost: int, effects: list[str]) -> tuple[str, Compilation]:
    lines = [HEAD]
    if requires:
        lines.append(f"        requires: [{', '.join(requires)}]\n")
    if cost:
        lines.append(f"        cost: {cost} coins\n")
    if effects:
        lines.append(f"        effects: [{', '.join(effects)}]\n")
    text = "".join([*lines, TAIL])
    file = SourceFile("story.yaml", text)
    root, found = read_text(file)
    assert not found
    return text, compile_sources(Sources(Path(), Document(file, root, True), ()))


def taken(program: Program) -> list[object]:
    """Return what comes of the choice in every state; `None` where it cannot be taken."""
    results: list[object] = []
    for state in STATES:
        walk = Walk(program, state)
        [choice] = choices_at(walk)
        refused = take(choice, walk)
        after = walk.state()
        held = {item: count for item, count in after.items.items() if count}
        results.append(None if refused else (dict(after.values), held))
    return results


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(REQUIRES), max_size=2, unique=True),
    st.integers(0, 4),
    st.lists(st.sampled_from(EFFECTS), max_size=4),
)
def test_what_is_said_to_do_nothing_does_nothing_and_what_cannot_be_afforded_never_is(
    requires: list[str], cost: int, effects: list[str]
) -> None:
    text, result = compiled(requires, cost, effects)
    assert result.program is not None
    outcomes = taken(result.program)
    begins = len(text) - len(TAIL) - len(f"[{', '.join(effects)}]\n") + 1
    for finding in result.diagnostics:
        if finding.code == "DIA317":
            assert set(map(bool, outcomes)) == {False}
        if finding.code == "DIA328":
            offsets = [
                begins + sum(len(one) + 2 for one in effects[:n]) for n in range(len(effects))
            ]
            index = offsets.index(finding.primary.span.start)
            _, without = compiled(requires, cost, effects[:index] + effects[index + 1 :])
            assert without.program is not None
            assert taken(without.program) == outcomes
