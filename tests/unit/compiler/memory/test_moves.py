"""Places are found again in a file that was edited elsewhere, and never at a wrong place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diana_engine.compiler.memory.moves import marked, moved
from diana_engine.source import SourceFile

BEFORE = """chapter: a
fragments:
  one:
    text: First words.
    next: two
  two:
    text: More words.
    requires: trust > 2
    ending: fin
"""


def begins(text: str) -> dict[str, int]:
    return {f"a.{name}": text.index(f"  {name}:") + 2 for name in ("one", "two")}


def found_again(before: str, after: str, word: str) -> str | None:
    """Return what stands where `word` stood, or `None` where that cannot be told."""
    old, new = SourceFile("a.yaml", before), SourceFile("a.yaml", after)
    start = before.index(word)
    marks = marked(old, begins(before), [(start, start + len(word))])
    assert marks is not None
    places = moved(new, begins(after), marks)
    if places is None:
        return None
    [(_, span)] = places
    return new.text[span.start : span.end]


@pytest.mark.parametrize("word", ["chapter", "one", "First", "two\n", "trust > 2", "fin"])
@pytest.mark.parametrize(
    "edit",
    [
        ("First words", "Quite other words"),
        ("More words", "Less"),
        ("chapter: a", "chapter: a # x"),
    ],
)
def test_a_place_is_found_again_or_not_told(word: str, edit: tuple[str, str]) -> None:
    assert found_again(BEFORE, BEFORE.replace(*edit), word) in (word, None)


def test_what_stands_before_and_after_the_edit_is_found_again() -> None:
    after = BEFORE.replace("More words", "Words that go on and on")
    assert [found_again(BEFORE, after, word) for word in ("two:", "trust > 2", "fin", "one:")] == [
        "two:",
        "trust > 2",
        "fin",
        "one:",
    ]


def test_what_stands_in_the_edited_line_is_not_told() -> None:
    assert (
        found_again(BEFORE, BEFORE.replace("More words", "Mere words"), "words.\n    req") is None
    )


def test_a_place_in_a_fragment_that_is_gone_is_not_told() -> None:
    old = SourceFile("a.yaml", BEFORE)
    marks = marked(old, begins(BEFORE), [(BEFORE.index("trust"), BEFORE.index("trust") + 5)])
    assert marks is not None
    assert moved(old, {"a.one": begins(BEFORE)["a.one"]}, marks) is None


def test_a_place_that_reaches_over_two_fragments_has_no_mark() -> None:
    assert marked(SourceFile("a.yaml", BEFORE), begins(BEFORE), [(0, len(BEFORE))]) is None


@given(st.data())
def test_wherever_a_text_is_edited_no_place_is_told_wrongly(data: st.DataObject) -> None:
    words = ["one:", "First", "next", "two:", "More", "requires", "trust > 2", "fin"]
    at = data.draw(st.integers(0, len(BEFORE)))
    until = data.draw(st.integers(at, min(len(BEFORE), at + 12)))
    after = BEFORE[:at] + data.draw(st.text("ab: \n", max_size=6)) + BEFORE[until:]
    if all(f"  {name}:" in after for name in ("one", "two")):
        for word in words:
            assert found_again(BEFORE, after, word) in (word, None)
