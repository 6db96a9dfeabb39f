"""What each layer of the analysis finds certain, held against every state of random models."""

from hypothesis import HealthCheck, given, settings

from diana_engine.compiler.analysis.states.attractor import proved_by
from diana_engine.compiler.analysis.states.forward import forward
from diana_engine.compiler.analysis.states.model import NOWHERE, Model
from diana_engine.compiler.analysis.states.plays import play_about
from diana_engine.compiler.analysis.states.proved import Proved
from tests.strategies.models import Seen, holds, models, moved, seen

THOROUGH = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def hold_against(proved: Proved, found: Seen) -> None:
    assert not proved.unreached & found.places
    assert not proved.unstuck & found.stuck
    assert not proved.never_opened & found.opened
    assert not proved.never_shut & found.shut
    if found.complete:
        assert proved.reached <= found.places
        assert proved.stuck <= found.stuck
        assert proved.opened <= found.opened
        assert proved.shut <= found.shut
        assert proved.locked <= found.locked
        assert not proved.unlocked & found.locked


@THOROUGH
@given(models())
def test_everything_that_happens_is_within_what_is_known(model: Model) -> None:
    known, found = forward(model), seen(model)
    for place, values in found.states:
        for variable, value in enumerate(values):
            bounds = known.range(place, variable)
            assert bounds is not None
            assert bounds[0] <= value <= bounds[1]
    for edge in found.taken:
        assert known.taken[edge]


@THOROUGH
@given(models())
def test_what_is_known_of_all_players_denies_nothing_that_happens(model: Model) -> None:
    hold_against(proved_by(forward(model)), seen(model))


@THOROUGH
@given(models())
def test_what_a_play_meets_can_be_met(model: Model) -> None:
    plays = play_about(model, 4)
    hold_against(plays.proved(), seen(model))
    for met in (plays.reached, plays.opened, plays.shut, plays.stuck):
        for which, when in met.items():
            place, values = replayed(model, plays.play_to(when))
            if met is plays.reached or met is plays.stuck:
                assert place == which
            elif met is plays.opened:
                assert holds(model.options[which].open, values)
            else:
                assert not holds(model.options[which].sure, values)


def replayed(model: Model, play: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    place, values = NOWHERE, tuple(one.initial for one in model.variables)
    for number in play:
        edge = model.edges[number]
        assert edge.source == place
        assert holds(edge.guard, values)
        place, values = edge.target, moved(edge.changes, values)
    return place, values


@settings(THOROUGH, max_examples=50)
@given(models())
def test_the_same_story_gives_the_same_plays(model: Model) -> None:
    assert play_about(model, 3).plays == play_about(model, 3).plays
