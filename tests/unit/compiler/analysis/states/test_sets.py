"""What makes sets of states small: flags that are one, places that are one, counters in few bits, bits in a good order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.compiler.analysis.states.graph.model import Change, changed
from diana_engine.compiler.analysis.states.reductions.alike import alike
from diana_engine.compiler.analysis.states.sets.diagrams import Diagrams
from diana_engine.compiler.analysis.states.sets.levels import Levels, bits
from tests.strategies.models import models, seen


@settings(max_examples=200, deadline=None)
@given(models())
def test_flags_that_are_alike_have_the_same_value_in_every_state(model) -> None:  # type: ignore[no-untyped-def]  # hypothesis gives it
    flags = [v for v, one in enumerate(model.variables) if (one.low, one.high) == (0, 1)]
    states = seen(model).states
    for first, *others in alike(model, flags):
        for _, values in states:
            assert all(values[first] == values[other] for other in others)


LOW, HIGH = -3, 12


@settings(max_examples=200, deadline=None)
@given(
    st.sets(st.integers(LOW + 1, HIGH)),
    st.tuples(st.integers(-6, 6), st.integers(LOW, HIGH), st.integers(LOW, HIGH)).filter(
        lambda change: change[1] <= change[2]
    ),
)
def test_a_step_leads_each_level_to_the_level_of_what_its_values_become(
    after: set[int], change: Change
) -> None:
    add, least, most = change
    # As liveness has it: before the step that matters which tells apart what is told apart after it.
    before = {cut - add for cut in after if least < cut <= most} & set(range(LOW + 1, HIGH + 1))
    masks = [sum(1 << (cut - LOW) for cut in cuts) for cuts in (before, after)]
    diagrams = Diagrams()
    levels = Levels(diagrams, {0: masks[0] | masks[1]}, [LOW])
    levels.declare(0)

    def at(value: int, cuts: set[int]) -> object:
        numbers = {cut: n for n, cut in enumerate(sorted(before | after), start=1)}
        level = max((numbers[cut] for cut in cuts if cut <= value), default=0)
        return diagrams.cube(dict(levels.given(0, level)))

    step = levels.step(0, *masks, change, LOW)
    for value in range(LOW, HIGH + 1):
        start, end = at(value, before), at(changed(value, change), after)
        if step.level is not None:
            assert diagrams.cube(dict(levels.given(0, step.level))) == end
        elif step.relation is not None:
            assert step.back is not None
            gone = diagrams.some_of_both(levels.names[0], start, step.relation)
            assert diagrams.put(levels.renamed(0), gone) == end
            assert diagrams.put(step.back, end) & start == start
        else:
            assert start == end


def test_bits_are_the_numbers_of_those_that_are_set() -> None:
    assert list(bits(0b1011000001)) == [0, 6, 7, 9]
