"""Lengths in UTF-16 units, and where a text is cut."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.adapters.telegram.api.limits import cuts, shorten, units

TEXTS = st.text(st.sampled_from("ab. !\n\u0301👍🏽‍é"), max_size=200)


def pieces(text: str, limit: int) -> list[str]:
    return [text[start:end] for start, end in cuts(text, limit)]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_units_are_those_of_utf_16(text: str) -> None:
    assert units(text) == len(text.encode("utf-16-le")) // 2


@settings(deadline=None)
@given(TEXTS, st.integers(2, 30))
def test_pieces_keep_the_limit_and_lose_only_white_space(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert all(0 < units(piece) <= limit and piece == piece.strip() for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@settings(deadline=None)
@given(TEXTS, st.integers(3, 30))
def test_a_short_text_is_one_line_within_the_limit(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert units(short) <= limit
    assert "\n" not in short
    line = " ".join(text.split())
    assert short == line or (
        units(line) > limit and line.startswith(short[:-1]) and short[-1] == "…"
    )


def test_a_cut_prefers_paragraphs_to_lines_to_sentences_to_words() -> None:
    assert pieces("One. Two\nthree.\n\nFour five. Six", 20) == [
        "One. Two\nthree.",
        "Four five. Six",
    ]
    assert pieces("One. Two three\nfour. five six", 22) == ["One. Two three", "four. five six"]
    assert pieces("One two. Three four", 15) == ["One two.", "Three four"]
    assert pieces("«Un dos.» Tres cuatro", 15) == ["«Un dos.»", "Tres cuatro"]
    assert pieces("One two three four", 15) == ["One two three", "four"]
    assert pieces("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_a_paragraph_that_ends_early_does_not_make_a_tiny_message() -> None:
    assert pieces("Oh.\n\nOne two three four five", 20) == ["Oh.\n\nOne two three", "four five"]


def test_what_is_drawn_as_one_is_not_parted() -> None:
    assert pieces("aaa👍🏽bb", 6) == ["aaa", "👍🏽bb"]
    assert pieces("aaae\u0301b", 4) == ["aaa", "e\u0301b"]
    assert shorten("aa👩\u200d🚀a", 7) == "aa…"


def test_a_piece_may_be_exactly_as_long_as_the_limit() -> None:
    assert pieces("a" * 4096, 4096) == ["a" * 4096]
    assert pieces("👍" * 2048 + " b", 4096) == ["👍" * 2048, "b"]
