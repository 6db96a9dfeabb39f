"""Where players go when their story changes under them, one case at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from diana_engine.expressions import terms
from diana_engine.expressions.terms import ChoiceKey, FragmentId, ItemId, VariableId
from diana_engine.play import look, step
from diana_engine.play.actions import Choose, Continue, Start
from diana_engine.play.carrying import Carried, Left, carry, passage
from diana_engine.play.events import ItemChanged, ValueChanged
from diana_engine.play.state import MissionRun, Moment, PlayerState, Waiting
from diana_engine.program import model, systems
from diana_engine.program.model import Branch, Call, Choices, Gate, Item, Points, Program, Return
from strategies.builders import choice, ending, fragment, onward, story, words

NOW = Moment(1_000)
GOLD, COINS, KEY = VariableId("gold"), VariableId("coins"), ItemId("key")


def id_(name: str) -> FragmentId:
    return FragmentId(f"main.{name}")


def begun(program: Program, *names: str) -> PlayerState:
    """Return the state after these choices; an empty name is *Continue*."""
    state = step(program, None, Start(1), NOW).state
    for name in names:
        action = Choose(ChoiceKey(f"main.{name}")) if name else Continue()
        outcome = step(program, state, action, NOW)
        assert outcome.refused is None, outcome.refused
        state = outcome.state
    return state


def moved(old: Program, new: Program, state: PlayerState, policy: Any = None) -> Carried:
    there = carry(passage(old, new, policy), state, NOW)
    assert isinstance(there, Carried), there
    return there


def grown(program: Program, **lines: Any) -> Program:
    return replace(program, growth=systems.Growth(**lines))


def hall(*choices: model.Choice, **parts: Any) -> model.Fragment:
    return fragment("hall", Choices(choices or (choice("hall.go"),)), **parts)


# Where they stand


def test_whose_fragment_is_gone_enters_where_the_rule_says():
    old = story(hall(choice("hall.go", "yard")), fragment("yard", onward("end")), ending())
    well = fragment("well", onward("end"), on_enter=(terms.AddTo(GOLD, terms.Constant(2)),))
    new = grown(
        story(hall(choice("hall.go", "well")), well, ending(), variables={GOLD: Points(1)}),
        removed={id_("yard"): id_("well")},
    )
    there = moved(old, new, begun(old, "hall.go"))
    assert there.state.fragment == id_("well")
    assert there.state.visits[id_("well")] == 1
    assert there.state.values[GOLD] == 3


def test_whose_fragment_is_gone_without_a_rule_is_left():
    old = story(hall(choice("hall.go", "yard")), fragment("yard", onward("end")), ending())
    new = story(hall(), ending())
    assert carry(passage(old, new), begun(old, "hall.go"), NOW) == Left("gone", id_("yard"))


def test_who_would_have_nothing_to_do_is_left():
    old = story(hall(), ending())
    new = story(hall(choice("hall.go", requires=terms.IsVip())), ending())
    assert carry(passage(old, new), begun(old), NOW) == Left("stuck", id_("hall"))


def test_who_is_pinned_is_left_whatever_changed():
    old = story(hall(), ending())
    assert carry(passage(old, old, "pin"), begun(old), NOW) == Left("pinned", id_("hall"))


def test_who_stands_behind_a_new_gate_stays():
    yard = fragment("yard", onward("end"))
    old = story(hall(choice("hall.go", "yard")), yard, ending())
    gated = replace(yard, gate=Gate(terms.IsVip(), id_("end")))
    new = story(hall(choice("hall.go", "yard")), gated, ending())
    state = begun(old, "hall.go")
    assert moved(old, new, state) == Carried(state)


def test_who_stands_where_nothing_is_shown_any_more_goes_on():
    old = story(fragment("hall", onward("end")), ending())
    new = story(fragment("hall", onward("end"), text=""), ending())
    assert moved(old, new, begun(old)).state.fragment == id_("end")


def test_restarting_enters_only_a_fragment_that_plays_otherwise():
    gift = (terms.Give(KEY),)
    old = story(hall(), ending(), items={KEY: Item("Key")})
    new = story(hall(on_enter=gift), ending(), items={KEY: Item("Key")})
    state = begun(old)
    assert moved(old, new, state, "migrate").state.items == {}
    again = moved(old, new, state, "restart_fragment").state
    assert again.items == {KEY: 1}
    assert again.visits == {id_("hall"): 2}
    reworded = story(hall(text="There."), ending(), items={KEY: Item("Key")})
    assert moved(old, reworded, state, "restart_fragment").state == state


# Sub-stories


def calling(caller: model.Fragment, *others: model.Fragment) -> Program:
    return story(caller, *others, ending())


SUB = fragment("sub", onward("back"))
BACK = fragment("back", Return())
CALL = fragment("hall", Call(id_("sub"), (Branch(id_("end")),)))


def test_who_is_in_a_sub_story_comes_back_to_its_caller_under_its_new_name():
    old = calling(CALL, SUB, BACK)
    court = replace(CALL, id=id_("court"))
    new = grown(calling(court, SUB, BACK), fragments={id_("hall"): id_("court")})
    state = moved(old, new, begun(old, "")).state
    assert (state.fragment, state.calls) == (id_("sub"), (id_("court"),))
    for _ in range(2):
        state = step(new, state, Continue(), NOW).state
    assert state.fragment == id_("end")


def test_who_is_in_a_sub_story_that_is_no_longer_called_comes_back():
    old = calling(CALL, SUB, BACK)
    new = calling(hall(), SUB, BACK)
    state = moved(old, new, begun(old, "")).state
    assert (state.fragment, state.calls) == (id_("hall"), ())


def test_who_is_sent_out_of_a_sub_story_is_in_it_no_longer():
    old = calling(CALL, SUB, BACK)
    new = grown(
        calling(replace(CALL, exit=Call(id_("back"), (Branch(id_("end")),))), BACK, hall2()),
        removed={id_("sub"): id_("porch")},
    )
    state = moved(old, new, begun(old, "")).state
    assert (state.fragment, state.calls) == (id_("porch"), ())


def hall2() -> model.Fragment:
    return fragment("porch", Choices((choice("porch.go"),)))


def test_who_is_sent_within_a_sub_story_still_returns():
    old = calling(CALL, SUB, BACK)
    new = grown(
        calling(replace(CALL, exit=Call(id_("back"), (Branch(id_("end")),))), BACK),
        removed={id_("sub"): id_("back")},
    )
    state = moved(old, new, begun(old, "")).state
    assert (state.fragment, state.calls) == (id_("back"), (id_("hall"),))


def test_whose_fragment_became_part_of_a_sub_story_is_left():
    old = calling(hall(choice("hall.go", "yard")), fragment("yard", onward("end")))
    new = calling(
        fragment("hall", Call(id_("yard"), (Branch(id_("end")),))), fragment("yard", Return())
    )
    assert carry(passage(old, new), begun(old, "hall.go"), NOW) == Left("uncalled", id_("yard"))


# Waiting


def waits(seconds: int | None, key: str = "hall.go") -> Program:
    wait = None if seconds is None else model.Wait(seconds)
    return story(hall(choice(key, wait=wait)), ending())


def test_a_wait_is_over_when_it_was_promised_or_sooner():
    old = waits(100)
    state = begun(old, "hall.go")
    assert state.waiting == Waiting(1_100, ChoiceKey("main.hall.go"))
    for seconds, due in ((500, 1_100), (40, 1_040), (None, 1_000)):
        waiting = moved(old, waits(seconds), state).state.waiting
        assert waiting == Waiting(due, ChoiceKey("main.hall.go"))


def test_who_is_on_the_way_of_a_choice_that_is_gone_arrives():
    old = waits(100)
    new = waits(None, "hall.other")
    assert moved(old, new, begun(old, "hall.go")).state.fragment == id_("end")


def test_who_waits_where_there_is_no_wait_any_more_can_go_on():
    waiting = replace(onward("end"), wait=model.Wait(100))
    old, new = (story(fragment("hall", way), ending()) for way in (waiting, onward("end")))
    state = moved(old, new, begun(old)).state
    assert state.waiting is None
    assert look(new, state, NOW).can_continue


# What they have


def test_what_is_called_otherwise_is_booked_under_both_names():
    old = story(hall(), ending(), variables={GOLD: Points(7)}, items={KEY: Item("Key")})
    ring = ItemId("ring")
    new = grown(
        story(hall(), ending(), variables={COINS: Points(1)}, items={ring: Item("Ring")}),
        variables={GOLD: COINS},
        items={KEY: ring},
    )
    there = moved(old, new, replace(begun(old), items={KEY: 1}))
    assert (there.state.values, there.state.items) == ({COINS: 7}, {ring: 1})
    assert there.booked == (
        ValueChanged(COINS, 0, 7), ValueChanged(GOLD, 7, 0), ItemChanged(KEY, 1, 0),
        ItemChanged(ring, 0, 1),
    )  # fmt: skip


def test_what_a_version_does_not_know_comes_back_with_one_that_does():
    mission = systems.Mission(terms.MissionId("find"), "Find", (systems.StepItem(KEY),))
    soul = systems.Achievement(terms.AchievementId("soul"), "Soul")
    full: dict[str, Any] = {
        "variables": {GOLD: Points(1)},
        "items": {KEY: Item("Key")},
        "missions": (mission,),
        "achievements": (soul,),
    }
    old, new = story(hall(), ending(), **full), story(hall(), ending())
    state = replace(
        begun(old),
        values={GOLD: 9},
        items={KEY: 1},
        missions={mission.id: MissionRun(since=5)},
        achieved={soul.id: 3},
    )
    bare = moved(old, new, state).state
    assert (bare.values, bare.items, bare.missions, bare.achieved) == ({}, {}, {}, {})
    assert moved(new, old, bare).state == state


def test_values_are_brought_into_their_new_ranges():
    def with_gold(most: int) -> Program:
        return story(
            hall(),
            ending(),
            variables={GOLD: Points(0, most)},
            items={KEY: Item("Key", maximum=most)},
        )

    old, new = with_gold(10), with_gold(4)
    state = replace(begun(old), values={GOLD: 9}, items={KEY: 9})
    after = moved(old, new, state).state
    assert (after.values, after.items) == ({GOLD: 4}, {KEY: 4})


def test_where_nobody_counted_what_is_held_was_earned():
    old = story(hall(), ending(), variables={GOLD: Points(7)})
    counted = systems.Levels(GOLD, (systems.Level(0), systems.Level(5), systems.Level(9)))
    new = story(hall(), ending(), variables={GOLD: Points(7)}, levels=counted)
    state = moved(old, new, begun(old)).state
    assert state.earned == {GOLD: 7}
    assert step(new, state, Choose(ChoiceKey("main.hall.go")), NOW).state.level == 2


def test_a_level_that_a_version_lost_and_got_back_brings_nothing_again():
    def with_levels(*levels: systems.Level) -> Program:
        return story(
            hall(),
            ending(),
            variables={GOLD: Points(9)},
            items={KEY: Item("Key", maximum=9)},
            levels=systems.Levels(GOLD, levels),
        )

    first, second = systems.Level(1), systems.Level(2, effects=(terms.Give(KEY),))
    full, mistaken = with_levels(first, second), with_levels(first)
    state = replace(begun(full), earned={GOLD: 9}, level=2, items={KEY: 1})
    state = moved(mistaken, full, moved(full, mistaken, state).state).state
    after = step(full, state, Choose(ChoiceKey("main.hall.go")), NOW).state
    assert (after.level, after.items) == (2, {KEY: 1})


def test_a_choice_that_was_taken_once_stays_taken_under_other_words():
    def with_words(key: str, text: str) -> Program:
        once = replace(choice(key, "hall", once=True), text=words(text))
        return story(hall(once, choice("hall.go")), ending())

    old, new = with_words("hall~1", "Take it"), with_words("hall~2", "Take the key")
    state = moved(old, new, begun(old, "hall~1")).state
    assert [one.key for one in look(new, state, NOW).choices] == ["main.hall.go"]
