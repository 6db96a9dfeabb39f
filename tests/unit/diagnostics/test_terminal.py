"""Findings as people see them in a terminal, letter by letter."""

import re
from itertools import pairwise
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diana_engine.diagnostics.model import Code, Diagnostic, Edit, Label, Severity
from diana_engine.diagnostics.render.characters import width
from diana_engine.diagnostics.render.terminal import render, summary
from diana_engine.source import SourceFile, Span

GARDEN = SourceFile(
    "stories/x/chapters/garden.yaml",
    dedent(
        """\
        chapter: garden
        fragments:
          gate:
            text: La verja
            choices:
              - text: Entrar
                requires: trsut >= 5 and trsut < 9
                to: inisde
              - text: Volver
                to: plaza.arrival
        """
    ),
)
STORY = SourceFile("stories/x/story.yaml", "story: x\nconditions:\n  close: trsut > 3\n")


def at(file: SourceFile, text: str, nth: int = 0) -> Span:
    """Return the place of the nth occurrence of a text in a file."""
    start = -1
    for _ in range(nth + 1):
        start = file.text.index(text, start + 1)
    return file.span(start, start + len(text))


def error(message: str, primary: Label, *labels: Label, **others: object) -> Diagnostic:
    return Diagnostic(Code("DIA201"), "error", message, primary, labels, **others)  # type: ignore[arg-type]


def shown(*found: Diagnostic, width: int = 80) -> str:
    """Return what is shown of findings, without the line that closes it."""
    text = render(found, colour=False, width=width)
    body, closing = text.rsplit("\n\n", 1)
    assert closing == f"diana explain {' '.join(sorted({one.code for one in found}))} tells more\n"
    return body + "\n"


def test_a_finding_shows_its_line_its_label_help_and_the_mended_line() -> None:
    found = error(
        "There is no fragment `inisde` in the chapter `garden`.",
        Label(at(GARDEN, "inisde"), "nothing has this id"),
        help="Did you mean `inside`?",
        edit=Edit(at(GARDEN, "inisde"), "inside"),
    )
    assert render([found], colour=False, width=80) == dedent(
        """\
        error[DIA201]: There is no fragment `inisde` in the chapter `garden`.
         --> stories/x/chapters/garden.yaml:8:13
          |
        8 |         to: inisde
          |             ^^^^^^ nothing has this id
          |
        help: Did you mean `inside`?
          |
        8 |         to: inside
          |             ~~~~~~

        diana explain DIA201 tells more
        """
    )


def test_labels_stand_on_their_lines_and_hang_where_there_is_no_room() -> None:
    found = error(
        "There is no variable `trsut`.",
        Label(at(GARDEN, "trsut"), "no variable has this name"),
        Label(at(GARDEN, "trsut", 1), "used again here"),
        Label(at(STORY, "trsut"), "and here"),
        Label(at(GARDEN, "garden"), "in this chapter"),
        Label(at(GARDEN, "gate"), "in this fragment"),
    )
    assert shown(found) == dedent(
        """\
        error[DIA201]: There is no variable `trsut`.
         --> stories/x/chapters/garden.yaml:7:19
          |
        1 | chapter: garden
          |          ------ in this chapter
        2 | fragments:
        3 |   gate:
          |   ---- in this fragment
        ...
        7 |         requires: trsut >= 5 and trsut < 9
          |                   ^^^^^          ----- used again here
          |                   |
          |                   no variable has this name
          |
         ::: stories/x/story.yaml:3:10
          |
        3 |   close: trsut > 3
          |          ----- and here
        """
    )


def test_three_labels_of_one_line_hang_from_bars() -> None:
    file = SourceFile("s.yaml", "requires: a and b and c\n")
    found = error(
        "No.",
        Label(at(file, "b"), "second"),
        Label(file.span(10, 11), "first"),
        Label(at(file, "c"), "third"),
    )
    assert shown(found) == dedent(
        """\
        error[DIA201]: No.
         --> s.yaml:1:11
          |
        1 | requires: a and b and c
          |           -     ^     - third
          |           |     |
          |           |     second
          |           first
        """
    ).replace("1:11", "1:17")


def test_where_marks_overlap_the_primary_one_shows() -> None:
    file = SourceFile("s.yaml", "cost: 5 besitos\n")
    found = error("No.", Label(at(file, "besitos"), "what"), Label(at(file, "5 besitos"), "here"))
    assert shown(found) == dedent(
        """\
        error[DIA201]: No.
         --> s.yaml:1:9
          |
        1 | cost: 5 besitos
          |       --^^^^^^^ what
          |       |
          |       here
        """
    )


def test_of_a_stretch_over_lines_the_first_is_shown() -> None:
    found = error("This is long.", Label(at(GARDEN, GARDEN.text[:60]), "all this"))
    assert shown(found) == dedent(
        """\
        error[DIA201]: This is long.
         --> stories/x/chapters/garden.yaml:1:1
          |
        1 | chapter: garden
          | ^^^^^^^^^^^^^^^ all this (to line 5)
        """
    )


def test_a_stretch_that_takes_its_line_end_along_stays_on_its_line() -> None:
    file = SourceFile("s.yaml", "a: 1\r\nb: 2\r\n")
    assert shown(error("No.", Label(file.span(3, 6), "here"))) == dedent(
        """\
        error[DIA201]: No.
         --> s.yaml:1:4
          |
        1 | a: 1
          |    ^ here
        """
    )


def test_a_point_at_the_end_of_the_file_is_marked_behind_it() -> None:
    file = SourceFile("s.yaml", "a: {")
    assert shown(error("Not closed.", Label(file.span(4, 4), "`}` is missing"))) == dedent(
        """\
        error[DIA201]: Not closed.
         --> s.yaml:1:5
          |
        1 | a: {
          |     ^ `}` is missing
        """
    )


def test_marks_stand_under_wide_combining_and_control_characters() -> None:
    file = SourceFile("s.yaml", "text: 日本 e\u0301 🌹\t\x1b[31m trsut 🌹\n")
    found = error("No.", Label(at(file, "trsut"), "this"), Label(at(file, "\x1b"), "and that"))
    assert shown(found) == dedent(
        """\
        error[DIA201]: No.
         --> s.yaml:1:18
          |
        1 | text: 日本 e\u0301 🌹    <U+001B>[31m trsut 🌹
          |                    --------     ^^^^^ this
          |                    |
          |                    and that
        """
    ).replace("s.yaml:1:18", f"s.yaml:1:{file.text.index('trsut') + 1}")


def test_messages_labels_help_and_paths_cannot_command_a_terminal() -> None:
    file = SourceFile("a\x1b[2J.yaml", "x\n")
    evil = "\x1b]0;owned\x07 \u202e"
    found = error(evil, Label(file.span(0, 1), evil), help=evil, edit=Edit(file.span(0, 1), evil))
    text = render([found], colour=False, width=80)
    assert not set(text) & set("\x1b\x07\u202e")


def test_a_long_line_is_shown_around_the_mark() -> None:
    file = SourceFile("s.yaml", f"text: {'word ' * 200}{{trsut}}{' more' * 200}\n")
    assert shown(error("No.", Label(at(file, "trsut"), "here")), width=60) == dedent(
        """\
        error[DIA201]: No.
         --> s.yaml:1:1008
          |
        1 | ...d word word word word {trsut} more more more more ...
          |                           ^^^^^ here
        """
    )


def test_a_mark_that_is_too_long_itself_keeps_its_beginning_and_what_stands_before() -> None:
    file = SourceFile("s.yaml", f"story: {'x' * 500}\n")
    assert shown(error("No.", Label(file.span(7, 507), "long")), width=40) == dedent(
        """\
        error[DIA201]: No.
         --> s.yaml:1:8
          |
        1 | story: xxxxxxxxxxxxxxxxxxxxxxx...
          |        ^^^^^^^^^^^^^^^^^^^^^^^ long
        """
    )


def test_marks_far_apart_on_a_long_line_are_shown_one_after_the_other() -> None:
    file = SourceFile("s.yaml", f"text: {{trsut}}{' word' * 200} {{trsut}}\n")
    found = error("No.", Label(at(file, "trsut"), "here"), Label(at(file, "trsut", 1), "again"))
    assert shown(found, width=40) == dedent(
        """\
        error[DIA201]: No.
         --> s.yaml:1:8
          |
        1 | text: {trsut} word word word w...
          |        ^^^^^ here
        1 | ...rd word word word word {trsut}
          |                            ----- again
        """
    )


def test_of_very_many_places_the_first_are_shown_and_the_rest_counted() -> None:
    file = SourceFile("s.yaml", "x\n" * 500)
    others = [Label(file.span(2 * line, 2 * line + 1)) for line in range(1, 500)]
    text = shown(error("No.", Label(file.span(0, 1)), *others))
    assert text.count("-\n") == 8
    assert text.endswith("  = and 491 more places\n") or " = and 491 more places" in text


def test_what_has_no_text_is_only_named() -> None:
    file = SourceFile("stories/x/story.yaml", "")
    found = error("This file cannot be read.", Label(file.span(0, 0), "denied"), help="Allow\nit.")
    assert shown(found) == dedent(
        """\
        error[DIA201]: This file cannot be read.
         --> stories/x/story.yaml
          = denied
        help: Allow
              it.
        """
    )


def test_an_insertion_is_marked_with_plus_signs() -> None:
    file = SourceFile("s.yaml", "text: Go: now\n")
    found = error("No.", Label(at(file, ":", 1)), edit=Edit(file.span(6, 6), '"'))
    assert shown(found).endswith(
        dedent(
            """\
            help: this would mend it:
              |
            1 | text: "Go: now
              |       +
            """
        )
    )


@pytest.mark.parametrize(
    ("span", "replacement", "rows"),
    [
        ((5, 9), "", ["2 - b: 2", "2 +"]),
        ((5, 10), "", ["2 - b: 2"]),
        ((9, 9), "\nx: 0", ["3 + x: 0"]),
        ((5, 9), "b:\n  - 1\n  - 2", ["2 - b: 2", "2 + b:", "3 +   - 1", "4 +   - 2"]),
        ((3, 8), "9", ["1 - a: 1", "2 - b: 2", "1 + a: 92"]),
    ],
)
def test_what_is_taken_out_or_takes_several_lines_is_shown_as_going_and_coming(
    span: tuple[int, int], replacement: str, rows: list[str]
) -> None:
    file = SourceFile("s.yaml", "a: 1\nb: 2\nc: 3\n")
    found = error("No.", Label(file.span(0, 1)), edit=Edit(file.span(*span), replacement))
    told = shown(found).partition("it:\n  |\n")[2].splitlines()
    assert told == rows


def test_an_edit_of_many_lines_is_cut() -> None:
    file = SourceFile("s.yaml", "a\n" * 50)
    found = error("No.", Label(file.span(0, 1)), edit=Edit(file.span(0, 100), "b\n" * 30))
    told = shown(found).splitlines()
    assert "   - ... and 42 more lines" in told
    assert "   + ... and 22 more lines" in told


def test_line_numbers_of_different_length_share_one_margin() -> None:
    file = SourceFile("s.yaml", "a\n" * 9 + "b\n")
    found = error("No.", Label(at(file, "b"), "here"), Label(file.span(16, 17), "there"))
    assert shown(found) == dedent(
        """\
        error[DIA201]: No.
          --> s.yaml:10:1
           |
         9 | a
           | - there
        10 | b
           | ^ here
        """
    )


@pytest.mark.parametrize(("severity", "code"), [("error", "31"), ("warning", "33"), ("note", "36")])
def test_colour_marks_the_severity_and_leaves_the_words_alone(
    severity: Severity, code: str
) -> None:
    found = Diagnostic(Code("DIA201"), severity, "No.", Label(at(GARDEN, "gate"), "here"))
    coloured = render([found], colour=True, width=80)
    assert coloured.startswith(f"\x1b[1;{code}m{severity}[DIA201]\x1b[0m\x1b[1m: No.\x1b[0m\n")
    assert f"\x1b[1;{code}m^^^^" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render([found], colour=False, width=80)


def test_nothing_found_is_nothing_shown() -> None:
    assert render([], colour=False, width=80) == ""


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((0, 0, 0), "no problems"),
        ((1, 0, 0), "1 error"),
        ((2, 1, 3), "2 errors, 1 warning, 3 notes"),
    ],
)
def test_the_summary_counts_in_words(counts: tuple[int, int, int], words: str) -> None:
    errors, warnings, notes = counts
    assert summary(errors=errors, warnings=warnings, notes=notes, colour=False) == words


# Whatever stands in a file, and wherever a finding points


TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("ab :\n\r\t🌹日\u0301\u200d\ufe0f🏽\x1b\u202e"),
        st.characters(exclude_categories=()),
    ),
    max_size=120,
)


@st.composite
def findings(draw: st.DrawFn, said: st.SearchStrategy[str] = TEXTS) -> Diagnostic:
    """Draw a finding with places anywhere in two files of any text, and `said` of them."""
    files = [SourceFile("a.yaml", draw(TEXTS)), SourceFile("b.yaml", draw(TEXTS))]

    def place() -> Span:
        file = draw(st.sampled_from(files))
        ends = draw(st.tuples(st.integers(0, len(file.text)), st.integers(0, len(file.text))))
        return file.span(min(ends), max(ends))

    labels = [Label(place(), draw(said)) for _ in range(draw(st.integers(1, 5)))]
    edit = Edit(place(), draw(TEXTS)) if draw(st.booleans()) else None
    words = draw(st.none() | TEXTS)
    return Diagnostic(Code("DIA201"), "error", "No.", labels[0], tuple(labels[1:]), words, edit)


@given(findings(st.sampled_from(["", "here", "日本"])), st.integers(1, 120))
def test_marks_never_reach_beyond_the_line_they_stand_under(
    found: Diagnostic, columns: int
) -> None:
    rows = render([found], colour=False, width=columns).split("\n")
    for above, row in pairwise(rows):
        margin, bar, signs = row.partition("| ")
        numbered = re.match(r" *[0-9]+ \| ?", above)
        marks = re.match(r" *[-^][-^ ]*", signs)
        if numbered and bar and not margin.strip() and marks:
            # A mark of a point at the end of the line takes the column after it.
            assert width(marks[0].rstrip()) <= width(above[numbered.end() :]) + 1 + _trailing(found)


def _trailing(found: Diagnostic) -> int:
    """Return how many spaces a shown line may have lost at its end."""
    texts = [label.span.file.text for label in (found.primary, *found.labels)]
    return max(len(run) for text in texts for run in re.findall(r"[ \t]*", text)) * 4


@given(st.lists(findings(), max_size=3), st.booleans())
def test_rendering_is_a_function_of_the_findings(found: list[Diagnostic], colour: bool) -> None:
    text = render(found, colour=colour, width=80)
    assert text == render(found, colour=colour, width=80)
    assert all(not line.endswith(" ") for line in text.split("\n"))
