"""What is found out about loops that gain, held against every state of random models."""

from hypothesis import HealthCheck, Phase, event, given, settings

from diana_engine.compiler.analysis.states.economy.farming import Farmable, farmable
from diana_engine.compiler.analysis.states.economy.looks import Looks
from diana_engine.compiler.analysis.states.graph.model import NOWHERE, Model
from tests.strategies.models import holds, models, moved, seen

RICH = 10
"""More than any guard of the models asks for, and still so after any loop without a gain."""


def gains(model: Model, variable: int = -1) -> bool:
    """Return whether some state of the rich comes again with more, and with no less of all that has no end."""
    found = seen(model, budget=4_000)
    states = list(found.states)
    rich = {i for i, (_, values) in enumerate(states) if values[variable] >= RICH}
    for start in rich:
        place, values = states[start]
        waiting, known = [start], {start}
        while waiting:
            for _, to in found.moves[waiting.pop()]:
                if (
                    to in rich
                    and to not in known
                    and states[to][1][variable] <= values[variable] + 12
                ):
                    known.add(to)
                    waiting.append(to)
        for to in known:
            here, now = states[to]
            if here == place and now[variable] > values[variable] and _alike(model, values, now):
                return True
        if len(rich) > 200 and values[variable] > RICH + 4:
            break
    return False


def _alike(model: Model, before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Return whether what has an end is the same, and of everything else there is enough before and no less afterwards."""
    return all(
        RICH <= old <= new if one.capped else old == new
        for one, old, new in zip(model.variables, before, after, strict=True)
    )


def check(model: Model, found: Farmable) -> None:
    """Hold a loop that is told against the plainest way of going along it."""
    place, values = NOWHERE, tuple(one.initial for one in model.variables)
    for count, number in enumerate((*found.play, *(3 * found.loop))):
        edge = model.edges[number]
        assert edge.source == place
        assert holds(edge.guard, values)
        place, values = edge.target, moved(edge.changes, values)
        if count + 1 == len(found.play):
            rich = values[found.variable]
    assert values[found.variable] == rich + 3 * found.gain


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(models(flags=2, counters=1, places=4, endless=1))
def test_a_loop_that_gains_is_never_denied_and_one_that_is_told_can_be_gone_round(
    model: Model,
) -> None:
    (found,) = farmable(Looks(model), [len(model.variables) - 1])
    wanted = gains(model)
    event(f"{found.found} where it is {wanted}")
    assert found.found != "no" or not wanted
    if found.found == "yes":
        check(model, found)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(models(flags=2, counters=0, places=4, endless=2))
def test_of_two_that_have_no_end_the_same_is_found_together_and_one_by_one(model: Model) -> None:
    looks, both = Looks(model), [len(model.variables) - 2, len(model.variables) - 1]
    together = list(farmable(looks, both))
    assert together == [next(farmable(looks, [variable])) for variable in both]
    for found in together:
        event(found.found)
        assert found.found != "no" or not gains(model, found.variable)
        if found.found == "yes":
            check(model, found)
