"""Choices said to be never better than another one, held against every play of random programs."""

from hypothesis import HealthCheck, assume, given, settings

from diana_engine.compiler.analysis.states import prove
from diana_engine.compiler.analysis.states.results.report import Way
from diana_engine.program.model import Program
from tests.strategies.brute import Brute, explore, is_at_least_as_good
from tests.strategies.markets import markets
from tests.strategies.programs import programs

LENIENT = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def outcomes(found: Brute, stand: int, number: int) -> list[int]:
    return [to for one, to in found.moves[stand] if one == number and to is not None]


def check(program: Program) -> int:
    found = explore(program, budget=400)
    assume(found.complete)
    report = prove(program)
    assume(not report.bounded)
    told = {(one.choice, one.by) for one in report.dominated}
    for (fragment, number), (_, other) in told:
        for stand, (state, _) in enumerate(found.stands):
            if state.fragment != fragment or stand not in found.moves:
                continue
            worse, better = outcomes(found, stand, number), outcomes(found, stand, other)
            assert better or not worse, "what is at least as good is available too"
            for one in worse:
                assert any(is_at_least_as_good(found, two, one, program) for two in better)
            if worse:
                for two in better:
                    assert any(is_at_least_as_good(found, two, one, program) for one in worse)
    return len(told)


@LENIENT
@given(programs(max_fragments=5))
def test_what_is_never_better_is_so_in_every_play(program: Program) -> None:
    check(program)


@settings(LENIENT, max_examples=300)
@given(markets())
def test_in_markets_what_is_never_better_is_so_in_every_play(program: Program) -> None:
    check(program)


def test_markets_have_choices_that_are_never_better() -> None:
    seen: list[Way] = []

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(markets())
    def look(program: Program) -> None:
        seen.extend(one.choice for one in prove(program).dominated)

    look()
    assert seen
