"""How a step moves the player through the story."""

from __future__ import annotations

import pytest

from diana_engine.errors import DianaError
from diana_engine.expressions.terms import (
    AddTo,
    Assign,
    Compare,
    Constant,
    FlagIs,
    Give,
    Has,
    NumberOf,
    Roll,
    SetFlag,
    Visited,
    Visits,
)
from diana_engine.play import EndlessPassage, advance, replay, step
from diana_engine.play.actions import Choose, Continue, Start
from diana_engine.play.events import (
    ChoiceTaken,
    EndingReached,
    FragmentEntered,
    Refused,
    Started,
    TurnedAway,
    ValueChanged,
)
from diana_engine.play.rules import PASSAGE_LIMIT, act
from diana_engine.play.rules import begin as walk_from
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.model import Choices, Flag, Gate, Item, Points, Program, WholeNumber
from strategies.builders import (
    begin,
    choice,
    choose,
    ending,
    fragment,
    go_on,
    onward,
    story,
    words,
)

FLAGS = {"met": Flag(), "besitos": Points(), "dice": WholeNumber()}
HERE = Choices((choice("hall.go"), choice("hall.stay", "hall")))


# Beginning


def test_a_play_begins_in_the_first_fragment_with_initial_values_and_nothing_else() -> None:
    outcome = begin(story(fragment("hall"), variables={"besitos": Points(3), "met": Flag(True)}))
    assert outcome.state == PlayerState(
        seed=1,
        fragment="main.hall",
        entry=1,
        values={"besitos": 3, "met": True},
        visits={"main.hall": 1},
    )
    assert outcome.events == (Started(1), FragmentEntered("main.hall", 1))


def test_starting_again_forgets_everything() -> None:
    program = story(fragment("hall", HERE), ending(), variables=FLAGS)
    somewhere = choose(program, begin(program).state, "hall.go").state
    assert step(program, somewhere, Start(9), Moment()) == begin(program, 9)


@pytest.mark.parametrize("action", [Continue(), Choose("main.hall.go")])
def test_who_has_not_begun_can_only_start(action: Continue | Choose) -> None:
    with pytest.raises(ValueError, match="before the story was begun"):
        step(story(fragment("hall")), None, action, Moment())


# Entering


def test_the_visit_counts_before_the_effects_of_entering() -> None:
    hall = fragment("hall", on_enter=(Assign("dice", Visits("main.hall")),))
    outcome = begin(story(hall, variables=FLAGS))
    assert outcome.state.values["dice"] == 1
    assert outcome.events[1:] == (FragmentEntered("main.hall", 1), ValueChanged("dice", 0, 1))


def test_draws_on_entering_belong_to_the_new_entry() -> None:
    roll = Assign("dice", Roll(1, 10**9, "main.hall"))
    program = story(fragment("hall", HERE, on_enter=(roll,)), ending(), variables=FLAGS)
    first = begin(program).state
    second = choose(program, first, "hall.stay").state
    assert first.values["dice"] != second.values["dice"]


def test_an_ending_is_told_when_it_is_reached() -> None:
    program = story(fragment("hall", HERE), ending())
    outcome = choose(program, begin(program).state, "hall.go")
    assert outcome.events[-1] == EndingReached("main.end", "end")


# Gates


def gated(*before: str, **about: object) -> Program:
    """Return a story: hall, then a vault that wants the key, else the street."""
    vault = fragment("vault", gate=Gate(Has("key"), "main.street"), **about)
    door = Choices((choice("hall.enter", "vault", effects=tuple(Give(item) for item in before)),))
    items = {"key": Item("Key")}
    return story(fragment("hall", door), vault, fragment("street"), items=items, variables=FLAGS)


def test_who_meets_the_gate_enters() -> None:
    program = gated("key")
    outcome = choose(program, begin(program).state, "hall.enter")
    assert outcome.state.fragment == "main.vault"


def test_who_does_not_meet_the_gate_lands_elsewhere_and_nothing_counts() -> None:
    program = gated(on_enter=(SetFlag("met", True),))
    outcome = choose(program, begin(program).state, "hall.enter")
    assert outcome.state.fragment == "main.street"
    assert outcome.state.visits == {"main.hall": 1, "main.street": 1}
    assert outcome.state.entry == 2
    assert outcome.state.values["met"] is False
    assert outcome.events[1:] == (
        TurnedAway("main.vault", "main.street"),
        FragmentEntered("main.street", 1),
    )


def test_a_gate_is_tested_before_the_visit_counts() -> None:
    vault = fragment("vault", gate=Gate(Visited("main.vault"), "main.hall"))
    program = story(fragment("hall", Choices((choice("hall.in", "vault"),))), vault)
    assert choose(program, begin(program).state, "hall.in").state.fragment == "main.hall"


def test_one_gate_may_lead_to_another() -> None:
    first = fragment("first", gate=Gate(FlagIs("met"), "main.second"))
    second = fragment("second", gate=Gate(FlagIs("met"), "main.third"))
    outcome = begin(story(first, second, fragment("third"), variables=FLAGS))
    assert outcome.state.fragment == "main.third"


# Going on


def test_a_fragment_with_text_rests_until_the_player_goes_on() -> None:
    program = story(fragment("hall", onward("end")), ending())
    scene = begin(program)
    assert scene.state.fragment == "main.hall"
    assert go_on(program, scene.state).state.fragment == "main.end"


def test_the_first_branch_that_holds_is_taken() -> None:
    way = onward(("a", FlagIs("met")), ("b", Visited("main.hall")), "c")
    program = story(fragment("hall", way), *map(fragment, "abc"), variables=FLAGS)
    assert go_on(program, begin(program).state).state.fragment == "main.b"


def test_the_last_branch_is_taken_when_no_other_holds() -> None:
    program = story(
        fragment("hall", onward(("a", FlagIs("met")), "b")), *map(fragment, "ab"), variables=FLAGS
    )
    assert go_on(program, begin(program).state).state.fragment == "main.b"


def test_going_on_takes_the_reply_off_the_screen() -> None:
    replying = Choices((choice("hall.ask", "room", say=words("Yes.")),))
    program = story(fragment("hall", replying), fragment("room", onward("end")), ending())
    asked = choose(program, begin(program).state, "hall.ask").state
    assert asked.said == "main.hall.ask"
    assert go_on(program, asked).state.said is None


def test_a_fragment_without_text_is_passed_through_in_the_same_step() -> None:
    passage = fragment("passage", onward("end"), text="", on_enter=(SetFlag("met", True),))
    program = story(
        fragment("hall", Choices((choice("hall.go", "passage"),))),
        passage,
        ending(),
        variables=FLAGS,
    )
    outcome = choose(program, begin(program).state, "hall.go")
    assert outcome.state.fragment == "main.end"
    assert outcome.state.entry == 3
    assert outcome.events[1:] == (
        FragmentEntered("main.passage", 1),
        ValueChanged("met", False, True),
        FragmentEntered("main.end", 1),
        EndingReached("main.end", "end"),
    )


def test_a_passage_chooses_its_branch_after_its_own_effects() -> None:
    rich = Compare(">=", NumberOf("besitos"), Constant(1))
    passage = fragment(
        "passage",
        onward(("rich", rich), "poor"),
        text="",
        on_enter=(AddTo("besitos", Constant(1)),),
    )
    program = story(passage, fragment("rich"), fragment("poor"), variables=FLAGS)
    assert begin(program).state.fragment == "main.rich"


def test_a_long_chain_of_passages_is_one_step() -> None:
    chain = [fragment(f"p{n}", onward(f"p{n + 1}"), text="") for n in range(PASSAGE_LIMIT - 1)]
    program = story(*chain, fragment(f"p{PASSAGE_LIMIT - 1}"))
    assert begin(program).state.entry == PASSAGE_LIMIT


@pytest.mark.parametrize(
    "loop",
    [
        [fragment("a", onward("b"), text=""), fragment("b", onward("a"), text="")],
        [
            fragment("a", gate=Gate(FlagIs("met"), "main.b")),
            fragment("b", gate=Gate(FlagIs("met"), "main.a")),
        ],
    ],
    ids=["passages", "gates"],
)
def test_an_endless_passage_is_an_error_that_names_a_fragment_of_it(loop: list) -> None:
    with pytest.raises(EndlessPassage, match="without coming to rest") as endless:
        begin(story(*loop, variables=FLAGS))
    assert endless.value.fragment in ("main.a", "main.b")
    assert isinstance(endless.value, DianaError)


# Refusals


@pytest.mark.parametrize(
    ("place", "action", "refused"),
    [
        (fragment("hall", HERE), Continue(), Refused("nothing to continue")),
        (fragment("hall"), Continue(), Refused("nothing to continue")),
        (ending(), Continue(), Refused("over")),
        (ending(), Choose("main.hall.go"), Refused("over", "main.hall.go")),
        (
            fragment("room", onward("end")),
            Choose("main.hall.go"),
            Refused("no such choice", "main.hall.go"),
        ),
    ],
)
def test_what_cannot_be_done_here_changes_nothing(place, action, refused) -> None:
    program = story(place, *([] if place.id == "main.end" else [ending()]))
    before = begin(program)
    outcome = step(program, before.state, action, Moment())
    assert outcome.state is before.state
    assert outcome.events == (refused,)
    assert outcome.refused == refused
    assert outcome.view == before.view


# The same rules in other dress


def test_advancing_is_a_step_without_the_view() -> None:
    program = story(fragment("hall", HERE), ending())
    state = begin(program).state
    outcome = choose(program, state, "hall.go")
    assert advance(program, state, Choose("main.hall.go"), Moment()) == (
        outcome.state,
        outcome.events,
    )


def test_a_replay_leads_where_the_steps_led_and_passes_over_what_is_refused() -> None:
    program = story(fragment("hall", HERE), ending())
    actions = [Start(1), Choose("main.hall.stay"), Continue(), Choose("main.hall.go")]
    state = None
    for action in actions:
        state = step(program, state, action, Moment()).state
    assert replay(program, actions) == state


def test_a_replay_may_start_anew() -> None:
    program = story(fragment("hall", HERE), ending())
    actions = [Start(1), Choose("main.hall.go"), Start(2)]
    assert replay(program, actions) == begin(program, 2).state


@pytest.mark.parametrize("actions", [[], [Continue()]])
def test_a_replay_begins_with_a_start(actions: list) -> None:
    with pytest.raises(ValueError, match=r"nothing to replay|before the story was begun"):
        replay(story(fragment("hall")), actions)


def test_a_walk_may_go_on_after_its_state_was_taken() -> None:
    program = story(fragment("hall", HERE), ending(), variables=FLAGS)
    walk = walk_from(program, 1)
    first = walk.state()
    assert act(walk, Choose("main.hall.stay")) is None
    assert walk.events == [
        ChoiceTaken("main.hall", "main.hall.stay"),
        FragmentEntered("main.hall", 2),
    ]
    assert act(walk, Continue()) == Refused("nothing to continue")
    assert walk.state() == choose(program, first, "hall.stay").state
    assert first == begin(program).state
