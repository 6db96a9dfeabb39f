"""Stories whose verdicts are known, each beside what `prove` must say of it.

Names in `expected.yaml` are without their chapter. A list that a case leaves out is not compared; `NAME_count` compares
the size alone.
"""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from diana_engine.compiler.analysis.states import Report, prove
from diana_engine.compiler.analysis.states.report import Way
from diana_engine.compiler.pipeline import compile_story
from diana_engine.expressions.terms import FragmentId

CASES = sorted(path.parent for path in Path(__file__).parent.glob("cases/*/expected.yaml"))


def short(id: FragmentId) -> str:
    return id.rpartition(".")[2]


def way(one: Way) -> str:
    return f"{short(one[0])}#{one[1]}"


def verdicts(report: Report) -> dict[str, object]:
    fragments, choices = report.fragments, report.choices
    reached = {id for id, one in fragments.items() if one.reachable == "yes"}
    points = report.points_of_no_return
    return {
        "unreachable": sorted(short(id) for id in fragments.keys() - reached),
        "never": sorted(way(w) for w, one in choices.items() if w[0] in reached and one == "never"),
        "always": sorted(way(w) for w, one in choices.items() if one == "always"),
        "stuck": sorted(short(id) for id, one in fragments.items() if one.stuck == "some"),
        "soft_lock": sorted(short(id) for id, one in fragments.items() if one.soft_lock == "some"),
        "points_of_no_return": sorted(way(point.choice) for point in points),
        "shortest_witness": min((len(point.witness) for point in points), default=None),
        "winnable": report.winnable,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_story_is_judged_as_expected(case: Path) -> None:
    program = compile_story(case).program
    assert program is not None
    report = prove(program)
    assert report.complete
    found = verdicts(report)
    for key, wanted in YAML(typ="safe", pure=True).load(case / "expected.yaml").items():
        got = found.get(key.removesuffix("_count"))
        if key.endswith("_count"):
            assert isinstance(got, list)
            assert len(got) == wanted, key
        elif key in found:
            assert got == (sorted(wanted) if isinstance(wanted, list) else wanted), key
