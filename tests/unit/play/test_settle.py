"""What comes at the end of a step: levels, missions and achievements, and what they bring."""

from __future__ import annotations

from typing import Any

from diana_engine.expressions.terms import (
    Achieved,
    AchievementId,
    AddTo,
    Compare,
    Constant,
    Effect,
    Emit,
    FlagIs,
    FragmentId,
    Give,
    GrantVip,
    IsVip,
    ItemId,
    LevelOf,
    MissionId,
    MissionIs,
    NumberOf,
    Requirement,
    SetFlag,
    StartMission,
    Take,
    Unlock,
    VariableId,
)
from diana_engine.play import step
from diana_engine.play.actions import Choose, Combine, Start
from diana_engine.play.events import (
    AchievementUnlocked,
    LevelReached,
    MissionDone,
    MissionExpired,
    Refused,
)
from diana_engine.play.outcome import Outcome
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.model import Choices, Cost, Flag, Item, Points, Program
from diana_engine.program.systems import (
    Achievement,
    Combination,
    CombinationId,
    Level,
    Levels,
    Mission,
    StepCount,
    StepItem,
    StepVisit,
)
from strategies.builders import begin, choice, choose, ending, fragment, story, words

COINS, MET = VariableId("coins"), VariableId("met")
KEY = ItemId("key")


def hall(*choices: Any, **parts: Any) -> Program:
    """Return a program of one hall with these choices, in which one can stay for ever."""
    parts = {
        "variables": {COINS: Points(), MET: Flag()},
        "items": {KEY: Item("Key", maximum=2), ItemId("half"): Item("Half", maximum=3)},
        **parts,
    }
    return story(fragment("hall", Choices(choices)), ending(), **parts)


def stay(name: str, *effects: Effect, **parts: Any) -> Any:
    return choice(f"hall.{name}", "hall", effects=effects, **parts)


def earn(amount: int) -> Effect:
    return AddTo(COINS, Constant(amount))


def achieve(name: str, when: Requirement | None = None, *effects: Effect) -> Achievement:
    return Achievement(AchievementId(name), name, when, effects=effects)


def at_least(coins: int) -> Requirement:
    return Compare(">=", NumberOf(COINS), Constant(coins))


def unlocked(outcome: Outcome) -> list[str]:
    return [one.achievement for one in outcome.events if isinstance(one, AchievementUnlocked)]


def test_spending_never_lowers_a_level_and_earning_again_does_not_reach_it_twice() -> None:
    levels = Levels(COINS, (Level(0), Level(10, effects=(Give(KEY),)), Level(20)))
    program = hall(
        stay("work", earn(10)),
        choice("hall.buy", "hall", cost=Cost(COINS, 10)),
        choice("hall.up", "end", requires=Compare(">=", LevelOf(COINS, (0, 10, 20)), Constant(2))),
        levels=levels,
    )
    begun = begin(program)
    assert [one for one in begun.events if isinstance(one, LevelReached)] == [LevelReached(1)]
    assert begun.view.choices[-1].key != "main.hall.up"
    worked = choose(program, begun.state, "hall.work")
    assert worked.state.level == 2
    bought = choose(program, worked.state, "hall.buy")
    assert bought.state.values[COINS] == 0
    assert (bought.state.level, bought.state.earned[COINS]) == (2, 10)
    assert choose(program, bought.state, "hall.up").view.ending == "end"
    again = choose(program, bought.state, "hall.work")
    assert LevelReached(3) in again.events
    assert LevelReached(2) not in again.events
    assert again.state.items[KEY] == 1


def test_an_achievement_may_bring_what_an_earlier_one_asks_for() -> None:
    program = hall(
        stay("work", earn(1)),
        achievements=(
            achieve("rich", at_least(5), SetFlag(MET, True)),
            achieve("first", at_least(1), earn(4)),
            achieve("known", FlagIs(MET)),
        ),
    )
    worked = choose(program, begin(program).state, "hall.work")
    assert unlocked(worked) == ["first", "rich", "known"]
    assert unlocked(choose(program, worked.state, "hall.work")) == []


def test_what_is_unlocked_by_an_effect_is_granted_once_and_brings_its_effects_at_rest() -> None:
    program = hall(
        stay("look", Unlock(AchievementId("soul"))), achievements=(achieve("soul", None, earn(3)),)
    )
    looked = choose(program, begin(program).state, "hall.look")
    assert looked.state.values[COINS] == 3
    assert choose(program, looked.state, "hall.look").state.values[COINS] == 3


def test_a_choice_that_is_refused_unlocks_starts_grants_and_counts_nothing() -> None:
    effects = (
        earn(3),
        Unlock(AchievementId("soul")),
        StartMission(MissionId("ring")),
        Emit("bell"),
        GrantVip(60),
        Take(KEY),
    )
    program = hall(
        choice("hall.try", "hall", effects=effects, locked=words("No.")),
        achievements=(achieve("soul"),),
        missions=(Mission(MissionId("ring"), "Ring", (StepCount("bell", 2),)),),
        levels=Levels(COINS, (Level(0),)),
    )
    begun = begin(program)
    tried = choose(program, begun.state, "hall.try")
    assert tried.refused is not None
    assert tried.refused.why == "effects"
    assert tried.state == begun.state


def test_a_mission_is_done_when_all_its_steps_hold_and_only_once_it_was_begun() -> None:
    steps = (StepItem(KEY), StepVisit(FragmentId("main.hall"), 3), StepCount("bell"))
    program = hall(
        stay("take", Give(KEY)),
        stay("ring", Emit("bell")),
        stay("accept", StartMission(MissionId("find"))),
        missions=(Mission(MissionId("find"), "Find", steps, effects=(earn(7),)),),
    )
    state = begin(program).state
    for name in ("take", "ring"):
        state = choose(program, state, f"hall.{name}").state
    assert state.missions == {}
    done = choose(program, state, "hall.accept")
    assert MissionDone(MissionId("find"), 1) in done.events
    assert done.state.values[COINS] == 7
    assert choose(program, done.state, "hall.accept").state.values[COINS] == 7


def test_a_mission_that_repeats_counts_anew_and_rests_first() -> None:
    mission = Mission(
        MissionId("ring"), "Ring", (StepCount("bell", 2),), effects=(earn(1),), repeat=True,
        cooldown=100,
    )  # fmt: skip
    program = hall(
        stay("accept", StartMission(MissionId("ring"))),
        stay("ring", Emit("bell")),
        missions=(mission,),
    )

    def act(state: PlayerState, name: str, now: int) -> Outcome:
        return step(program, state, Choose(choice(f"hall.{name}").key), Moment(now))

    state = begin(program).state
    for name in ("accept", "ring", "ring"):
        state = act(state, name, 10).state
    assert state.values[COINS] == 1
    assert act(state, "accept", 50).state.missions == state.missions
    state = act(state, "accept", 110).state
    assert state.missions[MissionId("ring")].active
    state = act(state, "ring", 111).state
    assert state.values[COINS] == 1
    assert act(state, "ring", 112).state.values[COINS] == 2


def test_a_clock_that_was_set_back_brings_no_mission_again_and_takes_no_vip_away() -> None:
    ring = Mission(
        MissionId("ring"), "Ring", (StepCount("bell"),), effects=(earn(1),), expires=60, repeat=True,
        cooldown=100,
    )  # fmt: skip
    program = hall(
        stay("accept", StartMission(MissionId("ring")), GrantVip(60)),
        stay("ring", Emit("bell")),
        missions=(ring,),
    )

    def act(state: PlayerState, name: str, now: int) -> Outcome:
        return step(program, state, Choose(choice(f"hall.{name}").key), Moment(now))

    state = act(act(begin(program).state, "accept", 1_000).state, "ring", 1_000).state
    assert (state.values[COINS], state.vip_until) == (1, 1_060)
    for now in (990, -5):
        state = act(act(state, "accept", now).state, "ring", now).state
    assert (state.values[COINS], state.vip_until) == (1, 1_180)
    state = act(act(state, "accept", 1_100).state, "ring", 1_099).state
    assert (state.values[COINS], state.missions[MissionId("ring")].times) == (2, 2)


def test_a_mission_is_lost_when_its_time_runs_out_and_can_be_begun_again() -> None:
    mission = Mission(MissionId("ring"), "Ring", (StepCount("bell", 2),), expires=60)
    program = hall(
        stay("accept", StartMission(MissionId("ring"))),
        stay("ring", Emit("bell")),
        missions=(mission,),
    )

    def act(state: PlayerState, name: str, now: int) -> Outcome:
        return step(program, state, Choose(choice(f"hall.{name}").key), Moment(now))

    state = act(begin(program).state, "accept", 0).state
    late = act(act(state, "ring", 59).state, "ring", 60)
    assert MissionExpired(MissionId("ring")) in late.events
    assert not late.state.missions[MissionId("ring")].active
    again = act(late.state, "accept", 61)
    assert MissionDone(MissionId("ring"), 1) in again.events


def test_a_mission_that_begins_itself_anew_is_done_once_in_a_step() -> None:
    mission = Mission(
        MissionId("loop"), "Loop", (StepItem(KEY),), effects=(StartMission(MissionId("loop")), earn(1)),
        repeat=True,
    )  # fmt: skip
    program = hall(
        stay("take", Give(KEY), StartMission(MissionId("loop"))), stay("wait"), missions=(mission,)
    )
    taken = choose(program, begin(program).state, "hall.take")
    assert taken.state.values[COINS] == 1
    assert choose(program, taken.state, "hall.wait").state.values[COINS] == 2


def test_an_achievement_may_ask_for_a_mission_and_a_requirement_for_both() -> None:
    mission = MissionId("find")
    program = hall(
        stay("accept", StartMission(mission), Give(KEY)),
        choice("hall.go", "end", requires=Achieved(AchievementId("finder"))),
        missions=(Mission(mission, "Find", (StepItem(KEY),)),),
        achievements=(achieve("finder", MissionIs(mission, "done")),),
    )
    accepted = choose(program, begin(program).state, "hall.accept")
    assert unlocked(accepted) == ["finder"]
    assert choose(program, accepted.state, "hall.go").view.ending == "end"


def test_vip_lasts_until_its_last_second_and_adds_up() -> None:
    program = hall(
        stay("gift", GrantVip(60)),
        choice("hall.door", "end", requires=IsVip(), locked=words("VIP")),
    )

    def act(state: PlayerState, name: str, now: int) -> Outcome:
        return step(program, state, Choose(choice(f"hall.{name}").key), Moment(now))

    state = begin(program).state
    assert act(state, "door", 5).refused is not None
    state = act(act(state, "gift", 10).state, "gift", 20).state
    assert state.vip_until == 130
    assert act(state, "door", 129).refused is None
    assert act(state, "door", 130).refused is not None


def test_a_player_who_begins_anew_stays_vip() -> None:
    program = hall(stay("gift", GrantVip(60)))
    state = step(program, begin(program).state, Choose(choice("hall.gift").key), Moment(10)).state
    assert step(program, state, Start(2), Moment(20)).state.vip_until == 70


def test_combining_uses_up_what_it_takes_and_is_refused_where_nothing_would_come_of_it() -> None:
    whole, half = CombinationId("whole"), ItemId("half")
    program = hall(
        stay("take", Give(half)),
        combinations=(Combination(whole, (half, half), KEY, words("It fits.")),),
    )
    state = begin(program).state

    def combine(state: PlayerState) -> Outcome:
        return step(program, state, Combine(whole), Moment())

    assert combine(state).events == (Refused("items"),)
    for _ in range(3):
        state = choose(program, state, "hall.take").state
    combined = combine(state)
    assert combined.state.items == {half: 1, KEY: 1}
    assert combined.view.said == words("It fits.")
    assert combined.state.entry == state.entry
    assert combine(combined.state).refused is not None
    moved = choose(program, combined.state, "hall.take")
    assert moved.view.said == ()
    full = PlayerState(1, state.fragment, values=state.values, items={half: 3, KEY: 2})
    assert combine(full).events == (Refused("items"),)
