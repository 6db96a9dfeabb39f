"""Choices and playthroughs told as a transcript."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diana_engine.adapters.terminal.commands import Pick
from diana_engine.adapters.terminal.screen import Look
from diana_engine.adapters.terminal.scripted import (
    ScriptMove,
    ending_line,
    play_choices,
    read_choices,
    transcript,
)
from diana_engine.adapters.terminal.session import begin
from diana_engine.adapters.terminal.words import words
from diana_engine.errors import DianaError
from diana_engine.play.playthrough import Expect, Playthrough, Press, Take, Written, run
from strategies.stories import cellar

LOOK = Look(words("en"), 80)
WAY: tuple[ScriptMove, ...] = (Pick(1), Pick(1), None)


def told(*moves: ScriptMove) -> str:
    parts: list[str] = []
    play_choices(begin(cellar(), 1), moves, parts.append, LOOK)
    return "".join(parts)


def test_a_list_of_choices_is_numbers_and_c_or_0() -> None:
    assert read_choices("1,3,c") == (Pick(1), Pick(3), None)
    assert read_choices(" 12 , 0,C") == (Pick(12), None, None)


@pytest.mark.parametrize(
    ("written", "wrong"), [("1,,2", "1,,2"), ("", ""), ("1,u", "u"), ("1;2", "1;2")]
)
def test_anything_else_is_no_choice(written: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^{wrong}$"):
        read_choices(written)


@given(st.text("0123456789,cuq .x"))
def test_any_list_is_read_or_refused(written: str) -> None:
    with suppress(ValueError):
        assert len(read_choices(written)) == written.count(",") + 1


def test_a_transcript_shows_each_scene_and_what_was_taken() -> None:
    shown = told(*WAY)
    places = [shown.index(part) for part in ("The hall", "> 1. Take the key", "It is cold.", "> 1. Go down",
                                             "Barrels", "> Continue", "— The end: dawn —")]  # fmt: skip
    assert places == sorted(places)


def test_the_ending_has_a_line_that_is_the_same_in_every_language() -> None:
    game = play_choices(begin(cellar(), 1), WAY, lambda _: None, Look(words("es"), 80))
    assert ending_line(game.view) == "\nEnding reached: dawn\n"
    assert ending_line(begin(cellar(), 1).view) is None


@pytest.mark.parametrize(
    ("moves", "message"),
    [
        (
            (Pick(9),),
            "Number 1 of the choices is 9, which is not there at `house.hall`. The choices are: ",
        ),
        ((Pick(0),), "Number 1 of the choices is 0, which is not there"),
        (
            (Pick(2),),
            "Number 1 of the choices is 2, `down` “Go down”, which is locked at `house.hall`.",
        ),
        (
            (None,),
            "Number 1 of the choices is to continue, and that is not possible at `house.hall`.",
        ),
        (
            (*WAY, None),
            "Number 4 of the choices is to continue, .* at `night.dawn`. The story is over",
        ),
        ((*WAY[:2], Pick(1)), "Number 3 of the choices is 1, .* There is only `continue`."),
    ],
)
def test_a_choice_that_cannot_be_taken_says_which_and_what_there_was(
    moves: tuple[ScriptMove, ...], message: str
) -> None:
    with pytest.raises(DianaError, match=message):
        told(*moves)


def test_a_playthrough_is_told_like_the_same_choices() -> None:
    steps = (Take("take"), Expect(at=Written("hall")), Take("Go down"), Press())
    playthrough = Playthrough("dawn", steps, seed=1, ending=Written("dawn"))
    parts = [part for part, _ in transcript(run(cellar(), playthrough), LOOK)]
    assert "".join(parts) == told(*WAY)
    assert (parts[2], parts[-1]) == ("", "")


def test_a_step_that_cannot_be_taken_is_not_told_as_taken() -> None:
    played = list(transcript(run(cellar(), Playthrough("x", (Take("window"),))), LOOK))
    assert [part for part, _ in played][1:] == [""]
    assert played[-1][1].findings
