"""What a player sees of a text."""

from __future__ import annotations

from collections import Counter

import pytest

from diana_engine.expressions.reading import read
from diana_engine.expressions.terms import FlagIs, Holds, Not, NumberOf, Visits, WordOf
from diana_engine.expressions.text import (
    Alternatives,
    Branch,
    Format,
    Inline,
    Link,
    Order,
    Plain,
    Rich,
    RichFormat,
    RichLink,
    Show,
    When,
    plain,
)
from diana_engine.play.state import PlayerState
from strategies.builders import words

YES = FlagIs("met")
NO = Not(YES)
# What shows nothing, in the way most texts do it.
NOTHING = When((Branch(NO, words("never")),))


def facts(visits: int = 1, entry: int = 1, name: str = "Ana") -> PlayerState:
    return PlayerState(
        seed=1,
        fragment="main.hall",
        entry=entry,
        values={"besitos": 7, "met": True, "nickname": name},
        visits={"main.hall": visits} if visits else {},
    )


def seen(*parts: str | Inline, **about: int | str) -> Rich:
    return read(words(*parts), facts(**about), {})


def told(*parts: str | Inline, **about: int | str) -> str:
    return plain(seen(*parts, **about))


def one_of(order: Order, *options: str) -> Alternatives:
    return Alternatives(order, tuple(words(option) for option in options), "main.hall", "main.hall")


# Values and conditions


def test_a_plain_text_is_shown_as_it_is() -> None:
    assert seen("Two *lines*\n  and <blanks>.") == (Plain("Two *lines*\n  and <blanks>."),)


def test_nothing_is_read_from_no_text() -> None:
    assert seen() == ()


def test_a_number_is_shown_by_its_value_and_joins_the_characters_around_it() -> None:
    assert seen("You have ", Show(NumberOf("besitos")), ".") == (Plain("You have 7."),)


def test_a_word_is_shown_as_plain_characters_whatever_is_in_it() -> None:
    assert seen(Show(WordOf("nickname")), name="*{besitos}* <b>") == (Plain("*{besitos}* <b>"),)


def test_the_first_branch_that_holds_is_shown() -> None:
    branches = When((Branch(NO, words("a")), Branch(YES, words("b")), Branch(None, words("c"))))
    assert told(branches) == "b"


def test_else_is_shown_when_no_branch_holds() -> None:
    assert told(When((Branch(NO, words("a")), Branch(None, words("c"))))) == "c"


def test_a_named_condition_decides_too() -> None:
    text = words(When((Branch(Holds("calm"), words("calm")),)))
    assert plain(read(text, facts(), {"calm": YES})) == "calm"


def test_formatting_and_links_stay_around_what_they_hold() -> None:
    link = Link("https://example.org", words("there ", Show(Visits("main.hall"))))
    assert seen("Go ", Format("bold", words(link)), "!") == (
        Plain("Go "),
        RichFormat("bold", (RichLink("https://example.org", (Plain("there 1"),)),)),
        Plain("!"),
    )


# Alternatives


@pytest.mark.parametrize(
    ("order", "shown"),
    [
        ("sequence", ["a", "b", "c", "c", "c"]),
        ("cycle", ["a", "b", "c", "a", "b"]),
        ("once", ["a", "b", "c", "", ""]),
    ],
)
def test_alternatives_count_the_visits_of_their_fragment(order: Order, shown: list[str]) -> None:
    options = one_of(order, "a", "b", "c")
    assert [told(options, visits=visits) for visits in (1, 2, 3, 4, 5)] == shown


def test_once_shows_its_only_option_on_the_first_visit() -> None:
    assert [told(one_of("once", "a"), visits=visits) for visits in (1, 2, 3)] == ["a", "", ""]


@pytest.mark.parametrize("order", ["sequence", "cycle", "once"])
def test_a_fragment_that_was_not_entered_yet_counts_as_entered_once(order: Order) -> None:
    assert told(one_of(order, "a", "b"), visits=0) == "a"


def test_a_shuffle_stays_until_the_player_moves_and_shows_every_option_about_as_often() -> None:
    options = one_of("shuffle", "a", "b", "c")
    assert told(options, entry=5) == told(options, entry=5, visits=9)
    counts = Counter(told(options, entry=entry) for entry in range(900))
    assert counts.keys() == {"a", "b", "c"}
    assert all(count > 230 for count in counts.values())


@pytest.mark.parametrize("order", ["sequence", "cycle", "shuffle", "once"])
def test_alternatives_without_options_show_nothing(order: Order) -> None:
    assert seen("a ", one_of(order), " b") == (Plain("a b"),)


def test_alternatives_nest() -> None:
    inner = one_of("cycle", "x", "y")
    outer = Alternatives("sequence", (words("a"), words("b", inner)), "main.hall", "main.hall")
    assert [told(outer, visits=visits) for visits in (1, 2, 3)] == ["a", "by", "bx"]


# White space


@pytest.mark.parametrize("edge", [" ", "\n", "\n \n\t", NOTHING, Format("bold", words(" "))])
def test_a_text_has_no_white_space_at_its_edges(edge: str | Inline) -> None:
    assert seen(edge, "text", edge) == (Plain("text"),)


def test_white_space_alone_is_nothing() -> None:
    assert seen(" \n", Format("bold", words(" ")), "\n") == ()


def test_what_the_writer_spaced_stays_spaced() -> None:
    assert told("a  b\n\n\n   c\n  ", Show(NumberOf("besitos"))) == "a  b\n\n\n   c\n  7"


@pytest.mark.parametrize(
    ("before", "after", "result"),
    [
        ("a ", " b", "a b"),
        ("a", " b", "a b"),
        ("a ", "b", "a b"),
        ("a", "b", "ab"),
        ("a ", "\nb", "a\nb"),
        ("a\n", " b", "a\nb"),
        ("a\n  ", " b", "a\n  b"),
        ("a\n", "\nb", "a\nb"),
        ("a\n \t", " \n  b", "a\n  b"),
        ("a\n\n", "\n\nb", "a\n\nb"),
        ("a\n\n", "\nb", "a\n\nb"),
        ("a\n", "\n\nb", "a\n\nb"),
        ("a ", ".", "a."),
        ("a ", " .", "a ."),
        ("a\n", "…", "a\n…"),
        ("(", " b)", "(b)"),
        ("(", "\nb)", "(\nb)"),
        ("¿", "b?", "¿b?"),
    ],
)
def test_what_shows_nothing_leaves_no_hole(before: str, after: str, result: str) -> None:
    assert seen(before, NOTHING, after) == (Plain(result),)


def test_several_that_show_nothing_leave_no_hole_either() -> None:
    assert told("a\n", NOTHING, " ", NOTHING, "\n", NOTHING, "\n\nb ", NOTHING, NOTHING, " c") == (
        "a\n\nb c"
    )


def test_nothing_is_mended_where_something_is_shown() -> None:
    assert told("a ", When((Branch(YES, words(".")),)), " b") == "a . b"


def test_an_empty_value_leaves_no_hole() -> None:
    assert told("Hello ", Show(WordOf("nickname")), ", friend", name="") == "Hello, friend"


def test_nothing_is_mended_further_on() -> None:
    assert told("a ", NOTHING, "b ", Format("bold", words("!"))) == "a b !"


def test_a_value_is_no_opening_sign() -> None:
    assert told("(", Show(NumberOf("besitos")), NOTHING, " b)") == "(7 b)"


def test_the_white_space_in_a_value_is_never_touched() -> None:
    assert told(Show(WordOf("nickname")), NOTHING, name="  a  \n ") == "  a  \n "


def test_formatting_of_nothing_disappears_with_its_blank() -> None:
    assert seen("a ", Format("italic", words(NOTHING)), " b") == (Plain("a b"),)


def test_a_link_of_nothing_disappears() -> None:
    assert seen("a ", Link("https://example.org", words(NOTHING)), " b") == (Plain("a b"),)


def test_white_space_at_the_edges_of_formatting_moves_outside() -> None:
    assert seen("a", Format("italic", words(" b ")), "c") == (
        Plain("a "),
        RichFormat("italic", (Plain("b"),)),
        Plain(" c"),
    )


def test_a_blank_before_formatting_stays_outside_it_when_its_beginning_shows_nothing() -> None:
    assert seen("a ", Format("italic", words(NOTHING, " b"))) == (
        Plain("a "),
        RichFormat("italic", (Plain("b"),)),
    )


@pytest.mark.parametrize(("before", "after"), [("a\n", "\nb"), ("a", "b"), ("a ", " b")])
def test_what_is_around_a_quote_of_nothing_stays_on_lines_of_its_own(
    before: str, after: str
) -> None:
    assert told(before, Format("quote", words(NOTHING)), after) == "a\nb"
