"""What is told of a play is what happened in it, and its timers are those that the play stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diana_engine.database.ports.timers import CancelTimer, SetTimer
from diana_engine.play import events as play
from diana_engine.play import step
from diana_engine.play.actions import Action, Start
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.model import Points, Program, Words
from diana_engine.runtime.deciding.consequences import consequences
from diana_engine.runtime.events import catalogue as told
from diana_engine.runtime.events.catalogue import as_event, read_event
from diana_engine.runtime.events.happened import Happened, happened
from diana_engine.runtime.scheduler.timing import DAILY, Standing, planned, timer_changes
from strategies.programs import lively, pick, plays, programs
from strategies.rewarded import rewarded

DAWN = 1_700_000_000
many = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def hurried(draw: st.DrawFn) -> Program:
    """Return a program with missions that expire, where a day means something."""
    program = draw(rewarded())
    missions = tuple(
        replace(one, expires=draw(st.sampled_from([None, 1_800, 9_000])), kind="daily")
        for one in program.missions
    )
    return replace(program, missions=missions, time_zone="Europe/Madrid")


ANY = lively(timed=True) | programs(flow=True, lives=True, timed=True) | hurried()


def played(program: Program, numbers: list[int]) -> Iterator[Happened]:
    """Play from the beginning, and yield each step. Time passes, now and then backwards."""
    now, state = DAWN, None
    for number in (0, *numbers):
        now += (number % 11 - 2) * 1_800
        action: Action = Start(7) if state is None else pick(program, state, number, Moment(now))
        outcome = step(program, state, action, Moment(now))
        yield Happened(program, action, state, outcome.state, outcome.events, Moment(now))
        state = outcome.state


class Heard(NamedTuple):
    """What somebody knows who only hears events."""

    values: dict[str, Any]
    items: Counter[str]
    visits: Counter[str]
    chosen: Counter[str]
    facts: dict[str, Any]


def listen(step: Happened, heard: Heard) -> Heard:
    """Hear what is told of one step."""
    for one in happened(step):
        match one:
            case told.StoryStarted():
                initial = {name: one.initial for name, one in step.program.variables.items()}
                facts = {"vip": heard.facts.get("vip", 0), "level": 0, "achieved": set()}
                heard = Heard(initial, Counter(), Counter(), Counter(), facts)
            case told.PointsAwarded(points, amount, balance):
                assert amount > 0
                heard.values[points] += amount
                assert heard.values[points] == balance
            case told.PointsSpent(points, amount, balance):
                assert amount > 0
                heard.values[points] -= amount
                assert heard.values[points] == balance
            case told.VariableChanged(variable, before, after):
                if not isinstance(step.program.variables[variable], Words):
                    assert heard.values[variable] == before != after
                    heard.values[variable] = after
            case told.ItemChanged(item, before, after):
                assert heard.items[item] == before != after
                heard.items[item] = after
            case told.NarrativeProgress(fragment, visits):
                heard.visits[fragment] += 1
                assert heard.visits[fragment] == visits
            case told.NarrativeDecision(_, choice):
                heard.chosen[choice] += 1
            case told.LevelUp(level):
                heard.facts["level"] = level
            case told.AchievementUnlocked(achievement):
                assert achievement not in heard.facts["achieved"]
                heard.facts["achieved"].add(achievement)
            case told.VipGranted(before, until):
                assert heard.facts["vip"] == before
                heard.facts["vip"] = until
            case _:
                pass
    return heard


@many
@given(ANY, plays)
def test_who_only_hears_events_knows_what_the_player_has(
    program: Program, numbers: list[int]
) -> None:
    heard = Heard({}, Counter(), Counter(), Counter(), {})
    for one in played(program, numbers):
        heard = listen(one, heard)
        state = one.after
        known = {
            name: value
            for name, value in state.values.items()
            if not isinstance(program.variables[name], Words)
        }
        assert {name: heard.values[name] for name in known} == known
        assert +heard.items == Counter(state.items)
        assert heard.visits == Counter(state.visits)
        assert heard.chosen == Counter(state.chosen)
        assert (heard.facts["vip"], heard.facts["level"], heard.facts["achieved"]) == (
            state.vip_until, state.level, set(state.achieved),
        )  # fmt: skip


@many
@given(ANY, plays)
def test_each_thing_that_happened_is_told_by_one_event_after_what_the_player_did(
    program: Program, numbers: list[int]
) -> None:
    for one in played(program, numbers):
        first, *others = happened(one)
        assert isinstance(first, told.UserInteraction)
        if one.events and isinstance(one.events[0], play.Refused):
            assert first.outcome == one.events[0].why
            denied = first.outcome in ("requirement", "cost", "effects", "items")
            assert len(others) == denied
            assert one.after == one.before
        else:
            assert first.outcome == "done"
            assert len(others) == len(one.events)


@many
@given(ANY, plays)
def test_an_event_is_read_as_it_was_told_and_tells_nothing_that_was_typed(
    program: Program, numbers: list[int]
) -> None:
    texts = [name for name, one in program.variables.items() if isinstance(one, Words)]
    for one in played(program, numbers):
        for happening in happened(one):
            stored = as_event(happening, "update:7")
            assert read_event(stored) == happening
            if isinstance(happening, told.VariableChanged) and happening.variable in texts:
                assert (happening.before, happening.after) == (None, None)


def since(state: PlayerState | None, program: Program, at: int) -> Standing | None:
    """Return where a player stood; the last change was at `at`."""
    return None if state is None else Standing(program, state, at)


@many
@given(ANY, plays, st.randoms(use_true_random=False))
def test_the_timers_are_those_of_the_state_but_for_what_has_fired(
    program: Program, numbers: list[int], luck: Any
) -> None:
    table: dict[str, SetTimer] = {}
    fired: list[SetTimer] = []
    at = DAWN
    for one in played(program, numbers):
        if one.after is not one.before:
            now = one.moment.now
            before = since(one.before, program, at)
            for change in timer_changes(before, Standing(program, one.after, now)):
                match change:
                    case SetTimer(key):
                        table[key] = change
                    case CancelTimer(key):
                        table.pop(key, None)
            at = now
        stands = dict(planned(program, one.after))
        there = {key: timer for key, timer in table.items() if key != DAILY}
        assert {key: stands[key] for key in there} == there
        assert all(stands[key] in fired for key in stands.keys() - there.keys())
        for key, timer in list(table.items()):
            if timer.due_at <= one.moment.now and luck.random() < 0.5:
                fired.append(table.pop(key))


@many
@given(hurried(), plays)
def test_points_are_told_with_a_reason_that_happened_before_them(
    program: Program, numbers: list[int]
) -> None:
    for one in played(program, numbers):
        said = {"start", "choose", "continue", "answer", "combine", "skip"}
        for happening in happened(one):
            match happening:
                case told.NarrativeDecision(_, choice):
                    said.add(f"choice:{choice}")
                case told.NarrativeProgress(fragment):
                    said.add(f"fragment:{fragment}")
                case told.QuestionAnswered(fragment):
                    said.add(f"answer:{fragment}")
                case told.WaitSkipped(fragment):
                    said.add(f"skip:{fragment}")
                case told.ItemsCombined(combination):
                    said.add(f"combination:{combination}")
                case told.IncomeEarned(source):
                    said.add(f"income:{source}")
                case told.LevelUp(level):
                    said.add(f"level:{level}")
                case told.AchievementUnlocked(achievement):
                    said.add(f"achievement:{achievement}")
                case told.WorkflowCompleted("mission", mission):
                    said.add(f"mission:{mission}")
                case told.PointsAwarded() | told.PointsSpent():
                    assert happening.reason in said
                case _:
                    pass


@many
@given(ANY, plays)
def test_the_ledger_of_a_play_is_the_points_that_the_player_has(
    program: Program, numbers: list[int]
) -> None:
    ledger: Counter[str] = Counter()
    for one in played(program, numbers):
        for entry in consequences(one, since(one.before, program, DAWN)).entries:
            assert entry.amount != 0
            ledger[entry.points] += entry.amount
        points = {name for name, kind in program.variables.items() if isinstance(kind, Points)}
        assert {name: ledger[name] for name in points} == {
            name: one.after.values[name] for name in points
        }
