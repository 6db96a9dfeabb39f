"""`diana check` for programs: every format, to stdout or into a file, with the same exit status."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result
from diana_cli.main import main
from diana_cli.reports import FORMATS

from diana_engine.compiler.pipeline import MAX_ERRORS

CLEAN = """\
story: door
title: The door
language: en
start: hall
fragments:
  hall:
    text: A closed door.
    next: sea
  sea:
    text: Behind the door, the sea.
    ending: sea
"""
BROKEN = CLEAN.replace("next: sea", "next: see")
UNREACHED = CLEAN + "  attic:\n    text: Dust.\n    next: hall\n"


@pytest.fixture(autouse=True)
def story_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with the stories `clean`, `broken` and `unreached`."""
    for name in ("DIANA_DEBUG", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    for name, text in (("clean", CLEAN), ("broken", BROKEN), ("unreached", UNREACHED)):
        (tmp_path / name / "chapters").mkdir(parents=True)
        (tmp_path / name / "story.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def check(*arguments: str | Path) -> Result:
    """Run `diana check` in this process."""
    return CliRunner().invoke(main, ["check", *map(str, arguments)], prog_name="diana")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("story", ["clean", "broken", "unreached", "nowhere"])
@pytest.mark.parametrize("strict", [[], ["--strict"]])
def test_a_format_changes_nothing_of_the_exit_status(
    form: str, story: str, strict: list[str]
) -> None:
    expected = story in {"broken", "nowhere"} or (story == "unreached" and bool(strict))
    shown = check(story, "--format", form, *strict)
    kept = check(story, "--format", form, "--output", "report", *strict)
    assert (shown.exit_code, kept.exit_code) == (expected, expected)
    assert (shown.stderr, kept.stdout) == ("", "")
    assert Path("report").read_bytes().decode() == shown.stdout


@pytest.mark.parametrize("form", FORMATS)
def test_a_minus_is_stdout(form: str) -> None:
    report = check("broken", "--format", form)
    assert report.stdout == check("broken", "--format", form, "--output", "-").stdout
    assert not Path("-").exists()


def test_who_reads_the_log_is_told_what_was_found_and_where_it_is() -> None:
    result = check("broken", "--format", "sarif", "--output", "diana.sarif")
    told = "2 fragments, 0 choices: 1 error; the report is in diana.sarif\n"
    assert result.stderr == told


def test_the_formats_speak_of_the_same_finding() -> None:
    [result] = json.loads(check("broken", "--format", "sarif").stdout)["runs"][0]["results"]
    assert result["ruleId"] == "DIA201"
    assert result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {
        "text": "sea"
    }
    github = check("broken", "--format", "github").stdout
    assert github.startswith("::error file=broken/story.yaml,line=8,endLine=8,col=11,endColumn=14,")
    [suite] = ET.fromstring(check("broken", "--format", "junit").stdout)
    assert [(case.get("name"), case.find("failure") is not None) for case in suite] == [
        ("broken/story.yaml", True)
    ]


def test_every_file_of_a_story_is_a_test_case() -> None:
    chapter = "chapter: two\nfragments:\n  cellar: {text: Dark., ending: dark}\n"
    Path("clean/chapters/two.yaml").write_text(chapter, encoding="utf-8")
    [suite] = ET.fromstring(check("clean", "--format", "junit").stdout)
    assert [case.get("name") for case in suite] == ["clean/chapters/two.yaml", "clean/story.yaml"]


def test_warnings_are_failures_for_junit_only_if_the_check_is_strict() -> None:
    assert 'failures="0"' in check("unreached", "--format", "junit").stdout
    strict = check("unreached", "--format", "junit", "--strict").stdout
    assert '<failure type="warning"' in strict


def test_a_story_that_is_wrong_all_over_has_a_report_too() -> None:
    wrong = "".join(f"  f{number}: [{number}]\n" for number in range(MAX_ERRORS + 1))
    Path("broken/story.yaml").write_text(CLEAN + wrong, encoding="utf-8")
    [suite] = ET.fromstring(check("broken", "--format", "junit").stdout)
    assert [case.get("name") for case in suite] == ["broken/story.yaml"]
    [run] = json.loads(check("broken", "--format", "sarif").stdout)["runs"]
    assert len(run["results"]) > MAX_ERRORS


# Files


def test_a_report_takes_the_place_of_an_older_one_and_leaves_nothing_beside_it() -> None:
    Path("out").mkdir()
    Path("out/report").write_text("old " * 10_000)
    assert check("broken", "--format", "junit", "--output", "out/report").exit_code == 1
    assert Path("out/report").read_text().startswith("<?xml")
    assert [path.name for path in Path("out").iterdir()] == ["report"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_a_report_may_be_read_by_whoever_may_read_files_here() -> None:
    umask = os.umask(0o022)
    try:
        check("clean", "--output", "new")
        Path("old").write_text("")
        Path("old").chmod(0o640)
        check("clean", "--output", "old")
    finally:
        os.umask(umask)
    assert stat.S_IMODE(Path("new").stat().st_mode) == 0o644
    assert stat.S_IMODE(Path("old").stat().st_mode) == 0o640


def test_a_link_is_followed() -> None:
    Path("real").write_text("")
    Path("link").symlink_to("real")
    check("clean", "--format", "json", "--output", "link")
    assert Path("link").is_symlink()
    assert json.loads(Path("real").read_text())["errors"] == 0


def test_a_pipe_is_written_into_and_stays() -> None:
    os.mkfifo("pipe")
    command = [sys.executable, "-m", "diana_cli", "check", "clean", "--format", "json"]
    with subprocess.Popen([*command, "--output", "pipe"], stderr=subprocess.DEVNULL) as process:
        assert json.loads(Path("pipe").read_text())["errors"] == 0
    assert process.returncode == 0
    assert Path("pipe").is_fifo()


@pytest.mark.parametrize("output", ["missing/report", "clean/story.yaml/report"])
def test_a_file_that_cannot_be_written_is_told_in_one_line(output: str) -> None:
    result = check("clean", "--format", "sarif", "--output", output)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"error: {output} cannot be written: ")
    assert result.stderr.count("\n") == 1


def test_a_folder_is_no_file_for_a_report() -> None:
    assert check("clean", "--output", "clean").exit_code == 2
