"""What can follow a play, as a finding tells of it, looked at in two ways."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings

from diana_engine.compiler.analysis.proofs.aftermath import by_moves, by_play
from diana_engine.compiler.analysis.proofs.luck import Budget, beginnings
from diana_engine.compiler.analysis.proofs.onwards import Onwards
from diana_engine.compiler.analysis.states.reductions.moves import Moves
from diana_engine.program.model import Program
from tests.strategies.programs import programs

LENIENT = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@LENIENT
@given(programs(max_fragments=5))
def test_what_follows_is_the_same_for_whole_players_as_for_what_matters_of_them(
    program: Program,
) -> None:
    moves, onwards, compared = Moves(program), Onwards(program), 0
    for stand in list(beginnings(program, Budget(20)))[:3]:
        less, whole = by_moves(moves, stand), by_play(onwards, stand)
        if not (less.complete and whole.complete):
            continue
        compared += 1
        assert less.ends == whole.ends
        assert less.opened <= whole.opened
        assert set(less.stuck) == set(whole.stuck)
        assert set(less.players) == set(whole.players)
    assume(compared)
