"""What plays that met no ending prove, held against every play of random programs."""

from hypothesis import HealthCheck, given, settings

from diana_engine.compiler.analysis.states.lowering import lowered
from diana_engine.compiler.analysis.states.plays.residue import residue
from diana_engine.compiler.analysis.states.plays.seeking import play_about
from diana_engine.program.model import Program
from tests.strategies.brute import explore, replays
from tests.strategies.markets import markets
from tests.strategies.programs import programs

LENIENT = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def check(program: Program) -> int:
    model = lowered(program, vip=False)
    left = residue(program, model, play_about(model), vip=False)
    found = explore(program, budget=600)
    if found.complete:
        assert {model.places[place] for place in left.proved.locked} <= found.locked
        for point in left.points:
            assert point.choice in found.losing
            assert replays(program, point.witness)
    return len(left.points)


@LENIENT
@given(programs(max_fragments=5))
def test_who_is_said_to_be_locked_is_locked(program: Program) -> None:
    check(program)


@LENIENT
@given(markets())
def test_in_markets_who_is_said_to_be_locked_is_locked(program: Program) -> None:
    check(program)


def test_some_are_said_to_be_locked() -> None:
    points = 0

    @settings(max_examples=40, deadline=None, derandomize=True, database=None)
    @given(markets())
    def look(program: Program) -> None:
        nonlocal points
        points += check(program)

    look()
    assert points
