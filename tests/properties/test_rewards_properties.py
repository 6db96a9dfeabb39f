"""Levels, achievements, missions and VIP in the model in which plays are analysed, held against the rules of play."""

from hypothesis import HealthCheck, assume, given, settings

from diana_engine.compiler.analysis.states import prove
from diana_engine.play.settle import settle
from diana_engine.play.walk import Walk
from diana_engine.program.model import Next, Program
from tests.properties.test_model_properties import Modelled
from tests.properties.test_states_properties import compare_verdicts
from tests.strategies.brute import explore
from tests.strategies.rewarded import rewarded

LENIENT = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@LENIENT
@given(rewarded())
def test_every_move_of_a_model_is_one_of_play_and_every_move_of_play_is_in_the_model(
    program: Program,
) -> None:
    found = explore(program, budget=120, vip=None)
    modelled = Modelled(program)
    assume(not modelled.model.opaque)
    states = [modelled.state(stand) for stand in found.stands]
    for index, tried in found.moves.items():
        state = states[index]
        if modelled.beyond(state):
            continue
        took = {(number, states[to]) for number, to in tried if to is not None}
        onward = isinstance(program.fragments[found.stands[index][0].fragment].exit, Next)
        moves = {
            (1 if onward else number, modelled.resting(to)) for number, to in modelled.moves(state)
        }
        assert moves == took
        if not onward:
            opens, sure = modelled.open(state)
            assert opens == {number for number, _ in took}
            assert sure == opens - {number for number, to in tried if to is None}


@LENIENT
@given(rewarded())
def test_plays_begin_in_a_model_as_they_do_in_play(program: Program) -> None:
    found = explore(program, budget=1, vip=None)
    modelled = Modelled(program)
    assume(not modelled.model.opaque)
    begun = {modelled.resting(state) for state in modelled.begun()}
    states = [modelled.state(stand) for stand in found.stands]
    assert begun <= set(states)
    assert states[0] in begun


@LENIENT
@given(rewarded())
def test_what_has_settled_stays_so_until_something_changes(program: Program) -> None:
    for state, _ in explore(program, budget=60, vip=None).stands:
        walk = Walk(program, state)
        settle(walk)
        repeating = {one.id for one in program.missions if one.repeat}
        done = {event.mission for event in walk.events if hasattr(event, "mission")}
        if not done & repeating:
            assert walk.state() == state


@LENIENT
@given(rewarded())
def test_verdicts_are_those_of_brute_force_for_players_who_are_vip_and_who_are_not(
    program: Program,
) -> None:
    found = explore(program, budget=400, vip=None)
    assume(found.complete)
    report = prove(program)
    assume(report.complete and not report.bounded and not report.reasons)
    compare_verdicts(program, report, found)
