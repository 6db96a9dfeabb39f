"""Which choices can be taken, and what taking one does."""

from __future__ import annotations

import pytest

from diana_engine.expressions.terms import (
    AddTo,
    Assign,
    Chance,
    Constant,
    FlagIs,
    Give,
    NumberOf,
    Roll,
    SetFlag,
    Take,
)
from diana_engine.play import step
from diana_engine.play.actions import Choose
from diana_engine.play.choices import available
from diana_engine.play.events import (
    ChoiceTaken,
    FragmentEntered,
    ItemChanged,
    Refused,
    ValueChanged,
)
from diana_engine.play.outcome import Outcome
from diana_engine.play.rules import act
from diana_engine.play.rules import begin as walk_from
from diana_engine.play.state import Moment
from diana_engine.program.model import Choices, Cost, Flag, Item, Points, Program, WholeNumber
from strategies.builders import begin, choice, choose, ending, fragment, story, words

VARIABLES = {"besitos": Points(5, 10), "trust": WholeNumber(0, -3, 3), "met": Flag()}


def hall(**about: object) -> Program:
    """Return a story whose first fragment offers one choice, `main.hall.go`."""
    offered = Choices((choice("hall.go", "hall", **about),))
    items = {"key": Item("Key"), "ring": Item("Ring")}
    return story(fragment("hall", offered), variables=VARIABLES, items=items)


def go(**about: object) -> Outcome:
    program = hall(**about)
    return choose(program, begin(program).state, "hall.go")


def why(outcome: Outcome) -> str | None:
    return outcome.refused.why if outcome.refused else None


def spend(amount: int) -> AddTo:
    return AddTo("besitos", Constant(-amount))


def test_a_choice_without_any_conditions_can_be_taken() -> None:
    assert go().refused is None


def test_a_choice_is_refused_while_its_requirement_is_not_met() -> None:
    assert why(go(requires=FlagIs("met"))) == "requirement"


def test_a_choice_can_be_taken_once_when_it_says_so() -> None:
    program = hall(once=True)
    first = choose(program, begin(program).state, "hall.go")
    second = choose(program, first.state, "hall.go")
    assert first.refused is None
    assert why(second) == "already taken"


def test_any_other_choice_can_be_taken_again_and_is_counted() -> None:
    program = hall()
    first = choose(program, begin(program).state, "hall.go")
    assert choose(program, first.state, "hall.go").state.chosen == {"main.hall.go": 2}


@pytest.mark.parametrize(("amount", "refused"), [(4, None), (5, None), (6, "cost")])
def test_a_cost_must_be_payable(amount: int, refused: str | None) -> None:
    assert why(go(cost=Cost("besitos", amount))) == refused


def test_a_cost_is_paid() -> None:
    assert go(cost=Cost("besitos", 2)).state.values["besitos"] == 3


@pytest.mark.parametrize(("amount", "refused"), [(3, None), (4, "effects")])
def test_effects_must_be_payable_after_the_cost(amount: int, refused: str | None) -> None:
    assert why(go(cost=Cost("besitos", 2), effects=(spend(amount),))) == refused


def test_effects_are_tried_in_their_order() -> None:
    earn = AddTo("besitos", Constant(3))
    assert why(go(effects=(earn, spend(8)))) is None
    assert why(go(effects=(spend(8), earn))) == "effects"


def test_points_that_stop_at_their_maximum_are_not_kept_for_later_effects() -> None:
    earn = AddTo("besitos", Constant(9))
    assert why(go(effects=(earn, spend(11)))) == "effects"


def test_points_cannot_be_set_below_0() -> None:
    assert why(go(effects=(Assign("besitos", Constant(-1)),))) == "effects"


def test_an_amount_may_come_from_a_variable_that_an_earlier_effect_changed() -> None:
    raise_trust = Assign("trust", Constant(3))
    negated = AddTo("besitos", NumberOf("trust"))
    assert go(effects=(raise_trust, negated)).state.values["besitos"] == 8


def test_a_number_that_would_leave_its_range_refuses_nothing() -> None:
    assert go(effects=(AddTo("trust", Constant(-9)),)).state.values["trust"] == -3


def test_an_item_that_is_absent_cannot_be_taken() -> None:
    assert why(go(effects=(Take("key"),))) == "effects"


def test_an_item_that_is_there_cannot_be_taken_twice() -> None:
    assert why(go(effects=(Give("key"), Take("key"), Take("key")))) == "effects"


def test_an_item_that_was_given_just_before_can_be_taken() -> None:
    assert go(effects=(Give("key"), Take("key"))).state.items == {}


def test_giving_beyond_the_maximum_refuses_nothing() -> None:
    assert go(effects=(Give("key"), Give("key"))).state.items == {"key": 1}


def test_effects_are_all_done_or_none() -> None:
    program = hall(
        effects=(SetFlag("met", True), Give("ring"), AddTo("besitos", Constant(1)), Take("key"))
    )
    before = begin(program).state
    outcome = choose(program, before, "hall.go")
    assert why(outcome) == "effects"
    assert outcome.state is before
    assert before.values == {"besitos": 5, "trust": 0, "met": False}
    assert before.items == {}
    assert before.chosen == {}


def test_a_requirement_is_asked_before_the_cost_and_the_cost_before_the_effects() -> None:
    dear, impossible = Cost("besitos", 9), (Take("key"),)
    assert why(go(requires=FlagIs("met"), cost=dear, effects=impossible)) == "requirement"
    assert why(go(cost=dear, effects=impossible)) == "cost"


def test_a_choice_that_is_not_here_is_refused_by_name() -> None:
    program = hall()
    refused = choose(program, begin(program).state, "cellar.go").refused
    assert refused is not None
    assert (refused.why, refused.choice) == ("no such choice", "main.cellar.go")


def test_the_same_roll_decides_whether_a_choice_is_shown_and_what_it_does() -> None:
    lose = AddTo("besitos", Roll(-8, -2, "main.hall.go"))
    program = hall(effects=(lose,))
    accepted = 0
    for seed in range(50):
        scene = begin(program, seed)
        [view] = scene.view.choices or [None]
        outcome = choose(program, scene.state, "hall.go")
        assert (view is None) == (outcome.refused is not None)
        if outcome.refused is None:
            accepted += 1
            assert 0 <= outcome.state.values["besitos"] <= 3
    assert 0 < accepted < 50


def test_a_chance_stays_what_it_is_until_the_player_moves() -> None:
    lucky = Choices(
        (choice("hall.luck", requires=Chance(30, "main.hall.luck")), choice("hall.stay", "hall"))
    )
    program = story(fragment("hall", lucky), ending())
    state = begin(program, 3).state
    decided = []
    for _ in range(60):
        tries = {why(choose(program, state, "hall.luck")) for _ in range(3)}
        assert len(tries) == 1
        decided += tries
        state = choose(program, state, "hall.stay").state
    assert set(decided) == {None, "requirement"}


def test_taking_a_choice_tells_its_name_then_the_cost_the_effects_and_where_it_led() -> None:
    outcome = go(cost=Cost("besitos", 2), effects=(Give("key"), SetFlag("met", True)))
    assert outcome.events == (
        ChoiceTaken("main.hall", "main.hall.go"),
        ValueChanged("besitos", 5, 3),
        ItemChanged("key", 0, 1),
        ValueChanged("met", False, True),
        FragmentEntered("main.hall", 2),
    )


def test_the_reply_of_a_choice_is_said_until_the_next_step() -> None:
    offered = Choices((choice("hall.ask", "hall", say=words("Yes.")), choice("hall.go", "hall")))
    program = story(fragment("hall", offered))
    asked = choose(program, begin(program).state, "hall.ask").state
    assert asked.said == "main.hall.ask"
    assert choose(program, asked, "hall.go").state.said is None


def test_a_step_does_not_change_the_state_from_which_it_starts() -> None:
    program = hall(cost=Cost("besitos", 1), effects=(Give("key"), SetFlag("met", True)))
    before = begin(program).state
    step(program, before, Choose("main.hall.go"), Moment())
    assert before == begin(program).state


def test_the_available_choices_are_those_that_would_be_accepted() -> None:
    offered = Choices(
        (
            choice("hall.free"),
            choice("hall.dear", cost=Cost("besitos", 6)),
            choice("hall.cheap", cost=Cost("besitos", 5)),
            choice("hall.shut", requires=FlagIs("met"), locked=words("Shut.")),
        )
    )
    walk = walk_from(story(fragment("hall", offered), ending(), variables=VARIABLES), 1)
    assert [each.key for each in available(walk)] == ["main.hall.free", "main.hall.cheap"]


def test_trying_one_choice_does_not_change_what_the_next_one_finds() -> None:
    offered = Choices(
        (
            choice("hall.all", effects=(spend(5),)),
            choice("hall.more", effects=(spend(1), Take("key"))),
            choice("hall.pay", cost=Cost("besitos", 5)),
        )
    )
    program = story(
        fragment("hall", offered), ending(), variables=VARIABLES, items={"key": Item("Key")}
    )
    everything, pay = begin(program).view.choices
    assert (everything.key, everything.lock) == ("main.hall.all", None)
    assert (pay.lock, pay.price and pay.price.balance) == (None, 5)


def test_a_choice_that_spends_one_point_too_many_is_not_shown() -> None:
    program = hall(cost=Cost("besitos", 5), effects=(spend(1),))
    assert begin(program).view.choices == ()


def test_a_refused_choice_leaves_a_walk_where_it_was() -> None:
    offered = (choice("hall.go", "hall", effects=(spend(1), Give("ring"), Take("key"))),)
    items = {"key": Item("Key"), "ring": Item("Ring")}
    walk = walk_from(story(fragment("hall", Choices(offered)), variables=VARIABLES, items=items), 1)
    before = walk.state()
    assert act(walk, Choose("main.hall.go")) == Refused("effects", "main.hall.go")
    assert walk.state() == before
    assert walk.events == []
