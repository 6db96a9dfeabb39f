"""The `diana` command through its entry point: what it prints, writes, and ends with."""

import json
import re
import sqlite3
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from diana_cli.commands.new import story_id
from diana_cli.main import COMMANDS, main
from jsonschema import Draft202012Validator

from diana_engine.diagnostics.model import Code
from diana_engine.diagnostics.registry import codes, page

CLEAN = """\
story: door
title: The door
language: en
start: hall
fragments:
  hall:
    text: A closed door.
    choices:
      - text: Open it
        to: sea
  sea:
    text: Behind the door, the sea.
    ending: sea
"""
BROKEN = CLEAN.replace("to: sea", "to: see")
UNREACHED = CLEAN + "  attic:\n    text: Dust.\n    next: hall\n"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with nothing set that changes what is printed or where."""
    for name in ("DIANA_DATABASE", "DIANA_DEBUG", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def diana(*arguments: str | Path) -> Result:
    """Run the command in this process; stdout and stderr are kept apart."""
    return CliRunner().invoke(main, [str(one) for one in arguments], prog_name="diana")


def write_story(text: str) -> Path:
    """Write a story of one file into the folder `door`."""
    folder = Path("door")
    folder.mkdir(exist_ok=True)
    (folder / "story.yaml").write_text(text, encoding="utf-8")
    return folder


# The table of commands


def test_help_lists_every_command_with_what_it_does() -> None:
    result = diana("--help")
    assert result.exit_code == 0
    for name, does in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(does)}$", result.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_of_a_command_what_the_command_says_itself(name: str) -> None:
    command = import_module(f"diana_cli.commands.{name}").command
    assert command.name == name
    assert (command.short_help or command.help.partition("\n")[0]) == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_and_its_options(name: str) -> None:
    result = diana(name, "--help")
    assert result.exit_code == 0
    command = import_module(f"diana_cli.commands.{name}").command
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []


def test_a_mistyped_command_is_understood_and_refused() -> None:
    result = diana("chekc")
    assert result.exit_code == 2
    assert "There is no command `chekc`. Did you mean `check`?" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [["check"], ["check", "x", "--format", "xml"], ["--nothing"], ["play", "--seed", "x"]],
)
def test_a_command_line_that_is_not_understood_ends_with_two(arguments: list[str]) -> None:
    result = diana(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage: diana" in result.stderr


def test_the_version_is_told() -> None:
    result = diana("--version")
    assert result.exit_code == 0
    assert re.fullmatch(r"diana \S+\n", result.stdout)


# check


def test_a_clean_story_is_told_in_one_line() -> None:
    result = diana("check", write_story(CLEAN))
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "2 fragments, 1 choice: no problems\n",
        "",
    )


def test_a_story_may_be_named_by_its_file() -> None:
    result = diana("check", write_story(CLEAN) / "story.yaml")
    assert result.exit_code == 0


def test_a_mistake_is_shown_with_its_place_and_fails_the_check() -> None:
    result = diana("check", write_story(BROKEN))
    assert result.exit_code == 1
    assert result.stdout.startswith("error[DIA201]: ")
    assert " --> door/story.yaml:10:13\n" in result.stdout
    assert "\n10 |         to: see\n   |             ^^^" in result.stdout
    assert re.search(r"^[0-9] fragments, [0-9] choices?: 1 error\n\Z", result.stdout, re.MULTILINE)
    assert "\x1b" not in result.stdout


def test_warnings_fail_the_check_only_if_it_is_strict() -> None:
    story = write_story(UNREACHED)
    assert diana("check", story).exit_code == 0
    strict = diana("check", story, "--strict")
    assert strict.exit_code == 1
    assert "warning[DIA401]" in strict.stdout


@pytest.mark.parametrize("text", [CLEAN, BROKEN, UNREACHED])
def test_the_json_report_is_what_its_schema_says(text: str) -> None:
    story = write_story(text)
    report = diana("check", story, "--format", "json")
    schema = json.loads(diana("schema", "report").stdout)
    Draft202012Validator(schema).validate(json.loads(report.stdout))
    assert report.stdout == diana("check", story, "--format", "json").stdout
    assert report.exit_code == diana("check", story).exit_code
    assert json.loads(report.stdout)["story"] == "door"


@pytest.mark.parametrize("option", [["--color", "always"], ["--color=always", "--strict"]])
def test_colour_comes_when_it_is_asked_for(option: list[str]) -> None:
    assert "\x1b[1;31merror" in diana("check", write_story(BROKEN), *option).stdout


@pytest.mark.parametrize(
    ("environment", "option", "coloured"),
    [
        ({"FORCE_COLOR": "1"}, "auto", True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", False),
        ({"FORCE_COLOR": "1"}, "never", False),
        ({"NO_COLOR": "1"}, "always", True),
        ({"NO_COLOR": "", "FORCE_COLOR": "1"}, "auto", True),
    ],
)
def test_the_option_counts_before_no_color_and_that_before_force_color(
    environment: dict[str, str], option: str, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = diana("check", write_story(BROKEN), "--color", option)
    assert ("\x1b[" in result.stdout) is coloured


def test_of_very_many_findings_the_first_are_shown_and_the_rest_counted() -> None:
    choices = "".join(f"      - {{text: Go {n}, to: lost_{n:03}}}\n" for n in range(100))
    fragments = "".join(
        f"  place_{n}:\n    text: Here.\n    choices:\n      - {{text: On, to: gone_{n:03}x}}\n"
        for n in range(60)
    )
    text = CLEAN.replace("      - text: Open it\n", f"{choices}      - text: Open it\n")[:-1]
    result = diana("check", write_story(f"{text}\n{fragments}"))
    found = json.loads(diana("check", "door", "--format", "json").stdout)
    assert found["errors"] > 100
    assert result.stdout.count("\nerror[") == 99
    left = len(found["diagnostics"]) - 100
    assert f"\n{left} more are not shown; `diana check --format json` lists all" in result.stdout


@pytest.mark.parametrize("story", ["nowhere", "story.yaml"])
def test_a_story_that_is_not_there_is_a_finding_too(story: str) -> None:
    result = diana("check", story)
    assert result.exit_code == 1
    assert result.stdout.startswith("error[DIA0")
    assert story in result.stdout


# compile


def test_a_compiled_story_is_stored_once() -> None:
    story = write_story(CLEAN)
    first = diana("compile", story)
    assert (first.exit_code, first.stderr) == (0, "")
    told = re.fullmatch(
        r"door (\S+) \(([0-9a-f]{12})\): stored, in (.*diana\.db.*)\n", first.stdout
    )
    assert told
    second = diana("compile", story)
    assert (second.exit_code, second.stderr) == (0, "")
    assert second.stdout == first.stdout.replace(": stored,", ": already there,")


def test_the_database_may_be_named() -> None:
    story = write_story(CLEAN)
    assert diana("compile", story, "--database", "other.db").exit_code == 0
    assert Path("other.db").is_file()
    assert not Path("diana.db").exists()


def test_a_story_with_mistakes_does_not_touch_the_database() -> None:
    result = diana("compile", write_story(BROKEN))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[DIA201]" in result.stderr
    assert result.stderr.endswith(" 1 error; nothing was stored\n")
    assert [path.name for path in Path().iterdir()] == ["door"]


def test_a_story_with_a_dead_end_is_a_draft_and_is_not_stored_either() -> None:
    dead = CLEAN.replace("    ending: sea\n", "") + "  end:\n    text: Bye.\n    ending: end\n"
    result = diana("compile", write_story(dead))
    assert result.exit_code == 1
    assert not Path("diana.db").exists()


def test_mistakes_leave_an_existing_database_as_it_is() -> None:
    assert diana("compile", write_story(CLEAN)).exit_code == 0
    before = Path("diana.db").read_bytes()
    assert diana("compile", write_story(BROKEN)).exit_code == 1
    assert Path("diana.db").read_bytes() == before


def test_warnings_are_told_and_the_story_is_stored() -> None:
    result = diana("compile", write_story(UNREACHED))
    assert result.exit_code == 0
    assert "warning[DIA401]" in result.stderr
    assert ": stored, in " in result.stdout


@pytest.mark.parametrize(
    ("database", "said"),
    [
        ("mysql://me:secret@host/x", "Diana keeps its data in SQLite or PostgreSQL"),
        ("missing/diana.db", "there is no folder"),
        ("door", "is a folder"),
        ("notes.txt", "is not a SQLite database"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_one_line(database: str, said: str) -> None:
    story = write_story(CLEAN)
    Path("notes.txt").write_text("Remember the milk.\n" * 100)
    result = diana("compile", story, "--database", database)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "secret" not in result.stderr
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1


def test_what_was_compiled_can_be_asked_for_with_plain_sql() -> None:
    assert diana("compile", write_story(CLEAN)).exit_code == 0
    connection = sqlite3.connect("diana.db")
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert {"fragments", "choices", "story_versions"} <= tables


# explain


@pytest.mark.parametrize(
    "wanted",
    [
        "DIA201",
        "dia201",
        "201",
        "DIA-201",
        "error[DIA201]:",
        "unknown-fragment",
        "Unknown fragment",
    ],
)
def test_a_code_is_explained_however_it_is_written(wanted: str) -> None:
    result = diana("explain", wanted)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"error[DIA201]: {page(Code('DIA201')).title}")


def test_several_codes_are_explained_at_once() -> None:
    result = diana("explain", "DIA201", "DIA202", "--format", "markdown")
    assert re.findall(r"^# (DIA[0-9]+)", result.stdout, re.MULTILINE) == ["DIA201", "DIA202"]


def test_without_a_code_all_are_listed() -> None:
    result = diana("explain")
    assert result.exit_code == 0
    assert [code for code in codes() if f"  {code}  " not in result.stdout] == []


@pytest.mark.parametrize("family", ["2", "DIA2", "names"])
def test_a_family_lists_its_own_codes(family: str) -> None:
    listed = re.findall(r"^  (DIA[0-9]{3})  ", diana("explain", family).stdout, re.MULTILINE)
    assert listed == [code for code in codes() if code.startswith("DIA2")]


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("DIA2O1", "Did you mean DIA201?"),
        ("unknown-fragmnet", "Did you mean unknown-fragment?"),
        ("DAI201", "Did you mean DIA201?"),
        ("tab", "These speak of it: DIA007 (tab-in-indentation)."),
        ("DIA208", "`diana explain 2` lists those of family 2, names."),
        ("DIA999", "`diana explain` lists all codes."),
        ("zzzzzzzzzzzz", "`diana explain` lists all codes."),
    ],
)
def test_an_unknown_code_is_refused_with_a_hint(wanted: str, hint: str) -> None:
    result = diana("explain", wanted)
    assert result.exit_code == 2
    assert f"There is no code {wanted}. {hint}" in result.stderr


# schema

SCHEMAS = ["chapter", "playthrough", "prove", "report", "story"]


def test_without_a_name_the_schemas_are_listed() -> None:
    result = diana("schema")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == SCHEMAS


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_printed_as_it_is_written(name: str) -> None:
    written = (files("diana_engine.schema") / f"{name}.schema.json").read_text(encoding="utf-8")
    assert diana("schema", name).stdout == written
    Draft202012Validator.check_schema(json.loads(written))


def test_an_unknown_schema_is_refused_with_a_hint() -> None:
    result = diana("schema", "chaptre")
    assert result.exit_code == 2
    assert "Did you mean chapter?" in result.stderr


def test_all_schemas_can_be_written_into_a_folder_where_they_find_each_other() -> None:
    assert diana("schema", "--output", "deep/schemas").exit_code == 0
    found = {
        path.name: json.loads(path.read_text("utf-8")) for path in Path("deep/schemas").iterdir()
    }
    assert sorted(found) == [f"{name}.schema.json" for name in SCHEMAS]
    assert not any("$id" in schema for schema in found.values())
    references = set(re.findall(r'"\$ref": "([^"#]+)#', json.dumps(found)))
    assert references <= set(found)


def test_a_folder_that_cannot_be_written_is_told_in_one_line() -> None:
    Path("file").write_text("")
    result = diana("schema", "--output", "file/inside")
    assert result.exit_code == 1
    assert re.fullmatch(r"error: file.* cannot be written: .*\.\n", result.stderr)


# new


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_new_story_checks_clean_and_its_playthrough_is_in_it(language: str) -> None:
    made = diana("new", "Mi Cuento 1", "--language", language)
    assert made.exit_code == 0
    assert made.stdout.endswith("\n  diana check 'Mi Cuento 1'\n  diana play 'Mi Cuento 1'\n")
    story = Path("Mi Cuento 1")
    assert len(list(story.glob("chapters/*.yaml"))) >= 2
    assert len(list(story.glob("tests/*.yaml"))) == 1
    assert "\nstory: mi_cuento_1\n" in (story / "story.yaml").read_text(encoding="utf-8")
    checked = diana("check", story, "--strict")
    assert checked.exit_code == 0, checked.stdout
    assert checked.stdout.endswith(": no problems\n")


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_editor_finds_the_schema_of_every_file_of_a_new_story(language: str) -> None:
    diana("new", "x", "--language", language)
    written = list(Path("x").rglob("*.yaml"))
    assert len(written) == 4
    for path in written:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert named
        assert (path.parent / named[1]).is_file()


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_playthrough_of_a_new_story_leads_to_its_ending(language: str) -> None:
    diana("new", "x", "--language", language)
    [playthrough] = Path("x/tests").glob("*.yaml")
    result = diana("play", "x", "--playthrough", playthrough)
    assert result.exit_code == 0, result.output


def test_a_folder_that_holds_something_is_left_alone() -> None:
    Path("x").mkdir()
    Path("x/mine.txt").write_text("mine")
    result = diana("new", "x")
    assert result.exit_code == 1
    assert result.stderr == "error: The folder x is not empty. Name a new one.\n"
    assert [path.name for path in Path("x").iterdir()] == ["mine.txt"]


def test_an_empty_folder_will_do_also_the_one_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tale").mkdir()
    monkeypatch.chdir(tmp_path / "tale")
    assert diana("new", ".").exit_code == 0
    assert "\nstory: tale\n" in Path("story.yaml").read_text(encoding="utf-8")


def test_a_file_is_no_folder_for_a_story() -> None:
    Path("x").write_text("")
    result = diana("new", "x")
    assert (result.exit_code, result.stderr) == (1, "error: x is a file. Name a new folder.\n")


@pytest.mark.parametrize(
    ("folder", "made"),
    [
        ("tale", "tale"),
        ("El Jardín de Diana", "el_jardin_de_diana"),
        ("2nd story", "story_2nd_story"),
        ("__--__", "story"),
        ("日本", "story"),
        ("x" * 200, "x" * 64),
        ("a" * 63 + "_b", "a" * 63),
    ],
)
def test_the_id_of_a_new_story_is_made_of_its_folder_s_name(folder: str, made: str) -> None:
    assert story_id(folder) == made


def test_the_files_of_a_new_story_begin_as_the_page_on_editors_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "editors.md").read_text(encoding="utf-8")
    lines = set(re.findall(r"`(# yaml-language-server: [^`]+)`", page))
    assert len(lines) == 3
    assert diana("new", "tale").exit_code == 0
    files = Path("tale").rglob("*.yaml")
    assert {path.read_text(encoding="utf-8").splitlines()[0] for path in files} == lines
