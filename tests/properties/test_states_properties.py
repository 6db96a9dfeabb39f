"""What is proved of random programs, held against every play of them."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from diana_engine.compiler.analysis.states import Report, prove
from diana_engine.compiler.analysis.states.plays.replay import let_pass, let_rest
from diana_engine.compiler.analysis.states.results.played import Played
from diana_engine.compiler.analysis.states.sets.diagrams import Backend
from diana_engine.expressions.draw import Laid
from diana_engine.expressions.terms import NUMBER_LIMIT
from diana_engine.play.actions import Pass
from diana_engine.play.rules import act, begin
from diana_engine.play.state import PlayerState
from diana_engine.program.exits import branches_of, passes_by
from diana_engine.program.model import Next, Program
from tests.strategies.brute import Brute, explore, replays
from tests.strategies.programs import combining, lively, programs

LENIENT = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
anything = (
    programs(max_fragments=5) | programs(max_fragments=4, flow=True) | lively(max_fragments=4)
)
"""Programs of every construct: choices alone, sub-stories and decks, questions and waits."""


def chooses(program: Program, id: str) -> bool:
    """Whether brute force tells the ways on from a fragment apart: branches it takes without looking, and may pass by."""
    fragment = program.fragments[id]  # type: ignore[index]
    return fragment.rests and not isinstance(fragment.exit, Next) and not passes_by(fragment)


def availability(found: Brute, way: tuple[str, int]) -> str:
    if way not in found.opened:
        return "never"
    return "sometimes" if way in found.shut else "always"


@pytest.mark.parametrize("backend", ["cudd", "python"])
@LENIENT
@given(program=anything)
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
            # Brute force stands only where players rest; who passes a deck by may be lost there already.
            if id in found.locked or not passes_by(program.fragments[id]):
                assert (verdict.soft_lock == "some") == (id in found.locked), id
    for way, verdict in report.choices.items():
        if chooses(program, way[0]):
            assert verdict == availability(found, way), way
    for id, turns_away in report.gates.items():
        assert (turns_away == "some") == (id in found.turned_away), id
    compare_returns(program, report, found)
    compare_points(program, report, found)


def compare_returns(program: Program, report: Report, found: Brute) -> None:
    """Hold what is told of branches after calls against where plays went on; several branches may lead to one fragment."""
    for (id, number), taken in report.after_calls.items():
        branches = branches_of(program.fragments[id].exit)
        to = branches[number - 1].to
        gone = {then for caller, then in found.returned if caller == id}
        assert taken != "unknown"
        assert taken == "never" or to in gone, (id, number)
        assert taken != "always" or gone == {to}, (id, number)
        alike = {n for n, one in enumerate(branches, start=1) if one.to == to}
        if to in gone:
            assert any(report.after_calls[id, one] != "never" for one in alike), (id, to)


def compare_verdicts(program: Program, report: Report, found: Brute) -> None:
    """Hold a complete report against all that plays met, in programs whose decks nobody passes by."""
    assert report.winnable == found.winnable
    for id, verdict in report.fragments.items():
        assert (verdict.reachable == "yes") == (id in found.entered), id
        if program.fragments[id].rests:
            assert (verdict.stuck == "some") == (id in found.stuck), id
            assert (verdict.soft_lock == "some") == (id in found.locked), id
    for way, available in report.choices.items():
        if chooses(program, way[0]):
            assert available == availability(found, way), way
    compare_points(program, report, found)


def compare_points(program: Program, report: Report, found: Brute) -> None:
    lost = {point.choice: len(point.witness) for point in report.points_of_no_return}
    if all(program.fragments[id].rests for id, _ in lost):
        wanted = {
            way: length
            for way, length in found.losing.items()
            if way[1] > 0 and chooses(program, way[0])
        }
        told = {way: n for way, n in lost.items() if way[1] > 0 and chooses(program, way[0])}
        assert told == wanted


@LENIENT
@given(anything, st.sampled_from([1, 10, 30, 100]))
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
                # Who passes a deck by may be lost there already, where brute force does not stand.
                if not passes_by(program.fragments[id]):
                    assert verdict.soft_lock != "some" or id in found.locked
                assert verdict.reachable != "yes" or id in found.entered


@LENIENT
@given(anything)
def test_every_witness_can_be_played(program: Program) -> None:
    for point in prove(program).points_of_no_return:
        assert replays(
            program, tuple(way for way in point.witness if program.fragments[way[0]].rests)
        )
        assert point.played is not None
        assert played_again(program, point.played) == point.played.state


def played_again(program: Program, played: Played) -> PlayerState:
    """Return where the very moves of a play lead, with its draws laid down, by the rules alone."""
    seed = Laid(0, {(entry, place): value for entry, place, value in played.draws})
    before = PlayerState(seed, program.start, vip_until=NUMBER_LIMIT if played.vip else 0)
    walk = begin(program, seed, before=before)
    for step in played.steps:
        assert walk.fragment == step.fragment
        let_rest(walk, step.move)
        if isinstance(step.move, Pass):
            let_pass(walk, step.move)
        else:
            assert act(walk, step.move) is None
    assert walk.now == played.now
    return replace(walk.state(), seed=0)


@LENIENT
@given(combining())
def test_what_players_put_together_is_followed(program: Program) -> None:
    found = explore(program, budget=400)
    assume(found.complete)
    report = prove(program)
    assume(not report.bounded)
    assert report.complete, report.reasons
    compare_verdicts(program, report, found)
    for point in report.points_of_no_return:
        assert point.played is not None
        assert played_again(program, point.played) == point.played.state
