"""`diana play` as a process of its own, without a terminal: scripts, playthroughs, drafts, databases."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from diana_engine.adapters.terminal.saves import load

DOOR = """\
story: door
title: The door
language: en
start: hall
items: {key: {name: A rusty key}}
fragments:
  hall:
    text: |
      A closed door. {shuffle: An owl calls. | A cat looks. | It rains. | Silence.}
    choices:
      - id: mat
        text: Look under the mat
        once: true
        say: A key!
        effects: [give key]
        to: hall
      - id: open
        text: Open the door
        requires: has key
        locked: It is locked.
        to: stairs
  stairs:
    text: Down, and down.
    next: sea
  sea: {text: "Behind the door, ||the sea||.", ending: the_sea}
"""
HOLDS = """\
playthrough: to_the_sea
seed: 3
steps:
  - expect: {at: hall, locked: [open], values: {}}
  - Look under the mat
  - expect: {items: [key], hidden: [mat], see: A key!}
  - 1
  - continue
ending: the_sea
"""
COMMAND = [sys.executable, "-c", "from diana_cli.main import main; main(prog_name='diana')"]

Play = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def door(tmp_path: Path) -> Path:
    folder = tmp_path / "door"
    (folder / "tests").mkdir(parents=True)
    (folder / "story.yaml").write_text(DOOR, encoding="utf-8")
    (folder / "tests" / "sea.yaml").write_text(HOLDS, encoding="utf-8")
    return folder


@pytest.fixture
def diana(tmp_path: Path) -> Play:
    """Run the command in an empty folder; nothing outside of it is read or written."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIANA_")}
    environment = {**kept, "DIANA_SAVES": str(tmp_path / "saves"), "HOME": str(tmp_path)}

    def run(*arguments: str | Path, typed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        result = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            input=typed,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert b"Traceback" not in result.stderr, result.stderr.decode()
        return result

    return run


def told(result: subprocess.CompletedProcess[bytes], status: int = 0) -> str:
    """Return what was printed; the command must have ended with `status`."""
    assert result.returncode == status, result.stderr.decode()
    return result.stdout.decode()


# A playthrough


def test_a_playthrough_is_shown_step_by_step_and_ends_with_its_ending(
    diana: Play, door: Path
) -> None:
    result = diana("play", door, "--playthrough", door / "tests" / "sea.yaml")
    shown = told(result)
    parts = ["A closed door.", "(2) Open the door — It is locked.", "> 1. Look under the mat", "A key!",
             "> 1. Open the door", "> Continue", "[the sea]", "— The end: the sea —"]  # fmt: skip
    places = [shown.index(part) for part in parts]
    assert places == sorted(places)
    assert shown.splitlines()[-1] == "Ending reached: the_sea"
    assert result.stderr == b""


def test_a_playthrough_without_an_ending_says_where_it_stops(diana: Play, door: Path) -> None:
    way = door / "way.yaml"
    way.write_text("playthrough: way\nsteps: [mat]\n")
    shown = told(diana("play", door, "--playthrough", way))
    assert shown.splitlines()[-1] == "The playthrough way holds; it stops at main.hall."


def test_a_playthrough_that_fails_points_at_the_word_and_shows_what_came_before(
    diana: Play, door: Path
) -> None:
    way = door / "way.yaml"
    way.write_text(
        "playthrough: way\nsteps:\n  - expect: {items: [key]}\n  - Open the dor\n  - 1\n"
    )
    result = diana("play", door, "--playthrough", way)
    assert "A closed door." in told(result, 1)
    error = result.stderr.decode()
    assert "error[DIA109]: I expected the player to hold `key`, who does not." in error
    assert f"{way.as_posix()}:3:22" in error
    assert "error[DIA109]: There is no choice `Open the dor` in `main.hall`." in error
    assert f"{way.as_posix()}:4:5" in error
    assert "Did you mean `Open the door`?" in error
    assert error.splitlines()[-1] == "The playthrough way does not hold."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"playthrough: way\nstep: [1]\n", "DIA101"),
        (b"playthrough: way\n", "DIA102"),
        (b"playthrough: way\nsteps: []\n", "DIA103"),
        (b"playthrough: way\nsteps: [[1]]\n", "DIA103"),
        (b"playthrough: way\nsteps: [{expect: x}]\n", "DIA103"),
        (b"playthrough: Way\nsteps: [1]\n", "DIA104"),
        (b"playthrough: way\nseed: x\nsteps: [1]\n", "DIA104"),
        (b"playthrough: way\nsteps:\n  -\n", "DIA108"),
        (b"\xff\xfe", "DIA005"),
        (b"", "DIA008"),
    ],
)
def test_a_playthrough_that_cannot_be_read_is_a_diagnostic(
    diana: Play, door: Path, text: bytes, code: str
) -> None:
    way = door / "way.yaml"
    way.write_bytes(text)
    result = diana("play", door, "--playthrough", way)
    assert told(result, 1) == ""
    assert f"error[{code}]" in result.stderr.decode()
    assert way.as_posix() in result.stderr.decode()


def test_a_playthrough_that_is_not_there_is_a_diagnostic(diana: Play, door: Path) -> None:
    result = diana("play", door, "--playthrough", "nowhere.yaml")
    assert told(result, 1) == ""
    assert b"DIA003" in result.stderr


# Choices of a script


def test_choices_are_taken_one_after_the_other_and_nothing_is_saved(
    diana: Play, door: Path, tmp_path: Path
) -> None:
    shown = told(diana("play", door, "--choices", "1,1,c"))
    assert shown.splitlines()[-1] == "Ending reached: the_sea"
    assert not (tmp_path / "saves").exists()


def test_a_choice_that_cannot_be_taken_ends_with_1_and_says_why(diana: Play, door: Path) -> None:
    result = diana("play", door, "--choices", "2")
    assert "A closed door." in told(result, 1)
    assert result.stderr.decode() == (
        "error: Number 1 of the choices is 2, `open` “Open the door”, which is locked at `main.hall`. "
        "The choices are: 1 `mat` “Look under the mat”, 2 `open` “Open the door” (locked).\n"
    )


def test_a_script_can_save_and_go_on_later(diana: Play, door: Path, tmp_path: Path) -> None:
    save = tmp_path / "game.json"
    told(diana("play", door, "--choices", "1", "--save", save, "--seed", "5"))
    kept = load(save)
    assert kept is not None
    assert (kept.seed, len(kept.moves)) == (5, 1)
    shown = told(diana("play", door, "--choices", "1,c", "--save", save))
    assert "You go on where you were." in shown
    assert "Ending reached: the_sea" in shown
    shown = told(diana("play", door, "--choices", "1", "--save", save, "--new"))
    assert "> 1. Look under the mat" in shown


def test_a_script_that_fails_leaves_the_save_as_it_was(
    diana: Play, door: Path, tmp_path: Path
) -> None:
    save = tmp_path / "game.json"
    told(diana("play", door, "--choices", "1", "--save", save))
    before = save.read_bytes()
    told(diana("play", door, "--choices", "1,9", "--save", save), 1)
    assert save.read_bytes() == before


def test_the_same_seed_is_the_same_game_and_without_one_each_game_has_its_own(
    diana: Play, door: Path, tmp_path: Path
) -> None:
    shown = [told(diana("play", door, "--choices", "1", "--seed", "7")) for _ in range(2)]
    assert shown[0] == shown[1]
    seeds = set()
    for name in ("a.json", "b.json"):
        told(diana("play", door, "--choices", "1", "--save", name))
        kept = load(tmp_path / name)
        assert kept is not None
        seeds.add(kept.seed)
    assert len(seeds) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--choices", "1,x"],
        ["--choices", ""],
        ["--seed", "-1"],
        ["--seed", "x"],
        ["--playthrough", "x.yaml", "--choices", "1"],
        ["--playthrough", "x.yaml", "--seed", "1"],
        ["--database", "x.db"],
        ["--story", "door"],
    ],
)
def test_a_command_line_that_makes_no_sense_ends_with_2(
    diana: Play, door: Path, arguments: list[str]
) -> None:
    assert told(diana("play", door, *arguments), 2) == ""


# Lines of the input


def test_without_a_terminal_choices_are_lines_of_the_input_and_their_end_is_fine(
    diana: Play, door: Path, tmp_path: Path
) -> None:
    shown = told(diana("play", door, typed=b"2\nnorth\n\xff\xfe\n1\nu\n1\n\n1\r\n\n"))
    assert "It is locked." in shown
    assert "I do not know “north”" in shown
    assert "— The end: the sea —" in shown
    assert not (tmp_path / "saves").exists()
    assert "A closed door." in told(diana("play", door))


def test_lines_save_where_they_are_told_to(diana: Play, door: Path, tmp_path: Path) -> None:
    shown = told(diana("play", door, "--save", "game.json", typed=b"1\nq\n1\n"))
    assert shown.endswith("Your place is saved; the same command goes on from here.\n")
    kept = load(tmp_path / "game.json")
    assert kept is not None
    assert len(kept.moves) == 1


def test_a_save_that_cannot_be_read_or_is_of_another_story_is_told(
    diana: Play, door: Path, tmp_path: Path
) -> None:
    save = tmp_path / "game.json"
    save.write_text("{")
    shown = told(diana("play", door, "--save", save, typed=b"1\n"))
    assert "Your saved game cannot be read." in shown
    assert (tmp_path / "game.json.damaged-1").read_text() == "{"
    save.write_text(save.read_text().replace('"door"', '"gate"'))
    result = diana("play", door, "--save", save)
    assert told(result, 1) == ""
    assert b"holds a saved game of the story `gate`" in result.stderr


# Stories


def test_a_draft_is_played_in_spite_of_an_error_of_its_graph_and_says_so(
    diana: Play, door: Path
) -> None:
    (door / "story.yaml").write_text(DOOR.replace("ending: the_sea", "next: hall"))
    result = diana("play", door, "--choices", "1")
    assert "A key!" in told(result)
    assert "error[DIA40" in result.stderr.decode()
    assert "this draft is played as it is" in result.stderr.decode()


def test_a_story_with_errors_of_names_is_not_played(diana: Play, door: Path) -> None:
    story = door / "story.yaml"
    story.write_text(DOOR.replace("next: sea", "next: see"))
    result = diana("play", door, "--choices", "1")
    assert told(result, 1) == ""
    assert "error[DIA201]" in result.stderr.decode()
    assert "it cannot be played" in result.stderr.decode()


def test_a_story_that_is_not_there_is_told(diana: Play) -> None:
    result = diana("play", "nowhere")
    assert told(result, 1) == ""
    assert b"DIA001" in result.stderr


def test_a_stored_story_is_played_from_the_database(
    diana: Play, door: Path, tmp_path: Path
) -> None:
    told(diana("compile", door, "--database", "d.db"))
    shown = told(diana("play", "--database", "d.db", "--story", "door", "--choices", "1,1,c"))
    assert shown.splitlines()[-1] == "Ending reached: the_sea"
    way = door / "tests" / "sea.yaml"
    assert "Ending reached: the_sea" in told(
        diana("play", "--database", "d.db", "--playthrough", way)
    )
    result = diana("play", "--database", "d.db", "--story", "gate")
    assert told(result, 1) == ""
    assert "holds no story `gate`" in result.stderr.decode()
    result = diana("play")
    assert told(result, 1) == ""
    assert "There is no database" in result.stderr.decode()
    assert not (tmp_path / "diana.db").exists()


def test_a_game_goes_on_when_the_story_has_grown(diana: Play, door: Path, tmp_path: Path) -> None:
    save = tmp_path / "game.json"
    told(diana("play", door, "--choices", "1,1", "--save", save))
    story = door / "story.yaml"
    story.write_text(DOOR.replace("Down, and down.", "Down, and down, and down."))
    shown = told(diana("play", door, "--choices", "c", "--save", save))
    assert "The story has changed since you saved" in shown
    assert "Down, and down, and down." in shown
    story.write_text(DOOR.replace("id: open", "id: push"))
    shown = told(diana("play", door, "--choices", "1", "--save", save))
    assert "Of your 3 steps only the first 1 can still be taken" in " ".join(shown.split())
    assert (tmp_path / "game.json.outdated-1").exists()


# The command itself


def test_a_story_is_played_without_loading_what_takes_long(door: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from diana_cli.main import main\n"
        f"try: main(['play', {str(door)!r}, '--choices', '1'])\n"
        "finally: print('loaded', *sorted({'aiogram', 'sqlalchemy', 'jsonschema'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.stdout.splitlines()[-1] == "loaded"


def test_colour_is_used_where_it_is_asked_for(diana: Play, door: Path) -> None:
    assert "\x1b[2m" in told(diana("play", door, "--color", "always"))
    assert "\x1b" not in told(diana("play", door))


def test_whoever_stops_reading_hears_no_complaint(diana: Play, door: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "play", str(door), "--color", "never"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(b"9\n" * 100)
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
