"""Stories whose verdicts are known, each beside what `prove` must say of it.

Names in `expected.yaml` are without their chapter. A list that a case leaves out is not compared; `NAME_count` compares
the size alone.
"""

from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from diana_engine.compiler.analysis.states import Report, prove
from diana_engine.compiler.analysis.states.results.report import Way, combination_of, written
from diana_engine.compiler.pipeline import compile_story
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Program
from tests.strategies.brute import explore

CASES = sorted(path.parent for path in Path(__file__).parent.glob("cases/*/expected.yaml"))


def short(id: FragmentId) -> str:
    return id.rpartition(".")[2]


def way(one: Way) -> str:
    # What is put together is named by its number: a case has few of it.
    told = f"{one[0]}#{one[1]}" if combination_of(one[1]) is not None else written(one)
    return short(FragmentId(told))


def named(one: Way) -> str:
    return way(one) if one[1] else short(one[0])


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
        "only_without_vip": sorted(way(point.choice) for point in points if point.vip is False),
        "farmable": sorted(one.variable for one in report.earnings if one.farmable == "yes"),
        "turning_away": sorted(short(id) for id, one in report.gates.items() if one == "some"),
        "dominated": sorted({way(one.choice) for one in report.dominated}),
        "needs_income": sorted(named(one.what) for one in report.needs_income),
        "missing": {
            named(one.what): sum(amount for _, amount in one.missing) for one in report.needs_income
        },
        "days_of_check_in": {
            named(one.what): need.days
            for one in report.needs_income
            for need in one.by
            if need.source == "check_in"
        },
    }


@cache
def story(case: Path) -> tuple[Program, dict[str, object]]:
    """Return the program of a case, and what is expected of it."""
    program = compile_story(case).program
    assert program is not None
    return program, YAML(typ="safe", pure=True).load(case / "expected.yaml")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_story_is_judged_as_expected(case: Path) -> None:
    program, expected = story(case)
    report = prove(program)
    assert report.complete
    found = verdicts(report)
    for key, wanted in expected.items():
        if key in ("about", "states"):
            continue  # for those who read the case; how many states there are is no verdict
        got = found[key.removesuffix("_count")]
        if key.endswith("_count"):
            assert isinstance(got, list)
            assert len(got) == wanted, key
        else:
            assert got == (sorted(wanted) if isinstance(wanted, list) else wanted), key


@pytest.mark.parametrize("nodes", [1, 40, 400])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_within_a_small_budget_nothing_wrong_is_told(case: Path, nodes: int) -> None:
    program, expected = story(case)
    report = prove(program, nodes=nodes)
    told = {
        "unreachable": {short(id): one.reachable for id, one in report.fragments.items()},
        "stuck": {short(id): one.stuck for id, one in report.fragments.items()},
        "soft_lock": {short(id): one.soft_lock for id, one in report.fragments.items()},
        "never": {
            way(w): "yes" if one == "never" else "no"
            for w, one in report.choices.items()
            if one != "unknown" and report.fragments[w[0]].reachable == "yes"
        },
        "always": {way(w): one for w, one in report.choices.items()},
    }
    so = {
        "unreachable": "no",
        "stuck": "some",
        "soft_lock": "some",
        "never": "yes",
        "always": "always",
    }
    for key, verdicts_ in told.items():
        wanted = expected.get(key)
        if isinstance(wanted, list):
            for name, verdict in verdicts_.items():
                assert verdict == "unknown" or (verdict == so[key]) == (name in wanted), (key, name)
    assert report.winnable in (None, expected.get("winnable", report.winnable))
    assert report.effort is not None
    counts = [(fragments, choices) for _, fragments, choices in report.effort.layers]
    assert counts == sorted(counts), "what a layer decided stays decided"
    assert counts[-1] <= (len(report.fragments), len(report.choices))


PLAYED = [case for case in CASES if case.name[0] in "fil"]


@pytest.mark.parametrize("case", PLAYED, ids=lambda case: case.name)
def test_what_is_expected_is_what_all_plays_come_to(case: Path) -> None:
    program, expected = story(case)
    found = explore(program, budget=4_000, income=60)
    reached = {short(FragmentId(id)) for id in found.entered}
    assert set(expected["unreachable"]) == {short(id) for id in program.fragments} - reached
    ways = {
        (id, number + 1)
        for id, fragment in program.fragments.items()
        for number in range(len(choices_of(fragment.exit)))
        if id in found.entered
    }
    asked = {way(one) for one in ways}
    assert asked & set(expected["never"]) == {way(one) for one in ways - found.opened}
    if found.complete:
        assert set(expected["stuck"]) == {short(FragmentId(id)) for id in found.stuck}
        assert set(expected["soft_lock"]) == {short(FragmentId(id)) for id in found.locked}
        assert asked & set(expected["always"]) == {way(one) for one in ways - found.shut}
