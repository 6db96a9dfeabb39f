"""Rich text as lines of styled runs that no terminal obeys."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diana_engine.adapters.terminal.markup import Line, Run, clean, lines, paint
from diana_engine.expressions.text import Plain, Rich, RichFormat, RichLink


def rich(*parts: object) -> Rich:
    return tuple(Plain(part) if isinstance(part, str) else part for part in parts)  # type: ignore[misc]


def shown(text: Rich, spoilers: str = "bracketed", *, colour: bool = False) -> list[str]:
    """Return the lines as they are painted, a quoted one behind a sign."""
    return [
        ("│ " if line.quoted else "") + paint(line, colour=colour)
        for line in lines(text, spoilers)  # type: ignore[arg-type]
    ]


def texts() -> st.SearchStrategy[Rich]:
    inline: st.SearchStrategy[object] = st.recursive(
        st.text(max_size=8).map(Plain),
        lambda inner: st.one_of(
            st.builds(
                RichFormat,
                st.sampled_from(["italic", "bold", "spoiler", "quote"]),
                st.lists(inner, max_size=3).map(tuple),
            ),
            st.builds(RichLink, st.text(max_size=8), st.lists(inner, max_size=3).map(tuple)),
        ),
        max_leaves=8,
    )
    return st.lists(inline, max_size=4).map(tuple)  # type: ignore[arg-type]


# What may not reach a terminal


@pytest.mark.parametrize(
    ("written", "harmless"),
    [
        ("\x1b[2J\x1b[31mred", "[2J[31mred"),
        ("\x9b31m", "31m"),
        ("a\x07b\x08c\x00d\x7f", "abcd"),
        ("a\u202eb\u2066c\u200ed\u061c", "abcd"),
        ("a\ufeffb\u00adc\u200bd", "abcd"),
        ("a\r\nb\rc\u2028d\x0be", "a\nb\nc\nd\ne"),
        ("a\tb", "a    b"),
        ("half \ud83d a pair", "half  a pair"),
        ("👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"),
        ("ñ n\u0303 no\u00a0break", "ñ n\u0303 no\u00a0break"),
    ],
)
def test_controls_and_marks_of_direction_are_dropped_and_the_rest_stays(
    written: str, harmless: str
) -> None:
    assert clean(written) == harmless


@given(texts(), st.sampled_from(["masked", "bracketed"]))
def test_whatever_is_written_only_our_own_colours_reach_the_terminal(
    text: Rich, spoilers: str
) -> None:
    for colour in (False, True):
        for line in shown(text, spoilers, colour=colour):
            for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[3m", "\x1b[1;2m", "\x1b[1;3m",
                         "\x1b[2;3m", "\x1b[1;2;3m"):  # fmt: skip
                line = line.replace(code, "") if colour else line  # noqa: PLW2901
            bad = {c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
            assert bad <= {"\u200c", "\u200d"}


@given(texts())
def test_every_style_that_is_turned_on_is_turned_off_in_its_line(text: Rich) -> None:
    for line in shown(text, colour=True):
        assert line.count("\x1b[0m") * 2 == line.count("\x1b[")


# Formatting


def test_formatting_is_colour_and_nothing_without_it() -> None:
    text = rich("a ", RichFormat("bold", rich("b", RichFormat("italic", rich("c")))), " d")
    assert shown(text) == ["a bc d"]
    assert shown(text, colour=True) == ["a \x1b[1mb\x1b[0m\x1b[1;3mc\x1b[0m d"]


def test_formatting_goes_on_over_line_ends() -> None:
    text = rich(RichFormat("italic", rich("a\nb")))
    assert lines(text, "masked") == (
        Line((Run("a", frozenset({"italic"})),)),
        Line((Run("b", frozenset({"italic"})),)),
    )


def test_a_link_shows_its_address_unless_it_is_its_own_text() -> None:
    assert shown(rich("see ", RichLink("https://example.org", rich("here")), ".")) == [
        "see here (https://example.org)."
    ]
    assert shown(rich(RichLink("https://example.org", rich("https://example.org")))) == [
        "https://example.org"
    ]
    assert shown(rich(RichLink("mailto:a@b.org", rich("a@b.org")))) == ["a@b.org"]
    assert shown(rich(RichLink("https://e.org/\x1b]8;;x\n", rich("x")))) == [
        "x (https://e.org/]8;;x)"
    ]


def test_a_quote_stands_on_lines_of_its_own() -> None:
    quote = RichFormat("quote", rich("\nto be\nor not\n"))
    assert shown(rich("a", quote, "b")) == ["a", "│ to be", "│ or not", "b"]
    assert shown(rich("a\n", quote, "\nb")) == ["a", "│ to be", "│ or not", "b"]
    assert shown(rich("a\n\n", quote, "\n\nb")) == ["a", "", "│ to be", "│ or not", "", "b"]


def test_two_quotes_and_one_at_the_end_leave_no_empty_lines() -> None:
    one, two = RichFormat("quote", rich("one")), RichFormat("quote", rich("two"))
    assert shown(rich(one, "\n\n", two)) == ["│ one", "", "│ two"]
    assert shown(rich(one, two)) == ["│ one", "│ two"]
    assert shown(rich(one)) == ["│ one"]


def test_a_spoiler_is_masked_column_by_column_or_stands_in_brackets() -> None:
    text = rich(
        "It was ", RichFormat("spoiler", rich("the ", RichFormat("bold", rich("日本")))), "."
    )
    assert shown(text, "masked") == ["It was ▒▒▒ ▒▒▒▒."]
    assert shown(text, "bracketed") == ["It was [the 日本]."]


def test_a_spoiler_covers_links_and_lines_too() -> None:
    link = RichFormat("spoiler", rich(RichLink("https://e.org", rich("x")), "\nab"))
    assert shown(rich(link), "masked") == ["▒ ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒", "▒▒"]


@given(st.text(st.characters(categories=("L", "N", "P")), max_size=30))
def test_a_masked_spoiler_gives_nothing_away_but_its_length(secret: str) -> None:
    [line] = shown(rich(RichFormat("spoiler", rich(secret))), "masked")
    assert set(line) <= {"▒"}
