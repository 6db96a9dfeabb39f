"""`diana prove` through its entry point: what it prints, writes, and ends with."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from diana_cli.main import main
from jsonschema import Draft202012Validator

CASES = Path(__file__).parents[1] / "conformance" / "cases"
LOCKING = CASES / "l08-visited"


def diana(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("case", ["l03-cost", "l06-branching-next", "t06-long-grind"])
def test_the_json_is_what_its_schema_says_and_the_same_each_time(case: str) -> None:
    printed = diana("prove", str(CASES / case), "--format", "json")
    schema = json.loads(diana("schema", "prove").stdout)
    Draft202012Validator(schema).validate(json.loads(printed.stdout))
    assert printed.exit_code == 0
    assert printed.stdout == diana("prove", str(CASES / case), "--format", "json").stdout


def test_a_point_of_no_return_is_told_as_a_play() -> None:
    printed = diana("prove", str(LOCKING)).stdout
    assert "Point of no return: main.start#2 “Garden”" in printed
    assert "  1. main.start#2 “Garden”" in printed
    assert "All of this is proved" in printed


def test_the_report_goes_into_a_file(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    assert diana("prove", str(LOCKING), "--format", "json", "--output", str(file)).stdout == ""
    assert json.loads(file.read_text(encoding="utf-8"))["complete"] is True


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "report.json"
    result = diana("prove", str(LOCKING), "--output", str(file))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_a_story_that_cannot_be_played_is_not_proved(tmp_path: Path) -> None:
    broken = tmp_path / "story.yaml"
    text = (LOCKING / "story.yaml").read_text(encoding="utf-8")
    broken.write_text(text.replace("to: library", "to: libary"), encoding="utf-8")
    result = diana("prove", str(tmp_path))
    assert result.exit_code == 1
    assert "libary" in result.stderr
    assert result.stdout == ""
