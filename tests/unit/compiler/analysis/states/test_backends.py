"""The manager of diagrams in Python says of a story what CUDD says."""

from pathlib import Path

import pytest

from diana_engine.compiler.analysis.states import prove
from diana_engine.compiler.load import open_story
from diana_engine.compiler.pipeline import compile_sources

CASES = Path(__file__).parents[5] / "tests" / "conformance" / "cases"


@pytest.mark.parametrize(
    "folder", sorted(CASES.glob("[lt][0-9]*/")), ids=lambda folder: folder.name
)
def test_a_case_has_the_same_report_by_both_managers(folder: Path) -> None:
    program = compile_sources(*open_story(folder), proofs=False).program
    assert program is not None
    assert prove(program, backend="python") == prove(program, backend="cudd")
