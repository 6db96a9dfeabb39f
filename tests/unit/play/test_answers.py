"""What is typed becomes a value, or is asked for again; it is never read as anything else."""

from __future__ import annotations

from typing import Any

import pytest

from diana_engine.expressions.terms import VariableId, WordIs, WordOf
from diana_engine.expressions.text import Plain, Show, plain
from diana_engine.play import look, step
from diana_engine.play.actions import Answer, Continue
from diana_engine.play.answers import read_answer, tidy
from diana_engine.play.state import Moment
from diana_engine.program.model import Ask, Branch, Next, OneOf, Program, WholeNumber, Words
from strategies.builders import begin, ending, fragment, onward, story, words

NAME = VariableId("name")
NOW = Moment()


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("Ana", "Ana"),
        ("  Ana \n María ", "Ana María"),
        ("*Ana* {gold} <b>", "*Ana* {gold} <b>"),
        ("A\u202ena\x00\u200b", "Ana"),
        ("e\u0301", "é"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("\ud800Ana", "Ana"),
        ("\u3164", None),
        ("\u200b \u2060", None),
        ("\u0301", None),
        ("", None),
        ("twenty letters are too", None),
    ],
)
def test_a_text_is_taken_without_what_cannot_be_seen(typed: str, value: str | None) -> None:
    assert read_answer(Words("", 20), typed) == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [("7", 7), (" 07 ", 7), ("+3", 3), ("−2", -2), ("７", 7), ("٣", None), ("1.5", None), ("7 or 8", None),
     ("-3", None), ("11", None), ("9" * 5000, None), ("", None), ("1e1", None), ("seven", None)],
)  # fmt: skip
def test_a_number_is_whole_and_in_its_range(typed: str, value: int | None) -> None:
    assert read_answer(WholeNumber(0, -2, 10), typed) == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [("Hurt", "hurt"), ("ÁNIMO", "ánimo"), ("half asleep", "half_asleep"), ("hur", None), ("", None)],
)  # fmt: skip
def test_one_of_some_words_is_matched_whole_and_in_any_case(typed: str, value: str | None) -> None:
    assert read_answer(OneOf(("hurt", "ánimo", "half_asleep"), "hurt"), typed) == value


def test_a_value_that_differs_only_in_case_is_found_as_it_was_typed() -> None:
    assert [read_answer(OneOf(("a", "A"), "a"), one) for one in ("a", "A")] == ["a", "A"]


def test_a_very_long_answer_is_not_looked_at_whole() -> None:
    assert len(tidy("a" * 10**7)) == 20_000


def asking(**parts: Any) -> Program:
    """Ask for a name, then greet Ana in one place and everybody else in another."""
    ways = (Branch(onward("ana").branches[0].to, WordIs(NAME, "Ana")), *onward("other").branches)
    return story(
        fragment("door", Next(ways, Ask(NAME, **parts)), "Who is there?"),
        ending("ana"),
        ending("other", text=""),
        variables={NAME: Words("nobody", 8)},
    )


def test_the_way_on_is_chosen_with_the_answer() -> None:
    program = asking()
    state = begin(program).state
    assert step(program, state, Answer(" Ana "), NOW).view.ending == "ana"
    assert step(program, state, Answer("Bo"), NOW).view.ending == "other"


def test_a_question_cannot_be_passed_by() -> None:
    program = asking()
    begun = begin(program)
    assert not begun.view.can_continue
    refused = step(program, begun.state, Continue(), NOW).refused
    assert refused is not None
    assert refused.why == "question"


def test_what_does_not_fit_changes_nothing_and_the_words_for_that_are_at_hand() -> None:
    program = asking(retry=words("A name, not {…}."))
    state = begin(program).state
    outcome = step(program, state, Answer("much too long"), NOW)
    assert outcome.refused is not None
    assert outcome.refused.why == "answer"
    assert outcome.state == state
    assert outcome.view.ask is not None
    assert plain(outcome.view.ask.retry) == "A name, not {…}."


def test_an_answer_where_nothing_is_asked_is_refused() -> None:
    program = asking()
    over = step(program, begin(program).state, Answer("Bo"), NOW)
    again = step(program, over.state, Answer("Bo"), NOW).refused
    assert again is not None
    assert again.why == "over"


def test_what_was_typed_is_shown_as_it_is() -> None:
    program = asking()
    fragments = dict(program.fragments)
    hello = ending("other")
    fragments[hello.id] = type(hello)(
        hello.id, hello.chapter, hello.kind, hello.exit, (Show(WordOf(NAME)),)
    )
    spoken = Program("t", "T", "en", "1", program.start, variables=program.variables, fragments=fragments)  # type: ignore[arg-type]  # fmt: skip
    outcome = step(spoken, begin(spoken).state, Answer("*{if}*"), NOW)
    assert outcome.view.text == (Plain("*{if}*"),)
    assert look(spoken, outcome.state, NOW) == outcome.view
