"""What is proved of random programs, held against every play of them."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from diana_engine.compiler.analysis.states import Report, prove
from diana_engine.compiler.analysis.states.diagrams import Backend
from diana_engine.program.model import Choices, Program
from tests.strategies.brute import Brute, explore, replays
from tests.strategies.programs import programs

LENIENT = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def chooses(program: Program, id: str) -> bool:
    return isinstance(program.fragments[id].exit, Choices)  # type: ignore[index]


def availability(found: Brute, way: tuple[str, int]) -> str:
    if way not in found.opened:
        return "never"
    return "sometimes" if way in found.shut else "always"


@pytest.mark.parametrize("backend", ["cudd", "python"])
@LENIENT
@given(program=programs(max_fragments=5))
def test_verdicts_are_those_of_brute_force(backend: Backend, program: Program) -> None:
    found = explore(program)
    assume(found.complete)
    report = prove(program, backend=backend)
    assert report.complete, report.reasons
    assert not report.reasons
    assume(not report.bounded)
    assert report.winnable == found.winnable
    for id, verdict in report.fragments.items():
        assert (verdict.reachable == "yes") == (id in found.entered), id
        if program.fragments[id].rests:
            assert (verdict.stuck == "some") == (id in found.stuck), id
            assert (verdict.soft_lock == "some") == (id in found.locked), id
    for way, verdict in report.choices.items():
        if chooses(program, way[0]):
            assert verdict == availability(found, way), way
    for id, turns_away in report.gates.items():
        assert (turns_away == "some") == (id in found.turned_away), id
    compare_points(program, report, found)


def compare_points(program: Program, report: Report, found: Brute) -> None:
    lost = {point.choice: len(point.witness) for point in report.points_of_no_return}
    if all(program.fragments[id].rests for id, _ in lost):
        wanted = {way: length for way, length in found.losing.items() if chooses(program, way[0])}
        assert {way: n for way, n in lost.items() if chooses(program, way[0])} == wanted


@LENIENT
@given(programs(), st.sampled_from([1, 10, 30, 100]))
def test_nothing_that_happens_is_denied_even_within_a_small_budget(
    program: Program, nodes: int
) -> None:
    found = explore(program, budget=200)
    report = prove(program, nodes=nodes)
    for id, verdict in report.fragments.items():
        assert verdict.reachable != "no" or id not in found.entered
        assert verdict.stuck != "none" or id not in found.stuck
    for way, verdict in report.choices.items():
        if chooses(program, way[0]):
            assert verdict != "never" or way not in found.opened
            assert verdict != "always" or way not in found.shut
    assert all(report.gates[id] != "none" for id in found.turned_away)  # type: ignore[index]
    if found.complete:
        assert all(one != "some" or id in found.turned_away for id, one in report.gates.items())
        assert report.winnable in (None, found.winnable)
        for id, verdict in report.fragments.items():
            if program.fragments[id].rests:
                assert verdict.soft_lock != "some" or id in found.locked
                assert verdict.reachable != "yes" or id in found.entered


@LENIENT
@given(programs())
def test_every_witness_can_be_played(program: Program) -> None:
    for point in prove(program).points_of_no_return:
        assert replays(
            program, tuple(way for way in point.witness if program.fragments[way[0]].rests)
        )
