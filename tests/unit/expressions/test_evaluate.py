"""What requirements and numbers come to."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from diana_engine.expressions.draw import draw
from diana_engine.expressions.evaluate import holds, number
from diana_engine.expressions.terms import (
    NUMBER_LIMIT,
    All,
    Any,
    Arithmetic,
    Between,
    Chance,
    ChoiceKey,
    Chose,
    Compare,
    Comparison,
    Constant,
    Count,
    FlagIs,
    Has,
    Holds,
    Not,
    NumberOf,
    Requirement,
    Roll,
    Visited,
    Visits,
    WordIs,
    fragment_of,
)
from diana_engine.play.state import PlayerState

FACTS = PlayerState(
    seed=1,
    fragment="main.hall",
    entry=3,
    values={"besitos": 7, "trust": -2, "met": True, "betrayed": False, "mood": "hurt"},
    items={"key": 1, "map": 2},
    visits={"main.hall": 2},
    chosen={"main.hall.open": 1},
)
YES = FlagIs("met")
NO = FlagIs("betrayed")


def true(requirement: Requirement, **conditions: Requirement) -> bool:
    return holds(requirement, FACTS, conditions)


# Numbers


def test_a_variable_is_its_value() -> None:
    assert number(NumberOf("besitos"), FACTS) == 7


def test_visits_count_the_present_one_and_are_0_where_one_never_was() -> None:
    assert number(Visits("main.hall"), FACTS) == 2
    assert number(Visits("main.cellar"), FACTS) == 0


def test_a_count_sums_the_items_of_a_category() -> None:
    assert number(Count(("key", "map", "ring")), FACTS) == 3
    assert number(Count(()), FACTS) == 0


@pytest.mark.parametrize(("operator", "result"), [("+", 5), ("-", 9), ("*", -14)])
def test_arithmetic_adds_subtracts_and_multiplies(operator: str, result: int) -> None:
    assert number(Arithmetic(operator, NumberOf("besitos"), NumberOf("trust")), FACTS) == result


@pytest.mark.parametrize(("factor", "result"), [(2, NUMBER_LIMIT), (-2, -NUMBER_LIMIT)])
def test_arithmetic_stops_at_the_limits_of_the_language(factor: int, result: int) -> None:
    assert number(Arithmetic("*", Constant(NUMBER_LIMIT), Constant(factor)), FACTS) == result


def test_the_limit_applies_to_each_operation_and_not_only_to_the_whole() -> None:
    beyond = Arithmetic("+", Constant(NUMBER_LIMIT), Constant(1))
    assert number(Arithmetic("-", beyond, Constant(1)), FACTS) == NUMBER_LIMIT - 1


def test_a_term_may_be_nested_far_deeper_than_the_compiler_allows() -> None:
    term = NumberOf("besitos")
    for _ in range(200):
        term = Arithmetic("+", term, Constant(1))
    assert number(term, FACTS) == 207


def test_a_requirement_may_be_nested_far_deeper_than_the_compiler_allows() -> None:
    requirement: Requirement = YES
    for _ in range(100):
        requirement = All((Not(Not(requirement)),))
    assert true(requirement)


def test_a_roll_reaches_every_number_of_its_range_and_no_other() -> None:
    rolls = {number(Roll(-1, 2, f"place {index}"), FACTS) for index in range(200)}
    assert rolls == {-1, 0, 1, 2}


# Requirements


def test_a_flag_holds_when_it_is_set() -> None:
    assert true(FlagIs("met"))
    assert not true(FlagIs("betrayed"))


@pytest.mark.parametrize(
    ("operator", "below", "equal", "above"),
    [
        ("==", False, True, False),
        ("!=", True, False, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", False, True, True),
    ],
)
def test_numbers_compare(operator: Comparison, below: bool, equal: bool, above: bool) -> None:
    results = [true(Compare(operator, Constant(left), Constant(5))) for left in (4, 5, 6)]
    assert results == [below, equal, above]


@pytest.mark.parametrize(("value", "result"), [(1, False), (2, True), (3, True), (4, False)])
def test_between_includes_both_ends(value: int, result: bool) -> None:
    assert true(Between(Constant(value), Constant(2), Constant(3))) == result


def test_nothing_lies_between_ends_that_are_swapped() -> None:
    assert not true(Between(Constant(2), Constant(3), Constant(1)))


def test_a_word_is_compared_exactly() -> None:
    assert true(WordIs("mood", "hurt"))
    assert not true(WordIs("mood", "Hurt"))


def test_an_item_is_had_when_there_is_at_least_one() -> None:
    assert true(Has("key"))
    assert not true(Has("ring"))


def test_a_fragment_is_visited_when_it_was_entered() -> None:
    assert true(Visited("main.hall"))
    assert not true(Visited("main.cellar"))


def test_a_choice_was_chosen_when_it_was_taken() -> None:
    assert true(Chose("main.hall.open"))
    assert not true(Chose("main.hall.shut"))


def test_a_named_condition_means_its_requirement() -> None:
    assert true(Holds("calm"), calm=Not(Holds("wild")), wild=NO)


@pytest.mark.parametrize(
    ("requirement", "result"),
    [
        (All(()), True),
        (All((YES, YES)), True),
        (All((YES, NO)), False),
        (Any(()), False),
        (Any((NO, YES)), True),
        (Any((NO, NO)), False),
        (Not(YES), False),
    ],
)
def test_and_or_and_not_combine(requirement: Requirement, result: bool) -> None:
    assert true(requirement) == result


def test_a_chance_of_0_never_holds_and_one_of_100_always() -> None:
    places = [f"place {index}" for index in range(200)]
    assert not any(true(Chance(0, place)) for place in places)
    assert all(true(Chance(100, place)) for place in places)


def test_a_chance_of_30_holds_in_about_30_of_100_places() -> None:
    held = sum(true(Chance(30, f"place {index}")) for index in range(2_000))
    assert 520 < held < 680


# Draws


def test_draws_differ_by_seed_entry_and_place() -> None:
    size = 10**12
    drawn = [draw(1, 1, "a", size), draw(2, 1, "a", size), draw(1, 2, "a", size)]
    assert len({*drawn, draw(1, 1, "b", size)}) == 4


def test_seed_and_entry_cannot_be_mistaken_for_each_other() -> None:
    assert draw(1, 11, "a", 10**12) != draw(11, 1, "a", 10**12)


def test_draws_are_spread_evenly() -> None:
    counts = Counter(draw(5, entry, "place", 6) for entry in range(6_000))
    assert set(counts) == set(range(6))
    assert all(880 < count < 1_120 for count in counts.values())


def test_a_range_beyond_53_bits_is_drawn_from_to_its_last_bit() -> None:
    odd = sum(draw(5, entry, "place", 2**54) % 2 for entry in range(1_000))
    assert 420 < odd < 580


@pytest.mark.parametrize("size", [0, -1])
def test_there_is_no_draw_from_nothing(size: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        draw(1, 1, "place", size)


def test_a_draw_is_the_same_in_every_process_and_for_ever() -> None:
    code = (
        "from diana_engine.expressions.draw import draw; print(draw(42, 7, 'main.hall#1', 10**6))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert told == {b"%d\n" % draw(42, 7, "main.hall#1", 10**6)}
    # Saved games depend on it: were it to change, players would see other dice after an update.
    assert draw(42, 7, "main.hall#1", 10**6) == 935_188


# Keys


@pytest.mark.parametrize("key", ["garden.gate.open", "garden.gate~3fa2"])
def test_the_key_of_a_choice_says_its_fragment(key: str) -> None:
    assert fragment_of(ChoiceKey(key)) == "garden.gate"
