"""What cannot be decided within the budget is said to be unknown, and takes no more memory than the budget allows."""

import subprocess
import sys
from functools import reduce
from operator import and_
from pathlib import Path

import pytest

from diana_engine.compiler.analysis.states import prove
from diana_engine.compiler.analysis.states.graph.guards import Sizes
from diana_engine.compiler.analysis.states.lowering import lowered
from diana_engine.compiler.analysis.states.plays.seeking import play_about
from diana_engine.compiler.analysis.states.sets.diagrams import (
    Backend,
    Diagrams,
    OverBudget,
    within_budget,
)
from diana_engine.expressions.terms import (
    AddTo,
    All,
    Any,
    Compare,
    Constant,
    FlagIs,
    NumberOf,
    Requirement,
    SetFlag,
    VariableId,
)
from diana_engine.program.model import Choices, Flag, Program, WholeNumber
from tests.strategies.builders import choice, ending, fragment, story

BACKENDS: tuple[Backend, ...] = ("cudd", "python")


def board(size: int) -> Program:
    """Return a story with a flag for each square, whose door asks for one in every row and every column.

    No order of the squares makes the set of those who may pass small.
    """
    names = [[VariableId(f"s{row}_{column}") for column in range(size)] for row in range(size)]
    lines = [*names, *map(list, zip(*names, strict=True))]
    asked: Requirement = All(tuple(Any(tuple(map(FlagIs, line))) for line in lines))
    squares = [
        choice(f"hub.{name}", "hub", effects=(SetFlag(name, True),))
        for row in names
        for name in row
    ]
    return story(
        fragment("hub", Choices((*squares, choice("hub.door", requires=asked)))),
        ending(),
        variables={name: Flag() for row in names for name in row},
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_requirement_without_a_small_diagram_is_unknown_and_not_built(backend: Backend) -> None:
    report = prove(board(14), nodes=20_000, backend=backend)
    assert not report.complete
    assert "the sets of states grew too large for 20000 nodes" in report.reasons


def test_a_single_operation_stops_where_the_memory_of_the_budget_ends() -> None:
    code = (
        "import resource\n"
        "from tests.unit.compiler.analysis.states.test_budget import board\n"
        "from diana_engine.compiler.analysis.states import prove\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000,) * 2)\n"
        "assert not prove(board(18), nodes=100_000).complete\n"
    )
    root = Path(__file__).parents[5]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_the_package_says_of_a_full_manager_is_over_budget(backend: Backend) -> None:
    diagrams = Diagrams(backend, 2_000)
    sides = ([f"{side}{number}" for number in range(24)] for side in "ab")
    left, right = (list(side) for side in sides)
    diagrams.declare([*left, *right])
    with pytest.raises(OverBudget), within_budget():
        reduce(
            and_,
            (
                diagrams.same(diagrams.bit(one), diagrams.bit(other))
                for one, other in zip(left, right, strict=True)
            ),
        )


def test_a_mistake_of_ours_is_not_taken_for_a_full_manager() -> None:
    with pytest.raises(ValueError, match="no such thing"), within_budget():
        raise ValueError("no such thing")


def test_a_deep_diagram_is_no_matter_for_the_manager_in_python() -> None:
    diagrams = Diagrams("python")
    names = [f"a{number}" for number in range(500)]
    diagrams.declare(names)
    every = diagrams.cube(dict.fromkeys(names, True))
    assert diagrams.some(names, every) == diagrams.all


def test_more_variables_than_calls_can_go_down_are_over_budget() -> None:
    with pytest.raises(OverBudget):
        Diagrams("python").declare(f"a{number}" for number in range(30_000))


def test_more_variables_than_there_is_memory_for_are_over_budget() -> None:
    with pytest.raises(OverBudget), within_budget():
        Diagrams("cudd", 1_000).declare(f"a{number}" for number in range(60_000))


def scales(size: int) -> Program:
    """Return a story with a hub whose choices each ask whether one number is less than another."""
    names = [VariableId(f"v{number}") for number in range(size)]
    pairs = [(one, other) for one in names for other in names if one != other]
    weighing = [
        choice(
            f"hub.{one}-{other}",
            "hub",
            requires=Compare("<=", NumberOf(one), NumberOf(other)),
            effects=(AddTo(one, Constant(1)),),
        )
        for one, other in pairs
    ]
    return story(
        fragment("hub", Choices(tuple(weighing))),
        ending(),
        variables={name: WholeNumber(0, 0, 500) for name in names},
    )


def test_plays_end_early_where_each_look_around_takes_thousands_of_comparisons() -> None:
    model = lowered(scales(6))
    size = Sizes()
    at_hub = sum(size.of(model.edges[one].guard) for place in model.out for one in place)
    assert at_hub > 20_000
    assert sum(map(len, play_about(model).plays)) * at_hub < 10_000_000
