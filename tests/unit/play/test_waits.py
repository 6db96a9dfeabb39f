"""Waiting, paying for not waiting, being reminded, and how long ago something was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from diana_engine.expressions.durations import seconds_of, spelled
from diana_engine.expressions.terms import Compare, Constant, FragmentId, HoursSince, VariableId
from diana_engine.expressions.text import plain
from diana_engine.play import look, step
from diana_engine.play.actions import Action, Choose, Continue, Skip, Start
from diana_engine.play.events import ReminderSet, WaitBegan
from diana_engine.play.outcome import Outcome
from diana_engine.play.scene import reminder
from diana_engine.play.state import Moment, PlayerState, Waiting
from diana_engine.program.model import Choices, Cost, Points, Program, Remind, Wait
from strategies.builders import choice, ending, fragment, onward, story, words

GOLD = VariableId("gold")
DAY = 86_400


def sown(gold: int = 5, **parts: Any) -> Program:
    """A seed that takes a day to grow, then two; the first can be paid off."""
    wait = Wait(DAY, Cost(GOLD, 3))
    plant = choice("hall.plant", "sprout", wait=wait, say=words("It is sown."), **parts)
    sprout = fragment(
        "sprout", replace(onward("end"), wait=Wait(2 * DAY)), remind=Remind(60, words("Look!"))
    )
    hall = fragment("hall", Choices((plant,)), remind=Remind(7, words("Plant it.")))
    return story(hall, sprout, ending(), variables={GOLD: Points(gold)})


def played(program: Program, *steps: tuple[int, Action]) -> Outcome:
    """Begin at 0 and do each action at its time."""
    outcome = step(program, None, Start(1), Moment())
    for when, action in steps:
        outcome = step(program, outcome.state, action, Moment(when))
    return outcome


PLANT = (0, Choose(choice("hall.plant").key))


def test_a_choice_that_takes_time_leads_on_when_it_is_over() -> None:
    program = sown()
    begun = played(program, PLANT)
    assert plain(begun.view.said) == "It is sown."
    assert (begun.view.text, begun.view.choices, begun.view.can_continue) == ((), (), False)
    assert begun.view.wait is not None
    assert begun.view.wait.left == DAY
    assert WaitBegan(FragmentId("main.hall"), PLANT[1].choice, DAY) in begun.events
    assert look(program, begun.state, Moment(DAY)).can_continue
    there = played(program, PLANT, (DAY, Continue()))
    assert there.state.fragment == "main.sprout"
    assert there.state.waiting == Waiting(3 * DAY)
    assert played(program, PLANT, (DAY, Continue()), (3 * DAY, Continue())).view.ending == "end"


def test_going_on_too_early_is_refused_with_the_time_that_is_left() -> None:
    early = played(sown(), PLANT, (DAY - 10, Continue()))
    assert early.refused is not None
    assert early.refused.why == "waiting"
    assert early.view.wait is not None
    assert early.view.wait.left == 10


def test_the_price_of_not_waiting_is_paid_at_once_or_not_at_all() -> None:
    paid = played(sown(), PLANT, (5, Skip()))
    assert (paid.state.fragment, paid.state.values[GOLD]) == ("main.sprout", 2)
    poor = played(sown(gold=2), PLANT, (5, Skip()))
    assert poor.refused is not None
    assert poor.refused.why == "cost"
    assert poor.state.values[GOLD] == 2


def test_nobody_pays_for_a_wait_that_is_over_or_that_has_no_price() -> None:
    late = played(sown(), PLANT, (DAY, Skip()))
    assert (late.state.fragment, late.state.values[GOLD]) == ("main.sprout", 5)
    nothing = played(sown(), PLANT, (DAY, Continue()), (DAY, Skip())).refused
    assert nothing is not None
    assert nothing.why == "nothing to skip"


def test_a_reminder_counts_from_when_the_player_can_go_on_and_goes_when_something_is_done() -> None:
    program = sown(remind=Remind(9, words("It has grown.")))
    begun = played(program)
    assert begun.state.remind_at == 7
    assert plain(reminder(program, begun.state, Moment(7))) == "Plant it."
    sowing = played(program, PLANT)
    assert sowing.state.remind_at == DAY + 9
    assert plain(reminder(program, sowing.state, Moment(DAY + 9))) == "It has grown."
    there = played(program, PLANT, (DAY + 3, Continue()))
    assert ReminderSet(FragmentId("main.sprout"), 3 * DAY + 63) in there.events
    over = played(program, PLANT, (DAY, Continue()), (3 * DAY, Continue()))
    assert (over.state.remind_at, reminder(program, over.state, Moment())) == (None, ())
    assert played(sown(), PLANT).state.remind_at is None


def test_hours_are_whole_and_count_from_the_last_visit_and_are_none_before_it() -> None:
    well = FragmentId("main.well")
    asked = Compare(">=", HoursSince(well), Constant(8))
    drink = choice("hall.drink", "well", requires=asked, locked=words("Not yet."))
    hall = fragment("hall", Choices((drink, choice("hall.go", "well"))))
    program = story(hall, fragment("well", onward("hall")), timed=(well,))

    def locked(state: PlayerState, when: int) -> bool:
        return look(program, state, Moment(when)).choices[0].lock is not None

    new = played(program)
    assert locked(new.state, 10**9)
    been = played(program, (50, Choose(choice("hall.go").key)), (60, Continue()))
    assert been.state.entered == {well: 50}
    assert [locked(been.state, 50 + 8 * 3_600 + n) for n in (-1, 0, 1)] == [True, False, False]
    assert locked(been.state, 0), "a clock that was set back gives no hours"


@pytest.mark.parametrize("seconds", [1, 30, 900, 28_800, 172_800, 90_000, 86_401])
def test_a_time_is_spelled_as_it_is_written(seconds: int) -> None:
    assert seconds_of(spelled(seconds)) == seconds
