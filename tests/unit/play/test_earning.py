"""Income: what is done outside the story earns points in it, so often a day of the player's own, with time between."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from diana_engine.expressions.terms import MissionId, VariableId
from diana_engine.play import step
from diana_engine.play.actions import Earn, Start
from diana_engine.play.earning import DAY
from diana_engine.play.events import Earned, LevelReached, ValueChanged
from diana_engine.play.outcome import Outcome
from diana_engine.play.saved import decode_state, encode_state
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.model import Choices, Points, Program
from diana_engine.program.systems import Around, Income, Level, Levels, Mission, StepCount
from strategies.builders import choice, ending, fragment, story

COINS = VariableId("coins")
HOUR = 3_600


def paying(maximum: int = 1_000, **income: Income) -> Program:
    """Return a story in which what is done outside earns coins."""
    program = story(
        fragment("start", Choices((choice("start.leave"),))),
        ending(),
        variables={COINS: Points(0, maximum)},
    )
    return replace(program, around=Around(income=income))


def begun(program: Program) -> PlayerState:
    return step(program, None, Start(0), Moment()).state


def earn(
    program: Program, state: PlayerState, source: str, now: int = 0, offset: int = 0
) -> Outcome:
    return step(program, state, Earn(source), Moment(now, offset))


def why(outcome: Outcome) -> str | None:
    return None if outcome.refused is None else outcome.refused.why


def test_an_income_earns_its_points_and_says_so() -> None:
    program = paying(message=Income(COINS, 3))
    outcome = earn(program, begun(program), "message")
    assert outcome.state.values[COINS] == 3
    assert outcome.events == (Earned("message"), ValueChanged(COINS, 0, 3))


def test_what_the_story_does_not_pay_for_earns_nothing() -> None:
    program = paying(message=Income(COINS, 3))
    outcome = earn(program, begun(program), "poll")
    assert why(outcome) == "no such income"
    assert outcome.state == begun(program)


def test_an_income_rests_for_its_cooldown() -> None:
    program = paying(message=Income(COINS, 3, cooldown=HOUR))
    state = earn(program, begun(program), "message", 10).state
    assert why(earn(program, state, "message", 9 + HOUR)) == "too soon"
    assert earn(program, state, "message", 10 + HOUR).state.values[COINS] == 6


def test_an_income_comes_so_often_a_day_at_most() -> None:
    program = paying(message=Income(COINS, 3, daily=2))
    state = begun(program)
    for now in (10, 20):
        state = earn(program, state, "message", now).state
    assert why(earn(program, state, "message", DAY - 1)) == "enough today"
    assert earn(program, state, "message", DAY).state.values[COINS] == 9


def test_a_day_begins_by_the_clock_of_the_player() -> None:
    program = paying(check_in=Income(COINS, 5))
    state = earn(program, begun(program), "check_in", 23 * HOUR, offset=0).state
    assert why(earn(program, state, "check_in", 23 * HOUR + 60, offset=0)) == "enough today"
    assert why(earn(program, state, "check_in", 23 * HOUR + 60, offset=2 * HOUR)) is None


def test_a_clock_that_goes_west_brings_no_day_back() -> None:
    program = paying(check_in=Income(COINS, 5))
    state = earn(program, begun(program), "check_in", 2 * DAY + 60).state
    assert why(earn(program, state, "check_in", 2 * DAY + 120, offset=-HOUR)) == "enough today"
    assert why(earn(program, state, "check_in", 3 * DAY + HOUR, offset=-HOUR)) is None


def test_a_clock_that_was_set_back_earns_nothing_twice() -> None:
    program = paying(check_in=Income(COINS, 5))
    state = earn(program, begun(program), "check_in", 2 * DAY).state
    assert why(earn(program, state, "check_in", DAY)) == "too soon"
    assert why(earn(program, state, "check_in", -DAY)) == "too soon"
    assert why(earn(program, state, "check_in", 3 * DAY)) is None


def test_to_check_in_is_once_a_day_where_nothing_else_is_said() -> None:
    program = paying(check_in=Income(COINS, 5), daily_gift=Income(COINS, 1), post=Income(COINS, 1))
    for source, again in (
        ("check_in", "enough today"),
        ("daily_gift", "enough today"),
        ("post", None),
    ):
        state = earn(program, begun(program), source).state
        assert why(earn(program, state, source)) == again


def test_points_stop_at_their_most() -> None:
    program = paying(maximum=4, message=Income(COINS, 3))
    state = earn(program, begun(program), "message").state
    assert earn(program, state, "message").state.values[COINS] == 4


def test_income_counts_for_levels_and_missions() -> None:
    program = replace(
        paying(message=Income(COINS, 3)),
        levels=Levels(COINS, (Level(0), Level(3))),
        missions=(Mission(MissionId("chat"), "Chat", (StepCount("message"),)),),
    )
    outcome = earn(program, begun(program), "message")
    assert LevelReached(2) in outcome.events
    assert outcome.state.tally == {"message": 1}


def test_beginning_anew_does_not_bring_the_day_back() -> None:
    program = paying(check_in=Income(COINS, 5))
    state = earn(program, begun(program), "check_in").state
    anew = step(program, state, Start(1), Moment()).state
    assert anew.values[COINS] == 0
    assert why(earn(program, anew, "check_in")) == "enough today"


@given(st.lists(st.tuples(st.integers(0, 30 * HOUR), st.integers(-12, 14)), max_size=30))
def test_nobody_earns_more_often_than_days_and_cooldowns_allow(
    clock: list[tuple[int, int]],
) -> None:
    program = paying(10**6, message=Income(COINS, 1, cooldown=HOUR, daily=3))
    state, now, times = begun(program), 0, list[tuple[int, int]]()
    for passed, hours in clock:
        now += passed
        outcome = earn(program, state, "message", now, hours * HOUR)
        if outcome.refused is None:
            times.append((now, (now + hours * HOUR) // DAY))
        state = outcome.state
        assert decode_state(encode_state(state)) == state
    assert state.values[COINS] == len(times)
    assert all(later - sooner >= HOUR for (sooner, _), (later, _) in pairwise(times))
    days = [day for _, day in times]
    highest = [max(days[: index + 1]) for index in range(len(days))]
    assert all(highest.count(day) <= 3 for day in highest)
