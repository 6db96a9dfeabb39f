"""The ordinary checks, held against a plain search of the text and against every value that was declared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.compiler.analysis.certain import verdict
from diana_engine.compiler.analysis.contradictions import exclude_each_other
from diana_engine.compiler.analysis.together import can_hold
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.load import Document, Sources, read_text
from diana_engine.compiler.pipeline import compile_sources
from diana_engine.compiler.syntax.story import ParsedManifest
from diana_engine.expressions.evaluate import holds
from diana_engine.expressions.terms import (
    All,
    Any,
    Arithmetic,
    Between,
    ChoiceKey,
    Compare,
    Constant,
    Count,
    FlagIs,
    FragmentId,
    Has,
    ItemId,
    Not,
    Number,
    NumberOf,
    Requirement,
    Value,
    VariableId,
    WordIs,
)
from diana_engine.program.model import Flag, Item, OneOf, Points, Variable, WholeNumber
from diana_engine.source import SourceFile

FLAGS, NUMBERS = ("alpha", "bravo"), ("golf", "hotel")
ITEMS, CONDITIONS, CHARACTERS = ("lamp", "rope"), ("early", "later"), ("ana", "benito")

ASKS = [
    *FLAGS,
    *(f"{name} >= 1" for name in NUMBERS),
    *(f"has {name}" for name in ITEMS),
    "count(tools) >= 2",
    *CONDITIONS,
]
DOES = [
    *(f"set {name}" for name in FLAGS),
    *(f"{name} += 1" for name in NUMBERS),
    *(f"{word} {name}" for word in ("give", "take") for name in ITEMS),
]


@st.composite
def stories(draw: st.DrawFn) -> str:
    """Return a story that uses some of its names, one use to a line."""
    lines = ["story: s", "title: S", "language: en", "start: n0", "variables:"]
    lines += [f"  {name}: {{type: flag}}" for name in FLAGS]
    lines += [f"  {name}: {{type: number, max: 9}}" for name in NUMBERS]
    lines += ["items:", *(f"  {name}: {{name: X, category: tools}}" for name in ITEMS)]
    lines += ["conditions:", *(f"  {name}: visits(n0) > 1" for name in CONDITIONS)]
    lines += ["characters:", *(f"  {name}: {{name: X}}" for name in CHARACTERS), "fragments:"]
    for index in range(draw(st.integers(1, 3))):
        lines += [f"  n{index}:", "    text: T", "    choices:"]
        if draw(st.booleans()):
            lines.insert(-1, f"    speaker: {draw(st.sampled_from(CHARACTERS))}")
        for number in range(draw(st.integers(1, 4))):
            lines += [f"      - text: Go {number}", "        to: n0"]
            if draw(st.booleans()):
                lines.append(f"        requires: {draw(st.sampled_from(ASKS))}")
            if draw(st.booleans()):
                lines.append(f"        effects: {draw(st.sampled_from(DOES))}")
    return "\n".join(lines) + "\n"


def findings(text: str) -> set[tuple[str, str]]:
    file = SourceFile("story.yaml", text)
    root, found = read_text(file)
    assert not found
    result = compile_sources(Sources(Path(), Document(file, root, True), ()))
    spans = ((one.code, one.primary.span) for one in result.diagnostics)
    return {(code, text[span.start : span.end]) for code, span in spans if code < "DIA229"}


def searched(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a search of the text, line by line, finds to be idle."""

    def has(key: str, words: str) -> bool:
        return bool(re.search(rf"^ *{key}: .*\b{words}\b", text, re.MULTILINE))

    for name in (*FLAGS, *NUMBERS):
        match has("requires", name), has("effects", name):
            case False, False:
                yield "DIA220", name
            case True, False:
                yield "DIA224", name
            case False, True:
                yield "DIA225", name
    for name in ITEMS:
        asked = has("requires", name) or has("requires", "tools") or has("effects", f"take {name}")
        match asked, has("effects", f"give {name}"):
            case False, False:
                yield "DIA221", name
            case True, False:
                yield "DIA226", name
            case False, True:
                yield "DIA227", name
    yield from (("DIA222", name) for name in CONDITIONS if not has("requires", name))
    yield from (("DIA223", name) for name in CHARACTERS if not has("speaker", name))


@settings(max_examples=300, deadline=None)
@given(stories())
def test_idle_names_are_those_that_a_search_of_the_text_finds(text: str) -> None:
    assert findings(text) == set(searched(text))


# Certain answers, against every value that was declared


@dataclass(frozen=True)
class Facts:
    """One of all the ways in which a player may stand."""

    values: Mapping[VariableId, Value]
    items: Mapping[ItemId, int]
    visits: Mapping[FragmentId, int] = field(default_factory=dict)
    chosen: Mapping[ChoiceKey, int] = field(default_factory=dict)
    seed: int = 0
    entry: int = 0


TRUST, COINS, MET, MOOD = map(VariableId, ("trust", "coins", "met", "mood"))
KEY, ARROW = ItemId("key"), ItemId("arrow")
VARIABLES: dict[VariableId, Variable] = {
    TRUST: WholeNumber(0, -2, 3),
    COINS: Points(0, 3),
    MET: Flag(),
    MOOD: OneOf(("calm", "glad"), "calm"),
}
HELD = {KEY: Item("Key"), ARROW: Item("Arrow", maximum=2)}
STORY = CheckedStory(
    ParsedManifest(SourceFile("story.yaml", "")),
    FragmentId("main.s"),
    VARIABLES,
    HELD,
    {},
    {},
    {},
    {},
    {},
)
WAYS = [
    Facts({TRUST: trust, COINS: coins, MET: met, MOOD: mood}, {KEY: key, ARROW: arrow})
    for trust, coins, met, mood, key, arrow in product(
        range(-2, 4), range(4), (False, True), ("calm", "glad"), range(2), range(3)
    )
]

constants = st.integers(-5, 7).map(Constant)
simple: st.SearchStrategy[Number] = st.one_of(
    st.sampled_from([NumberOf(TRUST), NumberOf(COINS), Count((ARROW,)), Count((ARROW, KEY))]),
    constants,
)
numbers = st.one_of(simple, st.builds(Arithmetic, st.sampled_from("+-*"), simple, simple))
operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
comparisons = st.one_of(
    st.builds(Compare, operators, numbers, numbers),
    st.builds(Between, numbers, numbers, numbers),
)
atoms: st.SearchStrategy[Requirement] = st.one_of(
    comparisons,
    st.builds(Compare, operators, simple, constants),
    st.sampled_from([FlagIs(MET), WordIs(MOOD, "calm"), WordIs(MOOD, "glad"), Has(KEY)]),
)
literals = st.one_of(atoms, st.builds(Not, atoms))
conjunctions = st.one_of(
    literals, st.lists(literals, min_size=1, max_size=4).map(lambda parts: All(tuple(parts)))
)


def outcomes(term: Requirement) -> set[bool]:
    return {holds(term, facts, {}) for facts in WAYS}


@settings(max_examples=500, deadline=None)
@given(comparisons)
def test_what_is_called_certain_is_so_for_every_value(term: Requirement) -> None:
    answer = verdict(term, STORY)
    assert answer is None or outcomes(term) == {answer}


@settings(max_examples=200, deadline=None)
@given(
    operators, st.sampled_from([NumberOf(TRUST), NumberOf(COINS), Count((ARROW, KEY))]), constants
)
def test_a_comparison_with_a_fixed_number_is_told_whenever_it_is_certain(
    operator: str, number: Number, constant: Constant
) -> None:
    for term in (Compare(operator, number, constant), Compare(operator, constant, number)):  # type: ignore[arg-type]
        every = outcomes(term)
        assert verdict(term, STORY) == (None if len(every) == 2 else every.pop())


@settings(max_examples=500, deadline=None)
@given(conjunctions, conjunctions)
def test_what_is_said_to_exclude_another_never_holds_with_it(
    one: Requirement, other: Requirement
) -> None:
    if exclude_each_other(one, other, STORY):
        assert outcomes(All((one, other))) == {False}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.builds(Compare, operators, st.just(NumberOf(TRUST)), constants), min_size=2))
def test_bounds_on_one_number_that_leave_nothing_are_found_unless_one_by_itself_does(
    parts: list[Compare],
) -> None:
    bounds = [part for part in parts if part.operator != "!="]
    alone = any(verdict(part, STORY) is False for part in bounds)
    whole = All(tuple(bounds))
    if bounds and not alone and outcomes(whole) == {False}:
        assert exclude_each_other(whole, All(()), STORY)


# What can hold together, against every value that was declared

nested = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Any(tuple(parts))),
    ),
    max_leaves=8,
)


@settings(max_examples=600, deadline=None)
@given(st.lists(nested, min_size=1, max_size=3))
def test_what_cannot_hold_together_never_does(parts: list[Requirement]) -> None:
    if not can_hold(parts, STORY):
        assert outcomes(All(tuple(parts))) == {False}


independent = st.one_of(
    st.builds(Compare, operators, st.just(NumberOf(TRUST)), constants),
    st.builds(Compare, operators, st.just(Count((ARROW,))), constants),
    st.sampled_from([FlagIs(MET), WordIs(MOOD, "calm"), WordIs(MOOD, "glad"), Has(KEY)]),
)


@settings(max_examples=400, deadline=None)
@given(
    st.recursive(
        independent,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: All(tuple(parts))),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: Any(tuple(parts))),
        ),
        max_leaves=6,
    )
)
def test_of_things_that_do_not_depend_on_each_other_it_is_known_what_can_hold(
    term: Requirement,
) -> None:
    assert can_hold([term], STORY) == (True in outcomes(term))
