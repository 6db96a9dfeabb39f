"""How severe a finding is in a story: what a manifest may say, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from diana_engine.compiler.compilation import Compilation
from diana_engine.compiler.pipeline import compile_story

HEAD = "story: a\ntitle: A\nlanguage: en\nstart: s\n"
LOST = "fragments:\n  s: {text: A, ending: e}\n  lost: {text: B, ending: f}\n"
BROKEN = "fragments:\n  s: {text: A, next: nowhere}\n"


def compiled(folder: Path, checks: str, fragments: str = LOST) -> Compilation:
    (folder / "story.yaml").write_text(f"{HEAD}checks: {checks}\n{fragments}", encoding="utf-8")
    return compile_story(folder)


def findings(result: Compilation) -> list[tuple[str, str]]:
    return [(one.code, one.severity) for one in result.diagnostics]


@pytest.mark.parametrize("level", ["note", "warning", "error"])
def test_a_finding_is_as_severe_as_the_story_says(level: str, tmp_path: Path) -> None:
    assert findings(compiled(tmp_path, f"{{DIA401: {level}}}")) == [("DIA401", level)]


@pytest.mark.parametrize("off", ["off", "'off'"])
def test_a_finding_that_is_off_is_not_told(off: str, tmp_path: Path) -> None:
    assert findings(compiled(tmp_path, f"{{DIA401: {off}}}")) == []


def test_a_warning_raised_to_an_error_leaves_a_draft_that_can_be_played(tmp_path: Path) -> None:
    result = compiled(tmp_path, "{DIA401: error}")
    assert result.errors == 1
    assert result.program is not None


def test_a_level_that_raises_need_not_be_needed(tmp_path: Path) -> None:
    assert findings(compiled(tmp_path, "{DIA401: warning, DIA406: error}")) == [
        ("DIA401", "warning")
    ]


def test_a_needless_level_is_told_and_can_be_allowed(tmp_path: Path) -> None:
    assert findings(compiled(tmp_path, "{DIA401: off, DIA406: note}")) == [("DIA126", "warning")]
    assert findings(compiled(tmp_path, "{DIA401: off, DIA406: note, DIA126: off}")) == []


def test_whether_a_level_is_needed_is_not_told_of_a_story_that_was_not_analysed(
    tmp_path: Path,
) -> None:
    assert findings(compiled(tmp_path, "{DIA406: off}", BROKEN)) == [("DIA201", "error")]


def test_an_error_that_is_lowered_stays_an_error(tmp_path: Path) -> None:
    result = compiled(tmp_path, "{DIA201: off}", BROKEN)
    assert findings(result) == [("DIA125", "error"), ("DIA201", "error")]


def test_a_level_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert ("DIA104", "error") in findings(compiled(tmp_path, "{DIA401: silent}"))


@pytest.mark.parametrize("code", ["DIA999", "dia401", "unused", "401"])
def test_a_code_that_does_not_exist_is_refused(code: str, tmp_path: Path) -> None:
    assert ("DIA124", "error") in findings(compiled(tmp_path, f"{{{code}: off}}"))


# One place alone

WAIT = (
    "fragments:\n  s:\n    text: A\n{above}    choices:\n      - {{text: Wait, to: s{one}}}\n"
    "      - {{text: Rest, to: s{other}}}\n      - {{text: Go, to: t}}\n  t: {{text: B, ending: e}}\n"
)


def waiting(folder: Path, above: str = "", one: str = "", other: str = "") -> list[tuple[str, int]]:
    text = WAIT.format(above=above, one=one, other=other)
    (folder / "story.yaml").write_text(HEAD + text, encoding="utf-8")
    return [
        (found.code, found.primary.span.begin.line) for found in compile_story(folder).diagnostics
    ]


def test_a_finding_about_one_choice_is_ignored_there_alone(tmp_path: Path) -> None:
    assert waiting(tmp_path) == [("DIA407", 9), ("DIA407", 10)]
    assert waiting(tmp_path, one=", ignore: DIA407") == [("DIA407", 10)]


def test_a_fragment_ignores_what_is_found_in_all_of_it(tmp_path: Path) -> None:
    assert waiting(tmp_path, above="    ignore: [DIA407]\n") == []


def test_what_is_ignored_without_need_is_told(tmp_path: Path) -> None:
    assert waiting(tmp_path, above="    ignore: DIA407\n", one=", ignore: DIA713")[-1] == (
        "DIA126",
        10,
    )


def test_an_error_is_never_ignored(tmp_path: Path) -> None:
    found = waiting(tmp_path, above="    ignore: DIA201\n", one=", next: x")
    assert ("DIA125", 8) in found
    fragments = "fragments:\n  s: {text: A, ignore: DIA405, choices: [{text: B, say: C, to: s}]}\n"
    told = findings(compiled(tmp_path, "{}", fragments))
    assert sorted(told) == [("DIA125", "error"), ("DIA405", "error")]


def test_a_finding_about_the_name_of_a_fragment_is_ignored_in_it(tmp_path: Path) -> None:
    lost = "fragments:\n  s: {text: A, ending: e}\n  lost: {text: B, ignore: DIA401, ending: f}\n"
    assert findings(compiled(tmp_path, "{}", lost)) == []
