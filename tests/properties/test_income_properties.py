"""What is proved of stories in which points are earned outside, held against every play of random programs.

Players earn in any state in which they have less than `ENOUGH`; no program asks for as much.
"""

from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings

from diana_engine.compiler.analysis.states import prove
from diana_engine.expressions.terms import Compare
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Choices, Program
from diana_engine.program.systems import Around, Income
from tests.strategies.brute import Brute, explore, least_income
from tests.strategies.markets import GOLD, POOR, paid_markets

ENOUGH = 12
LENIENT = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def availability(found: Brute, way: tuple[str, int]) -> str:
    if way not in found.opened:
        return "never"
    return "sometimes" if way in found.shut else "always"


def explored(program: Program, income: int) -> Brute:
    found = explore(program, income=income)
    assume(found.complete)
    return found


@LENIENT
@given(paid_markets())
def test_verdicts_are_those_of_plays_with_income(program: Program) -> None:
    found = explored(program, ENOUGH)
    report = prove(program)
    assert report.complete, report.reasons
    assume(not report.bounded)
    assert report.winnable == found.winnable
    for id, verdict in report.fragments.items():
        assert (verdict.reachable == "yes") == (id in found.entered), id
        assert (verdict.stuck == "some") == (id in found.stuck), id
        assert (verdict.soft_lock == "some") == (id in found.locked), id
    for way, verdict in report.choices.items():
        if isinstance(program.fragments[way[0]].exit, Choices):
            assert verdict == availability(found, way), way
    lost = {point.choice: len(point.witness) for point in report.points_of_no_return}
    assert lost == found.losing


@LENIENT
@given(paid_markets())
def test_what_needs_income_is_in_no_play_without_it_and_in_some_with_it(program: Program) -> None:
    without, found = explored(program, 0), explored(program, ENOUGH)
    report = prove(program)
    assume(not report.bounded)
    needs = {one.what for one in report.needs_income}
    fragments = {id for id, number in needs if not number}
    assert fragments == found.entered - without.entered
    assert {way for way in needs if way[1]} == found.opened - without.opened


def by_ones(program: Program) -> Program:
    """Return the program with an income of one, as often as one likes."""
    return replace(program, around=Around(income={"message": Income(GOLD, 1)}))


def asks_for_little(program: Program) -> bool:
    """Return whether it is anywhere better to have less gold."""
    return any(
        isinstance(choice.requires, Compare) and choice.requires == POOR
        for fragment in program.fragments.values()
        for choice in choices_of(fragment.exit)
    )


@LENIENT
@given(paid_markets())
def test_what_is_missing_is_the_least_that_does(program: Program) -> None:
    report = prove(program)
    assume(report.needs_income and not report.bounded and not asks_for_little(program))
    least = least_income(explored(by_ones(program), ENOUGH))
    for one in report.needs_income:
        ((points, missing),) = one.missing
        assert points == GOLD
        assert one.what[1] == 0 or missing == least[one.what]
        assert {need.source for need in one.by} == set(program.around.income)
        for need in one.by:
            amount = program.around.income[need.source].amount
            assert (need.times - 1) * amount < missing <= need.times * amount
