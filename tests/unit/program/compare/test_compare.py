"""What a comparison says of each kind of change, and whom it reaches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from diana_engine.expressions import terms
from diana_engine.program import systems
from diana_engine.program.compare.compare import compare
from diana_engine.program.compare.model import (
    Calling,
    Change,
    Everybody,
    Granted,
    Holding,
    Level,
    Nobody,
    OnMission,
    Standing,
    Taken,
    Valued,
)
from diana_engine.program.model import (
    Branch,
    Call,
    Choice,
    Choices,
    Flag,
    Gate,
    Item,
    OneOf,
    Points,
    Program,
    Return,
    WholeNumber,
    Words,
)
from strategies.builders import choice, ending, fragment, onward, story, words

GOLD, KEY = terms.VariableId("gold"), terms.ItemId("key")
HALL = terms.FragmentId("main.hall")


def tale(*choices: Choice, **parts: Any) -> Program:
    """Return a story of a hall with `choices`, and an end."""
    return story(fragment("hall", Choices(choices or (choice("hall.go"),))), ending(), **parts)


def grown(program: Program, **lines: Any) -> Program:
    return replace(program, growth=systems.Growth(**lines))


def only(old: Program, new: Program) -> Change:
    """Return the one change there is."""
    (change,) = compare(old, new).changes
    return change


def told(old: Program, new: Program) -> tuple[str, str, Any]:
    change = only(old, new)
    return change.deed, change.weight, change.reach


def test_nothing_is_told_of_the_same_story():
    comparison = compare(tale(), tale())
    assert comparison.changes == ()
    assert comparison.words_only
    assert comparison.weight == "safe"


# Words


def test_another_text_is_other_words_and_reaches_who_stands_there():
    new = story(fragment("hall", Choices((choice("hall.go"),)), text="There."), ending())
    assert told(tale(), new) == ("reworded", "safe", Standing(HALL))
    assert compare(tale(), new).words_only


def test_a_choice_without_an_id_stays_the_same_one_under_another_text():
    old = tale(choice("hall~1", once=True))
    new = tale(replace(old_choice := choice("hall~2", once=True), text=words("Leave")))
    assert old_choice.once
    assert told(old, new) == ("reworded", "safe", Standing(HALL))


def test_a_choice_without_an_id_stays_the_same_one_under_another_target():
    yard = fragment("yard", onward("end"))
    hall = fragment("hall", Choices((choice("hall~1"),)))
    moved = fragment("hall", Choices((replace(choice("hall~2", "yard"), text=words("hall~1")),)))
    change = only(story(hall, yard, ending()), story(moved, yard, ending()))
    assert (change.deed, change.weight) == ("changed", "safe")
    assert "leads elsewhere" in change.words


def test_a_once_choice_without_an_id_is_another_one_if_text_and_target_change():
    yard = fragment("yard", onward("end"))
    hall = fragment("hall", Choices((choice("hall~1", once=True),)))
    moved = fragment("hall", Choices((choice("hall~2", "yard", once=True),)))
    gone, new = compare(story(hall, yard, ending()), story(moved, yard, ending())).changes
    assert (gone.deed, gone.weight) == ("removed", "breaking")
    assert gone.reach == Taken(terms.ChoiceKey("main.hall~1"))
    assert "take it again" in gone.words
    assert new.deed == "added"


def test_choices_to_the_same_place_are_paired_in_order():
    old = tale(choice("hall~a", once=True), choice("hall~b", once=True))
    new = tale(choice("hall~c", once=True), choice("hall~d", once=True))
    changes = compare(old, new).changes
    assert [(one.name, one.deed) for one in changes] == [
        ("main.hall", "reworded"),
    ]


def test_a_once_choice_with_another_id_needs_a_rule_and_none_with_it():
    old, new = tale(choice("hall.take", once=True)), tale(choice("hall.grab", once=True))
    assert [one.weight for one in compare(old, new).changes] == ["needs a rule", "safe"]
    key = {terms.ChoiceKey("main.hall.take"): terms.ChoiceKey("main.hall.grab")}
    assert compare(old, grown(new, choices=key)).weight == "safe"


# Fragments


def test_a_fragment_that_is_gone_needs_a_rule():
    old = story(fragment("hall", onward("yard")), fragment("yard", onward("end")), ending())
    new = story(fragment("hall", onward("end")), ending())
    gone = next(one for one in compare(old, new).changes if one.name == "main.yard")
    assert (gone.deed, gone.weight) == ("removed", "needs a rule")
    assert gone.reach == Standing(terms.FragmentId("main.yard"), calling=True)
    assert "`main.yard: …` under `removed:`" in gone.words


def test_a_fragment_that_is_gone_by_a_rule_is_safe():
    old = story(fragment("hall", onward("yard")), fragment("yard", onward("end")), ending())
    new = grown(
        story(fragment("hall", onward("end")), ending()),
        removed={terms.FragmentId("main.yard"): HALL},
    )
    gone = next(one for one in compare(old, new).changes if one.name == "main.yard")
    assert (gone.deed, gone.weight, gone.to) == ("removed", "safe", "main.hall")


def test_a_renamed_fragment_is_renamed_and_nothing_else():
    old = story(fragment("hall", onward("yard")), fragment("yard", onward("end")), ending())
    new = grown(
        story(fragment("hall", onward("court")), fragment("court", onward("end")), ending()),
        fragments={terms.FragmentId("main.yard"): terms.FragmentId("main.court")},
    )
    change = only(old, new)
    assert (change.deed, change.weight, change.to) == ("renamed", "safe", "main.court")


def test_a_gate_that_comes_is_safe_for_who_stands_there():
    gate = Gate(terms.IsVip(), terms.FragmentId("main.end"))
    old = story(fragment("hall", onward("yard")), fragment("yard", onward("end")), ending())
    new = story(
        fragment("hall", onward("yard")), fragment("yard", onward("end"), gate=gate), ending()
    )
    change = only(old, new)
    assert (change.deed, change.weight) == ("changed", "safe")
    assert "asks for something of who comes now" in change.words


def test_another_name_of_an_ending_breaks_what_was_reached():
    old, new = story(ending()), story(replace(ending(), exit=ending("dawn").exit))
    change = only(old, new)
    assert (change.weight, change.reach) == ("breaking", Standing(terms.FragmentId("main.end")))
    assert "`end`" in change.words
    assert "`dawn`" in change.words


def test_a_sub_story_that_is_no_longer_called_breaks_for_who_is_in_it():
    body = fragment("sub", Return())
    old = story(
        fragment("hall", Call(body.id, (Branch(terms.FragmentId("main.end")),))), body, ending()
    )
    new = story(fragment("hall", Choices((choice("hall.go"),))), body, ending())
    gone, added = compare(old, new).changes
    assert (gone.weight, gone.reach) == ("breaking", Calling(HALL))
    assert added.deed == "added"
    passed = story(fragment("hall", onward("end")), body, ending())
    assert only(old, passed).weight == "safe"


# Variables and items


@pytest.mark.parametrize(
    ("before", "after", "weight"),
    [
        (Points(0, 10), Points(0, 20), "safe"),
        (Points(0, 10), Points(3, 10), "safe"),
        (Points(0, 10), Points(0, 5), "breaking"),
        (Points(0, 10), WholeNumber(0, 0, 10), "breaking"),
        (WholeNumber(0, -5, 5), WholeNumber(0, -6, 5), "safe"),
        (WholeNumber(0, -5, 5), WholeNumber(0, -4, 5), "breaking"),
        (OneOf(("a", "b"), "a"), OneOf(("c", "b", "a"), "c"), "safe"),
        (OneOf(("a", "b"), "a"), OneOf(("a",), "a"), "breaking"),
        (Words("", 10), Words("", 9), "breaking"),
        (Flag(), Flag(True), "safe"),
    ],
)
def test_a_variable_breaks_where_it_holds_less(before: Any, after: Any, weight: str):
    change = only(tale(variables={GOLD: before}), tale(variables={GOLD: after}))
    assert change.weight == weight
    assert change.reach == (Valued(GOLD, after) if weight == "breaking" else Nobody())


def test_a_variable_that_is_gone_breaks_for_who_has_something_in_it():
    old, new = tale(variables={GOLD: Points()}), tale()
    assert told(old, new) == ("removed", "breaking", Valued(GOLD))
    assert told(new, old) == ("added", "safe", Nobody())


def test_a_renamed_variable_is_safe_wherever_it_is_asked_for():
    coins = terms.VariableId("coins")
    asks = terms.Compare(">", terms.NumberOf(GOLD), terms.Constant(1))
    old = tale(choice("hall.go", requires=asks), variables={GOLD: Points()})
    asks = terms.Compare(">", terms.NumberOf(coins), terms.Constant(1))
    new = tale(choice("hall.go", requires=asks), variables={coins: Points()})
    assert only(old, grown(new, variables={GOLD: coins})).deed == "renamed"


def test_an_item_breaks_where_less_of_it_can_be_held():
    old, new = tale(items={KEY: Item("Key", maximum=3)}), tale(items={KEY: Item("Key")})
    assert told(old, new) == ("changed", "breaking", Holding(KEY, 1))
    assert told(new, old) == ("changed", "safe", Nobody())
    assert told(old, tale()) == ("removed", "breaking", Holding(KEY))
    assert told(new, tale(items={KEY: Item("A key", text="Cold.")}))[0] == "reworded"


# Around


def test_missions_and_achievements_that_are_gone_break_for_who_has_them():
    mission = systems.Mission(terms.MissionId("find"), "Find", (systems.StepItem(KEY),))
    soul = systems.Achievement(terms.AchievementId("soul"), "Soul")
    assert told(tale(missions=(mission,)), tale()) == ("removed", "breaking", OnMission(mission.id))
    assert told(tale(achievements=(soul,)), tale()) == ("removed", "breaking", Granted(soul.id))
    sooner = replace(mission, expires=60)
    assert told(tale(missions=(mission,)), tale(missions=(sooner,)))[1] == "breaking"
    titled = replace(mission, title="Seek")
    assert told(tale(missions=(mission,)), tale(missions=(titled,)))[0] == "reworded"


def test_a_renamed_mission_or_achievement_is_safe():
    find, seek = terms.MissionId("find"), terms.MissionId("seek")
    mission = systems.Mission(find, "Find", (systems.StepItem(KEY),))
    asks = terms.MissionIs(find, "done")
    old = tale(choice("hall.go", requires=asks), missions=(mission,))
    asks = terms.MissionIs(seek, "done")
    new = tale(choice("hall.go", requires=asks), missions=(replace(mission, id=seek),))
    assert told(old, grown(new, missions={find: seek})) == ("renamed", "safe", Nobody())
    soul, heart = terms.AchievementId("soul"), terms.AchievementId("heart")
    old = tale(achievements=(systems.Achievement(soul, "Soul"),))
    new = tale(achievements=(systems.Achievement(heart, "Soul"),))
    assert told(old, grown(new, achievements={soul: heart})) == ("renamed", "safe", Nobody())


def test_levels_break_where_they_ask_for_more():
    def levels(*at: int) -> Program:
        counted = systems.Levels(GOLD, tuple(systems.Level(one) for one in at))
        return tale(variables={GOLD: Points()}, levels=counted)

    assert told(levels(0, 5), levels(0, 9)) == ("changed", "breaking", Level(2))
    assert told(levels(0, 5), levels(0)) == ("changed", "breaking", Level(2))
    assert told(levels(0, 5), levels(0, 4, 9))[1] == "safe"


def test_another_time_zone_breaks_where_days_are_counted():
    streak = systems.Around(streak=systems.Streak())
    there = replace(tale(), time_zone="Europe/Madrid")
    assert told(tale(), there)[1] == "safe"
    assert told(tale(around=streak), replace(there, around=streak)) == (
        "changed", "breaking", Everybody(),
    )  # fmt: skip
