"""`diana check` shows how a player comes to be locked in, and `diana play --witness` plays it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from diana_cli.main import main

WELL = """\
story: well
title: Well
language: en
version: 1.0.0
start: start
variables:
  luck: {type: number, min: 0, max: 6}
items:
  key: {name: A key}
fragments:
  start:
    text: A key lies beside a well.
    choices:
      - text: Take the key
        effects: [give key]
        to: well
  well:
    text: The well is deep.
    choices:
      - text: Play dice
        effects: [luck = roll(1 to 6)]
        to: dice
      - text: Drop the key
        requires: has key
        effects: [take key]
        to: well
      - text: Open the door
        requires: has key
        locked: You need the key.
        to: end
  dice:
    text: The dice roll.
    next:
      - if: luck == 6
        to: end
      - if: luck == 5
        to: pit
      - to: well
  pit:
    text: You fell.
    choices:
      - text: Climb
        requires: luck > 5
        to: well
  end:
    text: The end.
    ending: done
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    (tmp_path / "story.yaml").write_text(WELL, encoding="utf-8")
    return tmp_path


def diana(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(map(str, words)))
    return result.exit_code, result.output


def test_a_check_tells_the_play_and_the_command_that_plays_it(story: Path) -> None:
    status, told = diana("check", story)
    assert status == 1
    assert "2. main.well: “Play dice”" in told
    assert f"diana play --witness DIA501:1 {story} plays it" in told


def test_every_witness_is_played_with_the_luck_that_it_takes(story: Path) -> None:
    report = json.loads(diana("check", story, "--format", "json")[1])
    plays = [one for one in report["diagnostics"] if one["witness"]]
    assert [one["code"] for one in plays] == ["DIA501"]
    assert plays[0]["witness"]["seed"] > 0
    status, told = diana("play", "--witness", "dia501", story)
    assert status == 0
    assert "The dice roll." in told
    assert told.rstrip().endswith(plays[0]["message"])


def test_a_witness_becomes_a_playthrough_that_holds(story: Path) -> None:
    (story / "tests").mkdir()
    path = story / "tests" / "lost.yaml"
    assert diana("play", "--witness", "DIA501:1", "--write-playthrough", path, story)[0] == 0
    status, told = diana("play", "--playthrough", path, story)
    assert status == 0
    assert "holds" in told


def test_a_witness_that_is_not_there_is_told_with_those_that_are(story: Path) -> None:
    status, told = diana("play", "--witness", "DIA501:9", story)
    assert status == 2
    assert "there is DIA501:1" in told


def test_a_witness_has_its_own_choices_and_seed(story: Path) -> None:
    assert diana("play", "--witness", "DIA501:1", "--seed", "3", story)[0] == 2
    assert diana("play", "--write-playthrough", "x.yaml", story)[0] == 2


CELLAR = """\
story: cellar
title: Cellar
language: en
version: 1.0.0
start: shop
variables:
  gold: {type: points, initial: 2}
items:
  key: {name: A key}
income:
  check_in: {points: gold, amount: 5}
fragments:
  shop:
    text: A shop.
    choices:
      - text: Buy the wine
        cost: 9 gold
        to: cellar
      - text: Take the key
        effects: [give key]
        to: cellar
  cellar:
    text: A cellar.
    choices:
      - text: Go out
        requires: has key
        to: end
  end:
    text: The end.
    ending: done
"""


def test_a_play_that_earns_outside_is_played_with_the_days_that_this_takes(tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_text(CELLAR, encoding="utf-8")
    shown = CliRunner().invoke(main, ["play", "--witness", "DIA501:1", str(tmp_path)], input="")
    assert shown.exit_code == 0, shown.output
    assert shown.output.count("> check_in") == 2
    assert "> 1. Buy the wine" in shown.output
    told = CliRunner().invoke(main, ["check", str(tmp_path), "--format", "json"])
    steps = json.loads(told.output)["diagnostics"][0]["witness"]["steps"]
    assert [(one["number"], one.get("earned")) for one in steps] == [
        (0, "check_in"),
        (0, "check_in"),
        (1, None),
    ]
    proved = json.loads(
        CliRunner().invoke(main, ["prove", str(tmp_path), "--format", "json"]).output
    )
    (lost,) = proved["points_of_no_return"]
    assert lost["witness"] == ["main.shop+check_in", "main.shop+check_in", "main.shop#1"]
