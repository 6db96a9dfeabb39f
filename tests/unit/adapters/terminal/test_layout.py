"""Lines fitted into columns, which are not characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diana_engine.adapters.terminal.layout import NARROWEST, WIDEST, wrap
from diana_engine.adapters.terminal.markup import Line, Run, clean, paint
from diana_engine.diagnostics.render.characters import width

WORDS = "one two three four five six"


def line(text: str, *, quoted: bool = False) -> Line:
    return Line((Run(text),) if text else (), quoted)


def wrapped(text: str, columns: int, **margins: str) -> list[str]:
    return [paint(row, colour=False) for row in wrap([line(text)], columns, **margins)]


def test_a_line_breaks_at_blanks_and_loses_them_there() -> None:
    assert wrapped(WORDS, 16) == ["one two three", "four five six"]


def test_an_empty_line_stays_and_a_short_one_is_left_alone() -> None:
    assert wrapped("", 20) == [""]
    assert wrapped("a  b", 20) == ["a  b"]


def test_a_line_keeps_its_own_indentation() -> None:
    assert wrapped("    a poem of four", 20) == ["    a poem of four"]
    assert wrapped("    a poem of lines", 16) == ["    a poem of", "lines"]


def test_a_no_break_space_holds_words_together() -> None:
    assert wrapped("one two three\u00a0four five", 16) == ["one two", "three\u00a0four five"]


def test_what_is_longer_than_a_line_is_cut() -> None:
    assert wrapped("a " + "x" * 40, 16) == ["a", "x" * 16, "x" * 16, "x" * 8]


def test_wide_characters_take_two_columns_and_part_anywhere_but_before_a_closing_sign() -> None:
    assert wrapped("日本語" * 4, 16) == ["日本語日本語日本", "語日本語"]
    assert wrapped("日本語日本語日本。語", 16) == ["日本語日本語日", "本。語"]
    assert wrapped("日本語日本語日「本」語", 16) == ["日本語日本語日", "「本」語"]


def test_a_mark_stays_with_its_character_and_a_joined_emoji_in_one_piece() -> None:
    assert wrapped("n\u0303" * 20, 16) == ["n\u0303" * 16, "n\u0303" * 4]
    rocket = "👩\u200d🚀"
    assert wrapped(rocket * 5, 16) == [rocket * 4, rocket]


def test_margins_stand_before_the_first_row_and_the_others() -> None:
    assert wrapped(WORDS, 24, first="  1. ", rest="     ") == [
        "  1. one two three four",
        "     five six",
    ]


def test_a_quote_has_a_bar_at_every_row() -> None:
    rows = [paint(row, colour=False) for row in wrap([line(WORDS, quoted=True)], 18)]
    assert rows == ["│ one two three", "│ four five six"]


def test_styles_survive_the_break() -> None:
    bold = frozenset({"bold"})
    [first, second] = wrap([Line((Run("one two ", bold), Run("three four")))], 16)
    assert first == Line((Run("one two ", bold), Run("three")))
    assert second == Line((Run("four"),))


def test_prose_is_never_wider_than_can_be_read() -> None:
    assert max(map(len, wrapped("word " * 100, 500))) <= WIDEST


@given(st.text(max_size=60), st.integers(1, 100))
def test_every_row_fits_and_nothing_but_blanks_is_lost(text: str, columns: int) -> None:
    harmless = clean(text).replace("\n", " ").replace("\u200d", "")
    rows = wrapped(harmless, columns)
    assert all(width(row) <= max(NARROWEST, columns) for row in rows)
    assert "".join(rows).replace(" ", "") == harmless.replace(" ", "")
