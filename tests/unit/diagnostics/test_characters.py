"""What is sent to a terminal is safe, and stands in the column it is said to."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diana_engine.diagnostics.render.characters import cells, safe, strip, width

ANY = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("garden", 6),
        ("jardín", 6),
        ("jardi\u0301n", 6),  # the accent as a character of its own
        ("日本", 4),
        ("🌹", 2),
        ("👍🏽", 2),  # with a skin tone
        ("❤️", 2),  # made an emoji by its variation selector
        ("가", 2),
        ("각", 2),  # out of three parts
        ("\t", 4),
    ],
)
def test_a_text_takes_the_columns_that_terminals_give_it(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a<U+001B>[31mb"),
        ("a\u202eb", "a<U+202E>b"),
        ("a\u200bb", "a<U+200B>b"),
        ("a\x00\x85\u2028b", "a<U+0000><U+0085><U+2028>b"),
        ("a\ud800b", "a<U+D800>b"),
        ("\ufeffa", "<U+FEFF>a"),
        ("a\tb", "a    b"),
        ("👩\u200d🚀", "👩\u200d🚀"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_as_its_number(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(ANY)
def test_nothing_unsafe_is_ever_sent(text: str) -> None:
    sent = {unicodedata.category(character) for character in safe(text)} - {"Cf"}
    assert not sent & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(safe(text)) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
    )
    assert len(list(cells(text))) == len(text)


@given(ANY, st.integers(0, 60), st.integers(0, 60), st.integers(24, 80))
def test_a_strip_fits_its_room_and_holds_the_place(
    text: str, one: int, other: int, room: int
) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    shown = strip(text, start, end, room)
    assert shown.columns[-1] <= room
    assert len(shown.columns) == 1 + sum(
        1
        for place in range(len(text))
        if shown.first <= place < shown.first + len(shown.columns) - 1
    )
    assert shown.first <= start <= shown.first + len(shown.columns) - 1
    assert 0 <= shown.column(start) <= shown.column(end) <= room


def test_a_line_of_megabytes_is_cut_without_being_measured() -> None:
    line = "é" * 4_000_000 + "here" + "日" * 1000
    shown = strip(line, 4_000_000, 4_000_004, 30)
    assert shown.text == "...ééééééééééhere日日日日日..."
    assert shown.column(4_000_000) == 13
