"""What the player sees."""

from __future__ import annotations

from diana_engine.expressions.terms import FlagIs, NumberOf, SetFlag, Take
from diana_engine.expressions.text import Alternatives, Plain, Show
from diana_engine.play import look
from diana_engine.play.state import Moment, PlayerState
from diana_engine.play.view import ChoiceView, Lock, Price, View
from diana_engine.program.model import (
    Character,
    Choice,
    Choices,
    Cost,
    Flag,
    Fragment,
    Item,
    Points,
    Program,
)
from strategies.builders import begin, choice, choose, ending, fragment, onward, story, words

VARIABLES = {"besitos": Points(5), "met": Flag()}


def tale(*fragments: Fragment, **parts: object) -> Program:
    return story(*fragments, variables=VARIABLES, items={"key": Item("Key")}, **parts)


def offered(**about: object) -> tuple[ChoiceView, ...]:
    """Return how a hall shows its only choice."""
    return begin(tale(fragment("hall", Choices((choice("hall.go", **about),))))).view.choices


def shown(**about: object) -> ChoiceView:
    [view] = offered(**about)
    return view


def test_a_scene_has_its_title_text_speaker_and_choices() -> None:
    hall = fragment(
        "hall",
        Choices((choice("hall.go"), choice("hall.stay"))),
        title="The hall",
        speaker="lucien",
    )
    assert begin(tale(hall, characters={"lucien": Character("Lucien")})).view == View(
        fragment="main.hall",
        text=(Plain("Here."),),
        title="The hall",
        speaker="Lucien",
        choices=(
            ChoiceView("main.hall.go", (Plain("hall.go"),)),
            ChoiceView("main.hall.stay", (Plain("hall.stay"),)),
        ),
    )


def test_a_speaker_who_is_no_character_is_named_as_written() -> None:
    assert begin(tale(fragment("hall", speaker="A voice"))).view.speaker == "A voice"


def test_where_one_goes_on_there_are_no_choices() -> None:
    view = begin(tale(fragment("hall", onward("end")), ending())).view
    assert (view.can_continue, view.choices, view.ending) == (True, (), None)


def test_an_ending_says_its_name_and_offers_nothing() -> None:
    view = begin(tale(ending())).view
    assert (view.can_continue, view.choices, view.ending) == (False, (), "end")


def test_a_dead_end_offers_nothing() -> None:
    view = begin(tale(fragment("hall"))).view
    assert (view.can_continue, view.choices, view.ending) == (False, (), None)


def test_a_text_reads_with_the_values_of_now() -> None:
    hall = fragment("hall", text="")
    text = words("You have ", Show(NumberOf("besitos")), ".")
    counting = Fragment(hall.id, hall.chapter, hall.kind, hall.exit, text)
    assert begin(tale(counting)).view.text == (Plain("You have 5."),)


# Choices


def test_an_unmet_requirement_hides_a_choice() -> None:
    assert offered(requires=FlagIs("met")) == ()


def test_an_unmet_requirement_locks_a_choice_that_says_why() -> None:
    locked = shown(requires=FlagIs("met"), locked=words("Not yet."))
    assert locked.lock == Lock((Plain("Not yet."),))


def test_effects_that_cannot_be_done_hide_a_choice() -> None:
    assert offered(effects=(Take("key"),)) == ()


def test_effects_that_cannot_be_done_lock_a_choice_that_says_why() -> None:
    locked = shown(effects=(Take("key"),), locked=words("No key."))
    assert locked.lock == Lock((Plain("No key."),))


def test_a_price_is_shown_with_what_the_player_has() -> None:
    payable = shown(cost=Cost("besitos", 5))
    assert (payable.price, payable.lock) == (Price("besitos", 5, 5), None)


def test_a_price_that_cannot_be_paid_locks_the_choice() -> None:
    dear = shown(cost=Cost("besitos", 6), locked=words("Not yet."))
    price = Price("besitos", 6, 5)
    assert (dear.price, dear.lock) == (price, Lock((), price))


def test_an_unmet_requirement_is_told_rather_than_the_price() -> None:
    dear = shown(cost=Cost("besitos", 6), requires=FlagIs("met"), locked=words("Not yet."))
    assert dear.lock == Lock((Plain("Not yet."),))


def test_a_choice_that_was_taken_once_is_hidden_even_if_it_has_a_reason() -> None:
    once = choice("hall.go", "hall", once=True, locked=words("Done."))
    program = tale(fragment("hall", Choices((once, choice("hall.stay", "hall")))))
    view = choose(program, begin(program).state, "hall.go").view
    assert [each.key for each in view.choices] == ["main.hall.stay"]


# What was said


def asking(say: Choice) -> Program:
    return tale(fragment("hall", Choices((say,))), ending())


def test_the_reply_to_a_choice_is_read_with_the_state_after_it() -> None:
    told = words(Alternatives("sequence", (words("First."), words("Again.")), "main.hall", "p"))
    program = asking(choice("hall.ask", "hall", say=told))
    first = choose(program, begin(program).state, "hall.ask")
    assert begin(program).view.said == ()
    assert first.view.said == (Plain("Again."),)


def test_the_reply_is_found_by_a_key_without_an_id_too() -> None:
    program = asking(choice("hall~3fa2", say=words("Yes.")))
    assert choose(program, begin(program).state, "hall~3fa2").view.said == (Plain("Yes."),)


def test_a_reply_that_the_story_has_lost_is_not_said() -> None:
    program = asking(choice("hall.ask"))
    for lost in ("main.hall.gone", "main.cellar.gone", "main.end.gone", "main.hall.ask"):
        state = PlayerState(1, "main.end", 2, {"besitos": 5, "met": False}, said=lost)
        assert look(program, state, Moment()).said == ()


def test_looking_changes_nothing() -> None:
    trying = choice("hall.go", effects=(SetFlag("met", True), Take("key")), locked=words("No."))
    program = tale(fragment("hall", Choices((trying,))), ending())
    state = begin(program).state
    assert look(program, state, Moment()) == look(program, state, Moment())
    assert state == begin(program).state
