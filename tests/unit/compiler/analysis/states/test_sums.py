"""Sums of numbers with too many values are given up before anything is made of them."""

import pytest

from diana_engine.compiler.analysis.states.graph.guards import Guards
from diana_engine.compiler.analysis.states.lowering.slots import Slots
from diana_engine.compiler.analysis.states.lowering.sums import Linear, Opaque, Sums
from diana_engine.expressions.terms import Compare, Constant, NumberOf, VariableId
from diana_engine.program.model import Choices, WholeNumber
from tests.strategies.builders import choice, ending, fragment, story


@pytest.mark.parametrize("factor", [1, 10**20])
def test_a_comparison_with_too_many_values_is_given_up_before_any_guard_is_made(
    factor: int,
) -> None:
    names = [VariableId("a"), VariableId("b")]
    asked = [
        choice(f"hub.{name}", requires=Compare(">=", NumberOf(name), Constant(1))) for name in names
    ]
    program = story(
        fragment("hub", Choices(tuple(asked))),
        ending(),
        variables={name: WholeNumber(0, 0, 1_000_000) for name in names},
    )
    slots, guards = Slots(program, ()), Guards()
    times = {slots.number["value", name]: factor for name in names}
    with pytest.raises(Opaque):
        Sums(slots, guards).positive(Linear(-1_000_000 * factor, times))
    assert guards.bounds() == {}
