"""Playthroughs: each step by the rules of play, and a finding wherever the story says otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.expressions import terms
from diana_engine.expressions.terms import ItemId, VariableId
from diana_engine.expressions.text import Format, Plain, Show
from diana_engine.play.playthrough import (
    Expect,
    Finding,
    Join,
    Let,
    Move,
    Pay,
    Played,
    Playthrough,
    Press,
    Reply,
    Take,
    Written,
    run,
)
from diana_engine.play.rules import EndlessPassage
from diana_engine.program import model
from diana_engine.program.model import Choices, Cost, Item, Program
from diana_engine.program.systems import Combination, CombinationId
from diana_engine.source import SourceFile
from strategies.builders import choice, ending, fragment, onward, story, words
from strategies.programs import programs
from strategies.stories import cellar

GOLD, MET, MOOD = VariableId("gold"), VariableId("met"), VariableId("mood")
NAME = VariableId("name")
KEY = ItemId("key")


def tale() -> Program:
    """A hall with an open, a locked, a dear and a hidden choice; behind it a passage and an ending."""
    door = choice("hall.door", "sea", requires=terms.Has(KEY), locked=words("It is locked."))
    choices = (
        choice("hall.look", "hall", once=True, effects=(terms.Give(KEY),)),
        door,
        choice("hall.pay", "sea", cost=Cost(GOLD, 5)),
        choice("hall.secret", "sea", requires=terms.FlagIs(MET)),
    )
    hall = fragment("hall", Choices(choices), "A *closed* door.", title="The hall")
    return story(
        hall,
        fragment("sea", onward("end")),
        ending(),
        variables={GOLD: model.Points(3), MET: model.Flag(), MOOD: model.OneOf(("calm",), "calm")},
        items={KEY: Item("A key")},
    )


def played(program: Program, *steps: Move | Expect, ends: str | None = None) -> list[Played]:
    reached = Written(ends) if ends is not None else None
    return list(run(program, Playthrough("one", steps, ending=reached)))


def found(program: Program, *steps: Move | Expect, ends: str | None = None) -> list[Finding]:
    return [one for step in played(program, *steps, ends=ends) for one in step.findings]


def messages(*steps: Move | Expect, ends: str | None = None) -> list[str]:
    return [finding.message for finding in found(tale(), *steps, ends=ends)]


# Steps


def test_a_playthrough_that_holds_finds_nothing_and_ends_where_it_says() -> None:
    steps = played(tale(), Take("look"), Take("door"), Press(), ends="end")
    assert [step.findings for step in steps] == [()] * 5
    assert [step.view.fragment for step in steps] == [
        "main.hall", "main.hall", "main.sea", "main.end", "main.end",
    ]  # fmt: skip


def test_a_choice_goes_by_its_id_its_text_its_number_or_its_key() -> None:
    for name in ("look", "hall.look", " hall.look\n", "1", "main.hall.look"):
        [_, step] = played(tale(), Take(name))
        assert step.taken is not None, name
        assert step.taken.key == "main.hall.look"


def test_a_text_is_compared_without_formatting_and_with_any_white_space() -> None:
    rich = words("Go  ", Format("bold", words("now")), "\n", Show(terms.NumberOf(GOLD)))
    go = model.Choice(terms.ChoiceKey("main.hall~1"), rich, terms.FragmentId("main.end"))
    program = story(fragment("hall", Choices((go,))), ending(), variables={GOLD: model.Points(3)})
    assert found(program, Take("Go now 3"), ends="end") == []


def test_an_id_is_meant_before_a_text_and_a_text_before_a_number() -> None:
    first = model.Choice(terms.ChoiceKey("main.hall~1"), words("b"), terms.FragmentId("main.x"))
    second = model.Choice(terms.ChoiceKey("main.hall.b"), words("1"), terms.FragmentId("main.y"))
    program = story(fragment("hall", Choices((first, second))), ending("x"), ending("y"))
    assert found(program, Take("b"), ends="y") == []
    assert found(program, Take("1"), ends="y") == []
    assert found(program, Take("2"), ends="y") == []


def test_the_taken_choice_is_told_as_it_was_shown() -> None:
    [_, step] = played(tale(), Take("look"))
    assert step.taken is not None
    assert step.taken.text == (Plain("hall.look"),)
    assert all(choice.key != "main.hall.look" for choice in step.view.choices)


def test_a_locked_choice_is_refused_with_the_reason_of_the_writer() -> None:
    assert messages(Take("door")) == ["The choice `door` of `main.hall` is locked: It is locked."]


def test_a_choice_that_cannot_be_paid_is_refused_with_its_price() -> None:
    [message] = messages(Take("pay"))
    assert message.endswith("is locked: it costs 5 gold, and the player has 3.")


def test_a_hidden_choice_is_told_from_one_that_is_nowhere() -> None:
    assert messages(Take("secret")) == ["The choice `secret` of `main.hall` is hidden here."]
    assert messages(Take("hall.secret")) == [
        "The choice `hall.secret` of `main.hall` is hidden here."
    ]
    assert messages(Take("window")) == ["There is no choice `window` in `main.hall`."]


def test_a_mistyped_choice_is_recognised_and_all_choices_are_listed() -> None:
    [finding] = found(tale(), Take("lok"))
    assert finding.help == (
        "Did you mean `look`? The choices are: 1 `look` “hall.look”, 2 `door` “hall.door” (locked), "
        "3 `pay` “hall.pay” (locked)."
    )


def test_continue_where_there_are_choices_is_a_finding_and_so_is_a_choice_where_there_are_none() -> (
    None
):
    assert messages(Press()) == ["There is nothing to continue in `main.hall`."]
    [finding] = found(tale(), Take("look"), Take("door"), Take("door"))
    assert finding.message == "There is no choice `door` in `main.sea`."
    assert finding.help == "There is only `continue`."


def test_a_choice_that_is_called_continue_can_be_taken() -> None:
    go = choice("hall.continue", "end")
    assert found(story(fragment("hall", Choices((go,))), ending()), Press(), ends="end") == []


def test_after_an_ending_nothing_can_be_taken() -> None:
    [message] = messages(Take("look"), Take("door"), Press(), Take("door"))
    assert message == "The story is over at `main.end`, so `door` cannot be taken."


def test_nothing_is_played_after_a_step_that_cannot_be_taken() -> None:
    steps = played(tale(), Take("window"), Take("look"), ends="end")
    assert len(steps) == 2
    assert len(steps[-1].findings) == 1


def test_choices_that_read_alike_must_be_told_apart_unless_only_one_is_open() -> None:
    twins = tuple(
        model.Choice(
            terms.ChoiceKey(f"main.hall~{n}"),
            words("Go"),
            terms.FragmentId("main.end"),
            requires=terms.FlagIs(MET) if locked else None,
            locked=words("No.") if locked else None,
        )
        for n, locked in enumerate((True, False))
    )
    flags = {MET: model.Flag()}
    one_open = story(fragment("hall", Choices(twins)), ending(), variables=flags)
    assert found(one_open, Take("Go"), ends="end") == []
    alike = Choices(
        (twins[1], model.Choice(terms.ChoiceKey("main.hall~9"), words("Go"), twins[1].to))
    )
    [finding] = found(story(fragment("hall", alike), ending()), Take("Go"))
    assert finding.message == "More than one choice of `main.hall` reads `Go`."


def test_a_passage_without_end_is_a_finding_at_the_step_that_enters_it() -> None:
    ring = (fragment("a", onward("b"), ""), fragment("b", onward("a"), ""))
    hall = fragment("hall", Choices((choice("hall.go", "a"),)))
    [finding] = found(story(hall, *ring), Take("go"))
    assert "without coming to rest" in finding.message
    with pytest.raises(EndlessPassage):
        list(run(story(*ring), Playthrough("one", ())))


def test_the_seed_decides_every_draw() -> None:
    def texts(seed: int) -> list[object]:
        steps = (Take("take"), Take("down"))
        return [step.view for step in run(cellar(), Playthrough("one", steps, seed=seed))]

    assert texts(3) == texts(3)
    assert len({str(texts(seed)) for seed in range(20)}) > 1


# Expectations


@pytest.mark.parametrize("at", ["hall", "main.hall"])
def test_a_place_may_be_named_bare_or_in_full(at: str) -> None:
    assert messages(Expect(at=Written(at))) == []


def test_another_place_and_one_that_is_nowhere_are_told_apart() -> None:
    assert messages(Expect(at=Written("sea"))) == [
        "I expected the player at `sea`, who is at `main.hall`."
    ]
    [finding] = found(tale(), Expect(at=Written("hal")))
    assert finding.message == "There is no fragment `hal` in this story."
    assert finding.help == "Did you mean `main.hall`?"


@pytest.mark.parametrize("see", ["A *closed*", "The hall", "hall.look", "It is   locked."])
def test_anything_that_can_be_read_counts_as_seen(see: str) -> None:
    assert messages(Expect(see=Written(see))) == []


def test_what_cannot_be_read_is_told_with_what_can() -> None:
    [finding] = found(tale(), Expect(see=Written("the HALL")))
    assert finding.message == "I cannot read “the HALL” at `main.hall`."
    assert finding.help is not None
    assert finding.help.startswith(
        "Capital and small letters differ. This can be read there: The hall"
    )


@pytest.mark.parametrize(
    ("name", "value", "holds"),
    [
        ("gold", "3", True),
        ("gold", "+3", True),
        ("gold", "4", False),
        ("gold", "three", False),
        ("gold", "9" * 5000, False),
        ("met", "false", True),
        ("met", "true", False),
        ("met", "no", False),
        ("met", "0", False),
        ("mood", "calm", True),
        ("mood", "Calm", False),
    ],
)
def test_a_value_is_compared_as_it_is_written(name: str, value: str, holds: bool) -> None:
    assert (messages(Expect(values=((Written(name), Written(value)),))) == []) is holds


def test_a_value_that_differs_is_told_as_a_writer_writes_it() -> None:
    values = ((Written("met"), Written("true")), (Written("gld"), Written("3")))
    first, second = found(tale(), Expect(values=values))
    assert first.message == "I expected `met` to be `true`, and it is `false`."
    assert (second.message, second.help) == (
        "There is no variable `gld` in this story.",
        "Did you mean `gold`?",
    )


def test_an_item_must_be_held_and_others_may_be() -> None:
    assert messages(Take("look"), Expect(items=(Written("key"),))) == []
    assert messages(Expect(items=(Written("key"),))) == [
        "I expected the player to hold `key`, who does not."
    ]
    assert messages(Expect(items=(Written("kee"),))) == ["There is no item `kee` in this story."]


def test_choices_are_open_locked_or_hidden() -> None:
    expected = Expect(
        open=(Written("look"), Written("1")),
        locked=(Written("door"), Written("hall.pay")),
        hidden=(Written("secret"), Written("hall.secret")),
    )
    assert messages(expected) == []
    assert messages(Expect(hidden=(Written("door"),))) == [
        "I expected the choice `door` to be hidden, and it is locked."
    ]
    assert messages(Expect(open=(Written("secret"),))) == [
        "I expected the choice `secret` to be open, and it is hidden."
    ]
    assert messages(Expect(locked=(Written("windo"),))) == [
        "There is no choice `windo` in `main.hall`."
    ]


def test_a_choice_that_was_taken_once_counts_as_hidden() -> None:
    assert messages(Take("look"), Expect(hidden=(Written("look"), Written("hall.look")))) == []


def test_an_expectation_that_fails_does_not_stop_the_rest() -> None:
    found_ = messages(
        Expect(at=Written("sea")), Take("look"), Expect(at=Written("end")), ends="end"
    )
    assert len(found_) == 3


def test_another_ending_none_and_an_unknown_one_are_told_apart() -> None:
    way = (Take("look"), Take("door"), Press())
    assert messages(*way, ends="ned") == ["There is no ending `ned` in this story."]
    assert messages(ends="end") == [
        "I expected the ending `end`, and the player is still at `main.hall`."
    ]
    program = story(ending("a"), ending("b"))
    [finding] = found(program, ends="b")
    assert finding.message == "I expected the ending `b`, and the story ended in `a`, at `main.a`."


def test_a_finding_points_at_the_very_word() -> None:
    file = SourceFile("tests/a.yaml", "seven words that stand in some file")
    where = [file.span(n, n + 1) for n in range(5)]
    expected = Expect(
        at=Written("sea", where[1]), items=(Written("key", where[2]),), where=where[0]
    )
    found_ = found(tale(), expected, Take("window", where[3]))
    assert [finding.where for finding in found_] == [where[1], where[2], where[3]]


@settings(max_examples=50, deadline=None)
@given(programs(), st.data())
def test_what_is_shown_as_open_can_be_taken_by_its_number_and_what_is_locked_cannot(
    program: Program, data: st.DataObject
) -> None:
    steps: list[Take | Press | Expect] = []
    for _ in range(6):
        *_, now = run(program, Playthrough("one", tuple(steps)))
        if now.view.can_continue:
            steps.append(Press())
            continue
        if not now.view.choices:
            return
        number = data.draw(st.integers(1, len(now.view.choices)))
        is_open = now.view.choices[number - 1].lock is None
        *_, after = run(
            program, Playthrough("one", (*steps, Take(now.view.choices[number - 1].key)))
        )
        assert (after.findings == ()) is is_open
        if not is_open:
            return
        steps.append(Take(now.view.choices[number - 1].key))


@settings(max_examples=50, deadline=None)
@given(programs(), st.lists(st.text(max_size=5)), st.text(max_size=5))
def test_no_name_whatever_makes_a_playthrough_fail_otherwise_than_by_a_finding(
    program: Program, names: list[str], name: str
) -> None:
    several = tuple(map(Written, names))
    one = Written(name)
    expected = Expect(one, one, ((one, one),), several, several, several, several)
    for step in run(program, Playthrough("one", (expected, Take(name)), ending=one)):
        assert all(finding.message for finding in step.findings)


# Answers


def asking() -> Program:
    door = model.Next(onward("end").branches, model.Ask(NAME))
    variables = {NAME: model.Words("", 5), MOOD: model.OneOf(("calm", "hurt"), "calm")}
    mood = model.Next(onward("door").branches, model.Ask(MOOD))
    return story(fragment("mood", mood), fragment("door", door), ending(), variables=variables)


def test_an_answer_goes_into_its_variable() -> None:
    values = ((Written("name"), Written("Ana")), (Written("mood"), Written("hurt")))
    played_ = played(asking(), Reply("HURT"), Reply(" Ana "), Expect(values=values), ends="end")
    assert [one.findings for one in played_] == [()] * 5


def test_an_answer_that_does_not_fit_ends_the_playthrough_and_says_what_would() -> None:
    (finding,) = found(asking(), Reply("glad"), Reply("Ana"))
    assert finding.message == "`glad` is no answer to what `main.mood` asks."
    assert finding.help == "Write `answer:` with one of `calm`, `hurt`."


def test_a_choice_or_continue_where_an_answer_is_due_says_so() -> None:
    for step in (Take("calm"), Press()):
        (finding,) = found(asking(), step)
        assert finding.help == "Write `answer:` with one of `calm`, `hurt`."


def test_an_answer_that_nobody_asked_for_is_a_finding() -> None:
    (finding,) = found(tale(), Reply("Ana"))
    assert finding.message == "Nothing is asked in `main.hall`."


# Waiting


def sown() -> Program:
    wait = model.Wait(7_200, Cost(GOLD, 2))
    plant = choice("hall.plant", "hall", wait=wait)
    hall = fragment("hall", Choices((plant,)))
    return story(hall, ending(), variables={GOLD: model.Points(3)})


def test_a_wait_is_waited_for_or_paid_off() -> None:
    values = ((Written("gold"), Written("1")),)
    steps = (Take("1"), Let(7_200), Press(), Take("1"), Pay(), Expect(values=values))
    assert found(sown(), *steps) == []


def test_going_on_too_early_says_how_long_to_wait() -> None:
    (finding,) = found(sown(), Take("1"), Let(3_600), Press())
    assert finding.message == "At `main.hall` there is still 1h to wait."
    assert (
        finding.help == "Write `wait:` with 1h, then `continue`, or `skip` to pay for not waiting."
    )


def test_what_cannot_be_paid_off_is_a_finding() -> None:
    (poor,) = found(sown(), Take("1"), Pay(), Take("1"), Pay())
    assert poor.message == "The player cannot pay for not waiting."
    (none,) = found(sown(), Pay())
    assert none.message == "There is no wait to pay for in `main.hall`."


def test_a_combination_is_made_of_what_is_held_and_else_says_what_is_missing() -> None:
    pier = Combination(
        CombinationId("pier"),
        (ItemId("left"), ItemId("right")),
        ItemId("whole"),
        (Plain("Joined."),),
    )
    halves = {ItemId(name): Item(name) for name in ("left", "right", "whole")}
    program = replace(tale(), items=halves, combinations=(pier,))
    where = program.start
    held = replace(program.fragments[where], on_enter=(terms.Give(ItemId("left")),))
    poor = replace(program, fragments={**program.fragments, where: held})
    rich = replace(held, on_enter=(terms.Give(ItemId("left")), terms.Give(ItemId("right"))))
    able = replace(program, fragments={**program.fragments, where: rich})
    assert [one.message for one in found(poor, Join("pier"))] == [
        f"`pier` cannot be put together at `{where}`: the player does not hold `right`."
    ]
    assert [one.help for one in found(able, Join("peir"))] == ["Did you mean `pier`?"]
    last = played(able, Join("pier"), Expect(see=Written("Joined."), items=(Written("whole"),)))[-1]
    assert last.findings == ()
    assert dict(last.state.items) == {"whole": 1}
