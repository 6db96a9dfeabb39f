"""A scene as it is printed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.adapters.terminal.screen import Look, has_spoilers, note, reason, scene, taken
from diana_engine.adapters.terminal.words import words
from diana_engine.diagnostics.render.characters import width
from diana_engine.expressions.terms import ChoiceKey, FragmentId
from diana_engine.expressions.text import Plain, RichFormat
from diana_engine.play import step
from diana_engine.play.actions import Start
from diana_engine.play.state import Moment
from diana_engine.play.view import ChoiceView, Lock, Price, View
from diana_engine.program.model import Program
from strategies.programs import pick, plays, programs

EN = Look(words("en"), 60)
ES = Look(words("es"), 60)
HALL = FragmentId("main.hall")
PRICE = Price("besitos", 5, 3)


def choice(text: str, price: Price | None = None, lock: Lock | None = None) -> ChoiceView:
    return ChoiceView(ChoiceKey("main.hall.x"), (Plain(text),), price, lock)


def test_a_scene_shows_what_was_said_the_place_the_speaker_the_text_and_the_choices() -> None:
    view = View(
        HALL,
        (Plain("The door is closed.\n\nIt is late."),),
        title="The hall",
        speaker="Lucien",
        said=(Plain("It is cold."),),
        choices=(
            choice("Look under the mat"),
            choice("Open the door", lock=Lock((Plain("It is locked."),))),
            choice("Pay", PRICE, Lock(price=PRICE)),
            choice("Ask", Price("besitos", 1, 3)),
        ),
    )
    assert (
        scene(view, EN)
        == """
It is cold.

The hall

Lucien:
The door is closed.

It is late.

  1. Look under the mat
 (2) Open the door — It is locked.
 (3) Pay · 5 besitos — This costs 5 besitos, and you have 3.
  4. Ask · 1 besitos
"""
    )


def test_a_scene_without_choices_says_how_to_continue_in_the_language_of_the_story() -> None:
    view = View(HALL, (Plain("Hola."),), can_continue=True)
    assert scene(view, ES) == "\nHola.\n\n [Intro] Continuar\n"


def test_an_ending_is_told_by_its_name() -> None:
    view = View(HALL, (Plain("The sea."),), ending="the_sea")
    assert scene(view, EN) == "\nThe sea.\n\n— The end: the sea —\n"


def test_a_dead_end_of_a_draft_shows_only_its_text() -> None:
    assert scene(View(HALL, (Plain("A wall."),)), EN) == "\nA wall.\n"


def test_with_colour_the_title_is_bold_the_speaker_italic_and_a_locked_choice_dim() -> None:
    view = View(HALL, (Plain("x"),), "Hall", "Ana", (), (choice("Go", lock=Lock()),))
    assert scene(view, replace(EN, colour=True)) == (
        "\n\x1b[1mHall\x1b[0m\n\n\x1b[3mAna:\x1b[0m\nx\n\n"
        " (1) \x1b[2mGo — That cannot be done now.\x1b[0m\n"
    )


def test_a_choice_is_one_paragraph_with_a_hanging_indent() -> None:
    view = View(HALL, (), choices=(choice("one\n\ntwo three four five six"),) * 10)
    rows = scene(view, replace(EN, width=20)).splitlines()
    assert rows[1:4] == ["  1. one  two three", "     four five six", "  2. one  two three"]
    assert rows[-2:] == [" 10. one  two three", "     four five six"]


def test_without_words_of_the_writer_the_lock_gives_the_price_or_says_not_now() -> None:
    assert reason(Lock((Plain("No \x1b[1mkey\n."),), PRICE), EN.words) == "No [1mkey ."
    assert reason(Lock(price=PRICE), EN.words) == "This costs 5 besitos, and you have 3."
    assert reason(Lock((RichFormat("bold", ()),)), EN.words) == "That cannot be done now."


def test_the_name_of_a_fragment_or_speaker_commands_nothing() -> None:
    view = View(HALL, (Plain("x"),), "\x1b]0;owned\x07", "\u202eAna")
    assert scene(view, EN) == "\n]0;owned\n\nAna:\nx\n"


def test_spoilers_are_noticed_wherever_they_are() -> None:
    secret = (RichFormat("italic", (RichFormat("spoiler", (Plain("x"),)),)),)
    assert not has_spoilers(View(HALL, (Plain("x"),), choices=(choice("x", lock=Lock()),)))
    assert has_spoilers(View(HALL, secret))
    assert has_spoilers(View(HALL, (), said=secret))
    assert has_spoilers(View(HALL, (), choices=(choice("x", lock=Lock(secret)),)))


def test_a_note_keeps_its_lines_and_wraps() -> None:
    assert note("a  b\nc " + "d" * 20, replace(EN, width=20)) == "\na  b\nc\n" + "d" * 20 + "\n"


def test_a_transcript_says_what_was_taken() -> None:
    assert taken(3, choice("Open\nit"), EN) == "\n> 3. Open it\n"
    assert taken(None, None, ES) == "\n> Continuar\n"


@settings(max_examples=60, deadline=None)
@given(
    programs(), plays, st.integers(1, 120), st.booleans(), st.sampled_from(["masked", "bracketed"])
)
def test_any_scene_of_any_story_fits_and_shows_every_number(
    program: Program, numbers: list[int], columns: int, colour: bool, spoilers: str
) -> None:
    look = Look(words(program.language), columns, colour, spoilers)  # type: ignore[arg-type]
    outcome = step(program, None, Start(1), Moment())
    for number in numbers:
        outcome = step(program, outcome.state, pick(program, outcome.state, number), Moment())
        shown = scene(outcome.view, look)
        assert shown.startswith("\n")
        assert shown.endswith("\n")
        if not colour:
            assert all(width(row) <= max(21, columns) for row in shown.splitlines()[:-1])
        for place, one in enumerate(outcome.view.choices, start=1):
            assert (f"{place}." if one.lock is None else f"({place})") in shown
