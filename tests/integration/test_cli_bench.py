"""`diana bench` through its entry point."""

import json

from click.testing import CliRunner, Result
from diana_cli.main import main


def diana(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_a_proof_is_measured_and_held_against_its_target() -> None:
    printed = diana("bench", "prove", "--shape", "8", "--format", "json")
    assert printed.exit_code == 0, printed.output
    (story,) = json.loads(printed.stdout)["stories"]
    assert story["complete"] is True
    assert story["points_of_no_return"] == 1
    assert story["longest_witness"] == 28


def test_the_table_shows_what_was_measured_beside_the_target() -> None:
    printed = diana("bench", "prove", "--shape", "2", "--backend", "python")
    assert "hub with 250 rooms" in printed.stdout
    assert "target" in printed.stdout
    assert "yes" in printed.stdout
