"""What is found out about loops that gain, held against every state of random models."""

from hypothesis import HealthCheck, Phase, event, given, settings

from diana_engine.compiler.analysis.states.farming import farmable
from diana_engine.compiler.analysis.states.looks import Looks
from diana_engine.compiler.analysis.states.model import NOWHERE, Model
from tests.strategies.models import holds, models, moved, seen

RICH = 10
"""More than any guard of the models asks for, and still so after any loop without a gain."""


def gains(model: Model) -> bool:
    """Return whether some state of the rich comes again with more."""
    found = seen(model, budget=4_000)
    states = list(found.states)
    rich = {i for i, (_, values) in enumerate(states) if values[-1] >= RICH}
    for start in rich:
        place, values = states[start]
        waiting, known = [start], {start}
        while waiting:
            for _, to in found.moves[waiting.pop()]:
                if to in rich and to not in known and states[to][1][-1] <= values[-1] + 12:
                    known.add(to)
                    waiting.append(to)
        for to in known:
            here, now = states[to]
            if here == place and now[:-1] == values[:-1] and now[-1] > values[-1]:
                return True
        if len(rich) > 200 and values[-1] > RICH + 4:
            break
    return False


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(models(flags=2, counters=1, places=4, endless=True))
def test_a_loop_that_gains_is_never_denied_and_one_that_is_told_can_be_gone_round(
    model: Model,
) -> None:
    (found,) = farmable(Looks(model), [len(model.variables) - 1])
    wanted = gains(model)
    event(f"{found.found} where it is {wanted}")
    assert found.found != "no" or not wanted
    if found.found == "yes":
        place, values = NOWHERE, tuple(one.initial for one in model.variables)
        for count, number in enumerate((*found.play, *(3 * found.loop))):
            edge = model.edges[number]
            assert edge.source == place
            assert holds(edge.guard, values)
            place, values = edge.target, moved(edge.changes, values)
            if count + 1 == len(found.play):
                rich = values[-1]
        assert values[-1] == rich + 3 * found.gain
