"""What effects do on entering a fragment, where nothing can be refused."""

from __future__ import annotations

import pytest

from diana_engine.expressions.terms import (
    AddTo,
    Arithmetic,
    Assign,
    Constant,
    Effect,
    Give,
    NumberOf,
    Roll,
    SetFlag,
    SetWord,
    Take,
)
from diana_engine.play.events import Event, ItemChanged, ValueChanged
from diana_engine.play.outcome import Outcome
from diana_engine.program.model import Flag, Item, OneOf, Points, WholeNumber, Words
from strategies.builders import begin, fragment, story

VARIABLES = {
    "besitos": Points(5, maximum=10),
    "trust": WholeNumber(0, -3, 3),
    "met": Flag(),
    "mood": OneOf(("serene", "hurt"), "serene"),
    "nickname": Words("Ana"),
}
ITEMS = {"key": Item("Key"), "coin": Item("Coin", maximum=2)}


def after(*effects: Effect, seed: int = 1) -> Outcome:
    hall = fragment("hall", on_enter=effects)
    return begin(story(hall, variables=VARIABLES, items=ITEMS), seed)


def changes(*effects: Effect) -> list[Event]:
    return [
        event for event in after(*effects).events if isinstance(event, ValueChanged | ItemChanged)
    ]


@pytest.mark.parametrize(
    ("amount", "result"), [(1, 1), (-1, -1), (3, 3), (4, 3), (-3, -3), (-9, -3)]
)
def test_a_number_is_added_to_and_stops_at_its_range(amount: int, result: int) -> None:
    assert after(AddTo("trust", Constant(amount))).state.values["trust"] == result


@pytest.mark.parametrize(("amount", "result"), [(5, 10), (6, 10), (-5, 0), (-6, 0)])
def test_points_stop_at_0_and_at_their_maximum(amount: int, result: int) -> None:
    assert after(AddTo("besitos", Constant(amount))).state.values["besitos"] == result


@pytest.mark.parametrize(
    ("variable", "value", "result"),
    [("trust", 2, 2), ("trust", 9, 3), ("besitos", 7, 7), ("besitos", -1, 0), ("besitos", 11, 10)],
)
def test_what_is_assigned_is_brought_into_its_range(variable: str, value: int, result: int) -> None:
    assert after(Assign(variable, Constant(value))).state.values[variable] == result


def test_flags_and_words_are_set() -> None:
    values = after(
        SetFlag("met", True), SetWord("mood", "hurt"), SetWord("nickname", "Bo")
    ).state.values
    assert (values["met"], values["mood"], values["nickname"]) == (True, "hurt", "Bo")


def test_items_are_given_up_to_their_maximum() -> None:
    given = after(Give("coin"), Give("coin"), Give("coin"), Give("key"), Give("key"))
    assert given.state.items == {"coin": 2, "key": 1}


def test_what_is_absent_is_not_taken_and_what_is_used_up_is_not_listed() -> None:
    assert after(Take("key"), Give("key"), Take("key"), Take("key")).state.items == {}


def test_effects_happen_in_order_and_see_each_other() -> None:
    double = Assign("trust", Arithmetic("*", NumberOf("trust"), Constant(2)))
    one = AddTo("trust", Constant(1))
    assert after(one, double).state.values["trust"] == 2
    assert after(double, one).state.values["trust"] == 1


def test_events_tell_the_real_differences() -> None:
    assert changes(AddTo("besitos", Constant(-9)), Give("key"), Give("key")) == [
        ValueChanged("besitos", 5, 0),
        ItemChanged("key", 0, 1),
    ]


def test_each_effect_that_changes_something_is_an_event_of_its_own() -> None:
    assert changes(SetFlag("met", True), SetFlag("met", True), SetFlag("met", False)) == [
        ValueChanged("met", False, True),
        ValueChanged("met", True, False),
    ]


def test_a_roll_depends_on_the_seed() -> None:
    roll = Assign("besitos", Roll(1, 6, "main.hall"))
    rolled = {after(roll, seed=seed).state.values["besitos"] for seed in range(60)}
    assert rolled == {1, 2, 3, 4, 5, 6}


def test_a_program_that_counts_with_a_flag_is_a_mistake_of_the_compiler() -> None:
    with pytest.raises(TypeError, match="met holds no number"):
        after(Assign("met", Constant(1)))
