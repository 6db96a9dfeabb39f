"""`diana compile --publish`, `publish`, `rollback`, `versions` and `diff`: what they print, and what they end with."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from diana_cli.main import main

from diana_engine.compiler.pipeline import compile_story
from diana_engine.database.connect import open_database
from strategies.audience import put, stand

DOOR = """\
story: door
title: The door
language: en
version: {version}
start: hall
items: {{key: {{name: A key}}}}
fragments:
  hall:
    text: A closed door.
    choices:
      - {{text: Take the key, id: take, once: true, effects: [give key], to: hall}}
      - {{text: Go down, id: down, to: cellar}}
      - {{text: Open it, id: open, requires: has key, locked: No key., to: sea}}
  cellar:
    text: {cellar}
    next: hall
  sea:
    text: Behind the door, the sea.
    ending: sea
"""
ONE = DOOR.format(version="1.0", cellar="It is dark.")
REWORDED = DOOR.format(version="1.1", cellar="It is very dark.")
WITHOUT = (
    ONE.replace("version: 1.0", "version: 2.0")
    .replace("      - {text: Go down, id: down, to: cellar}\n", "")
    .replace("  cellar:\n    text: It is dark.\n    next: hall\n", "")
)
RULED = WITHOUT + "removed: {main.cellar: main.hall}\n"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with nothing set that changes what is printed or where."""
    for name in ("DIANA_DATABASE", "DIANA_DEBUG", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def diana(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), prog_name="diana")


def done(*arguments: str) -> str:
    """Run a command that succeeds, and return what it printed."""
    result = diana(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def write(text: str, folder: str = "door") -> str:
    Path(folder).mkdir(exist_ok=True)
    (Path(folder) / "story.yaml").write_text(text, encoding="utf-8")
    return folder


def people(text: str, *plays: tuple[str, ...]) -> None:
    """Put players into the database who are on this version after these choices."""
    write(text, "theirs")
    program = compile_story(Path("theirs")).program
    assert program is not None

    async def add() -> None:
        async with await open_database("sqlite:///diana.db") as database:
            await put(database, program, *(stand(program, *play) for play in plays))

    asyncio.run(add())


@pytest.fixture
def live() -> None:
    """A published story, with one player in its hall, one in its cellar, and one who holds the key."""
    done("compile", "--publish", write(ONE))
    people(ONE, (), ("main.hall.down",), ("main.hall.take",))


def report(*arguments: str, status: int = 0) -> Any:
    result = diana(*arguments, "--format", "json")
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def active() -> str:
    return next(one["label"] for one in report("versions", "door") if one["active"])


def test_compile_stores_and_publish_puts_in_force():
    assert "stored" in done("compile", write(ONE))
    assert not any(one["active"] for one in report("versions"))
    assert "door 1.0" in done("publish", "door")
    assert active() == "1.0"


def test_compile_publish_is_all_that_other_words_need(live: None):
    printed = done("compile", "--publish", write(REWORDED))
    assert "3 go on with the new version" in printed
    assert "words only, which disturb nobody" in printed
    assert active() == "1.1"


def test_a_folder_is_published_as_it_is_now(live: None):
    folder = write(REWORDED)
    result = diana("publish", folder)
    assert result.exit_code == 1
    assert "not stored as it is now" in result.stderr
    done("compile", folder)
    done("publish", folder)
    assert active() == "1.1"


def test_a_dry_run_tells_and_writes_nothing(live: None):
    done("compile", write(REWORDED))
    assert "can be published; nothing was written" in done("publish", "door", "--dry-run")
    assert active() == "1.0"


def test_the_same_again_is_said_to_be_in_force_already(live: None):
    assert "door 1.0" in (printed := done("publish", "door"))
    assert "is in force already" in printed
    assert len(report("versions", "door")[0]["publications"]) == 1


def test_a_version_that_would_strand_somebody_is_refused_in_words(live: None):
    done("compile", write(WITHOUT))
    before = Path("diana.db").read_bytes()
    result = diana("publish", "door")
    assert result.exit_code == 1
    assert "`main.cellar` (1 player)" in result.stderr
    assert "a line such as `main.cellar: …`, under `removed:`" in result.stderr
    assert "needs a rule: The fragment `main.cellar` is gone" in result.stdout
    assert active() == "1.0"
    assert Path("diana.db").read_bytes() == before
    told = report("publish", "door", "--dry-run", status=1)
    assert (told["stranded"], told["published"]) == (1, False)
    assert "main.cellar" in told["refused"]


def test_a_fragment_that_is_only_called_otherwise_is_told_with_the_line_that_it_wants(live: None):
    renamed = ONE.replace("version: 1.0", "version: 2.0").replace("cellar", "vault")
    done("compile", write(renamed))
    line = "main.cellar: main.vault"
    assert f"write `{line}` under `renamed:`" in diana("publish", "door").stdout
    done("compile", write(f"{renamed}renamed: {{{line}}}\n"))
    assert "3 go on with the new version" in done("publish", "door")


def test_with_its_rule_it_is_published(live: None):
    done("compile", write(RULED))
    told = report("publish", "door")
    assert (told["published"], told["refused"], told["policy"]) == (True, None, "migrate")
    (crowd,) = told["from"]
    assert (crowd["players"], crowd["carried"], crowd["left"]) == (3, 3, {})
    change = next(one for one in crowd["changes"] if one["name"] == "main.cellar")
    assert (change["class"], change["to"], change["players"]) == ("safe", "main.hall", 1)


def test_losses_have_to_be_accepted(live: None):
    fewer = ONE.replace("items: {key: {name: A key}}", "items: {ring: {name: A ring}}")
    done("compile", write(fewer.replace("give key", "give ring").replace("has key", "has ring")))
    result = diana("publish", "door")
    assert result.exit_code == 1
    assert "The item `key` is gone" in result.stderr
    assert "(1 player)" in result.stderr
    done("publish", "door", "--accept-losses")


def test_players_stay_by_policy(live: None):
    done("compile", write(WITHOUT))
    assert "0 go on" in done("publish", "door", "--policy", "pin")
    assert report("versions", "door")[-1]["publications"][0]["policy"] == "pin"


def test_rolling_back_puts_in_force_what_was_before(live: None):
    done("compile", "--publish", write(REWORDED))
    assert "door 1.0" in done("rollback", "door")
    assert active() == "1.0"
    done("rollback", "door", "--to", "1.1")
    assert active() == "1.1"
    listed = done("versions", "door")
    assert listed.count("published") == 4
    assert "3 players" in listed


def test_there_must_be_something_to_roll_back_to(live: None):
    result = diana("rollback", "door")
    assert (result.exit_code, "nothing to go back to" in result.stderr) == (1, True)


def test_an_unknown_story_or_version_is_told(live: None):
    for arguments in (("publish", "dore"), ("rollback", "dore"), ("versions", "dore")):
        result = diana(*arguments)
        assert (result.exit_code, "no story `dore`" in result.stderr) == (1, True), arguments
    assert "no version `9`" in diana("publish", "door", "--version", "9").stderr
    assert "no story in ./nowhere" in diana("diff", "./nowhere", "door").stderr


def test_a_story_s_versions_are_listed_by_its_folder_too(live: None):
    assert done("versions", "theirs") == done("versions", "door")
    assert report("versions", "theirs") == report("versions", "door")


# diff


def test_folders_are_compared_without_a_database():
    printed = done("diff", write(ONE), write(WITHOUT, "after"))
    assert "needs a rule: The fragment `main.cellar` is gone" in printed
    assert "player" not in printed.replace("players go", "")
    told = report("diff", "door", "after")
    assert (told["class"], told["players"]) == ("needs a rule", None)
    assert not Path("diana.db").exists()


def test_stored_versions_are_compared_with_their_players(live: None):
    done("compile", write(WITHOUT))
    told = report("diff", "door@1.0", "door@2.0")
    assert told["players"] == 3
    gone = next(one for one in told["changes"] if one["name"] == "main.cellar")
    assert (gone["class"], gone["players"]) == ("needs a rule", 1)
    # A folder and a stored version are the same to it.
    assert report("diff", write(ONE, "first"), write(WITHOUT, "second")) == told


def test_other_words_are_told_as_such(live: None):
    told = report("diff", "door@1.0", write(REWORDED, "after"))
    assert told["words_only"]
    assert {one["class"] for one in told["changes"]} == {"safe"}


def test_two_stories_are_not_compared():
    other = write(ONE.replace("story: door", "story: gate"), "gate")
    result = diana("diff", write(ONE), other)
    assert (result.exit_code, "two stories" in result.stderr) == (1, True)


def test_what_goes_with_publishing_is_refused_without_it():
    result = diana("compile", write(ONE), "--policy", "pin")
    assert (result.exit_code, "go with --publish" in result.stderr) == (2, True)
