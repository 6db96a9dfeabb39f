"""Who is told to need VIP, and who is only turned away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from diana_engine.expressions.terms import (
    All,
    Compare,
    ConditionId,
    Constant,
    GrantVip,
    Holds,
    IsVip,
    Not,
    NumberOf,
    Requirement,
    VariableId,
)
from diana_engine.play import step
from diana_engine.play.actions import Choose, Continue, Start
from diana_engine.play.state import Moment
from diana_engine.program.model import Choices, Cost, Gate, Points, Program
from diana_engine.runtime.events import catalogue as told
from diana_engine.runtime.events.happened import Happened, happened
from strategies.builders import choice, ending, fragment, onward, story

GOLD, RICH, MEMBER = VariableId("gold"), ConditionId("rich"), ConditionId("member")
IS_RICH = Compare(">=", NumberOf(GOLD), Constant(9))


def lounge(requires: Requirement, **parts: Any) -> Program:
    """A door that asks for something, from a hall where the one choice asks for it too."""
    hall = fragment(
        "hall", Choices((choice("hall.knock", requires=requires), choice("hall.go", "door")))
    )
    door = fragment("door", onward("end"), gate=Gate(requires, ending("out").id), **parts)
    conditions = {RICH: IS_RICH, MEMBER: All((IsVip(), Holds(RICH)))}
    return story(
        hall, door, ending(), ending("out"), variables={GOLD: Points(0)}, conditions=conditions
    )


def tell(program: Program, key: str, *, vip: bool = False) -> list[told.Happening]:
    state = step(program, None, Start(1), Moment(5)).state
    if vip:
        state = replace(state, vip_until=9)
    action = Choose(choice(key).key)
    outcome = step(program, state, action, Moment(5))
    return list(
        happened(Happened(program, action, state, outcome.state, outcome.events, Moment(5)))
    )


@pytest.mark.parametrize("requires", [IsVip(), All((IS_RICH, IsVip())), Holds(MEMBER)])
def test_where_vip_is_asked_for_and_lacking_that_is_told(requires: Requirement) -> None:
    at_the_door = told.VipAccessRequired("main.door", to="main.out")
    assert at_the_door in tell(lounge(requires), "hall.go")
    refused = tell(lounge(requires), "hall.knock")
    assert refused == [
        told.UserInteraction("choose", "requirement"),
        told.VipAccessRequired("main.hall", choice="main.hall.knock"),
    ]


@pytest.mark.parametrize(
    "requires", [IS_RICH, Not(IsVip()), Holds(RICH), All((IS_RICH, Not(IsVip())))]
)
def test_where_something_else_is_lacking_access_is_denied(requires: Requirement) -> None:
    vip = requires == Not(IsVip())
    at_the_door = told.NarrativeAccessDenied("main.door", "requirement", to="main.out")
    assert at_the_door in tell(lounge(requires), "hall.go", vip=vip)
    assert told.NarrativeAccessDenied("main.hall", "requirement", "main.hall.knock") in tell(
        lounge(requires), "hall.knock", vip=vip
    )


def test_who_is_vip_lacks_something_else() -> None:
    both = All((IsVip(), IS_RICH))
    at_the_door = told.NarrativeAccessDenied("main.door", "requirement", to="main.out")
    assert at_the_door in tell(lounge(both), "hall.go", vip=True)


def test_a_price_that_cannot_be_paid_is_an_access_denied() -> None:
    hall = fragment("hall", Choices((choice("hall.buy", cost=Cost(GOLD, 3)),)))
    program = story(hall, ending(), variables={GOLD: Points(1)})
    assert tell(program, "hall.buy") == [
        told.UserInteraction("choose", "cost"),
        told.NarrativeAccessDenied("main.hall", "cost", "main.hall.buy"),
    ]


def test_other_refusals_are_interactions_and_nothing_more() -> None:
    program = lounge(IsVip())
    state = step(program, None, Start(1), Moment(5)).state
    outcome = step(program, state, Continue(), Moment(5))
    [only] = happened(
        Happened(program, Continue(), state, outcome.state, outcome.events, Moment(5))
    )
    assert only == told.UserInteraction("continue", "nothing to continue")


def test_vip_that_is_granted_on_the_way_counts_behind_the_place_where_it_was() -> None:
    hall = fragment("hall", Choices((choice("hall.go", "gift"),)))
    gift = fragment("gift", onward("door"), "", on_enter=(GrantVip(60),))
    door = fragment("door", onward("end"), gate=Gate(All((IsVip(), IS_RICH)), ending("out").id))
    program = story(hall, gift, door, ending(), ending("out"), variables={GOLD: Points(0)})
    assert told.NarrativeAccessDenied("main.door", "requirement", to="main.out") in tell(
        program, "hall.go"
    )
