"""What each layer of the analysis finds certain, held against every state of random models."""

from functools import partial

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from diana_engine.compiler.analysis.states.graph.model import NOWHERE, Model
from diana_engine.compiler.analysis.states.lowering import lowered
from diana_engine.compiler.analysis.states.plays.seeking import play_about
from diana_engine.compiler.analysis.states.ranges.attractor import proved_by
from diana_engine.compiler.analysis.states.ranges.forward import forward
from diana_engine.compiler.analysis.states.ranges.liveness import Liveness
from diana_engine.compiler.analysis.states.reductions.contraction import contracted
from diana_engine.compiler.analysis.states.results.proved import Proved
from diana_engine.compiler.analysis.states.sets.diagrams import Diagrams
from diana_engine.compiler.analysis.states.sets.sandwich import sandwiched
from diana_engine.program.model import Choices, Program
from tests.strategies.brute import explore
from tests.strategies.models import Seen, holds, models, moved, seen
from tests.strategies.programs import programs

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


@THOROUGH
@given(models(counters=3), st.sampled_from([20, 1_000_000]), st.booleans())
def test_without_counters_nothing_that_happens_is_denied(
    model: Model, nodes: int, first: bool
) -> None:
    small = contracted(model)
    known = proved_by(forward(model)) if first else Proved()
    diagrams = partial(Diagrams, None, nodes)
    proved = sandwiched(small, Liveness(forward(small.model)), diagrams, known)
    found = seen(model)
    hold_against(proved, found)
    if nodes > 20 and found.complete:
        everywhere = set(range(len(model.places)))
        event("locks: " + ("all" if proved.unlocked | found.locked == everywhere else "not all"))


@settings(THOROUGH, max_examples=150)
@given(programs(max_fragments=5))
def test_the_layers_agree_with_every_play_of_a_program(program: Program) -> None:
    model = lowered(program)
    found = explore(program, budget=400)
    known, met = proved_by(forward(model)), play_about(model, 4).proved()
    for place, id in enumerate(model.places):
        assert id not in found.entered or place not in known.unreached
        assert id not in found.stuck or place not in known.unstuck
        if found.complete and program.fragments[id].rests:
            assert place not in met.reached or id in found.entered
            assert place not in met.stuck or id in found.stuck
            assert (place in known.unlocked) <= (id not in found.locked)
    for number, option in enumerate(model.options):
        way = (str(model.places[option.place]), option.number)
        if isinstance(program.fragments[model.places[option.place]].exit, Choices):
            assert way not in found.opened or number not in known.never_opened
            assert way not in found.shut or number not in known.never_shut
            if found.complete:
                assert number not in met.opened or way in found.opened
                assert number not in met.shut or way in found.shut


@settings(THOROUGH, max_examples=50)
@given(models())
def test_the_same_story_gives_the_same_plays(model: Model) -> None:
    assert play_about(model, 3).plays == play_about(model, 3).plays
