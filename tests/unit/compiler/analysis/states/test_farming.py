"""Which loops earn without end: stories as a writer would write them."""

from dataclasses import replace

import pytest

from diana_engine.compiler.analysis.states import prove
from diana_engine.compiler.analysis.states.results.report import Earning
from diana_engine.expressions import terms
from diana_engine.expressions.terms import (
    AddTo,
    Compare,
    Constant,
    Give,
    Has,
    ItemId,
    Not,
    NumberOf,
    SetFlag,
    Take,
    VariableId,
    Visits,
)
from diana_engine.program.model import (
    Choices,
    Cost,
    Flag,
    Item,
    Points,
    Program,
    Variable,
    WholeNumber,
)
from tests.strategies.brute import replays
from tests.strategies.builders import choice, ending, fragment, story

GOLD, GEM, SALES, FRESH = (
    VariableId("gold"),
    ItemId("gem"),
    VariableId("sales"),
    VariableId("fresh"),
)


def add(amount: int, variable: VariableId = GOLD) -> AddTo:
    return AddTo(variable, Constant(amount))


def tale(
    *choices: object, variables: dict[VariableId, Variable] | None = None, maximum: int = 3
) -> Program:
    return story(
        fragment("shop", Choices((*choices, choice("shop.leave")))),  # type: ignore[arg-type]
        ending(),
        variables={GOLD: Points(10)} | (variables or {}),
        items={GEM: Item("Gem", maximum=maximum)},
    )


def buying(price: int) -> object:
    return choice("shop.buy", "shop", cost=Cost(GOLD, price), effects=(Give(GEM),))


def selling(price: int, **parts: object) -> object:
    return choice("shop.sell", "shop", effects=(Take(GEM), add(price)), **parts)


def gold(program: Program) -> Earning:
    return next(one for one in prove(program).earnings if one.variable == "gold")


def shown(program: Program) -> bool:
    """Return whether the loop can be gone round by the rules of play."""
    one = gold(program)
    return one.farmable == "yes" and replays(program, (*one.play, *(7 * one.loop)))


def test_what_is_bought_at_5_and_sold_at_6_earns_1_each_time_round() -> None:
    program = tale(buying(5), selling(6))
    assert gold(program).gain == 1
    assert shown(program)


def test_what_is_bought_at_5_and_sold_at_5_earns_nothing() -> None:
    assert gold(tale(buying(5), selling(5))) == Earning("gold", "no")


def test_two_that_are_consumed_where_one_is_required_are_paid_for() -> None:
    two = choice("shop.sell", "shop", requires=Has(GEM), effects=(Take(GEM), Take(GEM), add(9)))
    assert gold(tale(buying(5), two)).farmable == "no"
    better = choice("shop.sell", "shop", requires=Has(GEM), effects=(Take(GEM), Take(GEM), add(11)))
    assert shown(tale(buying(5), better))


def test_sales_under_a_limit_end() -> None:
    limited = selling(
        6,
        requires=Compare("<", NumberOf(SALES), Constant(4)),
    )
    counted = choice(
        "shop.sell",
        "shop",
        requires=Compare("<", NumberOf(SALES), Constant(4)),
        effects=(Take(GEM), add(6), add(1, SALES)),
    )
    sales = {SALES: WholeNumber(0, 0, 9)}
    assert gold(tale(buying(5), counted, variables=sales)).farmable == "no"
    assert shown(tale(buying(5), limited, variables=sales))


@pytest.mark.parametrize("sales", [WholeNumber(0, 0, 9), WholeNumber(0)])
def test_a_limit_holds_whether_or_not_what_it_counts_has_an_end(sales: WholeNumber) -> None:
    work = choice(
        "shop.work",
        "shop",
        requires=Compare("<", NumberOf(SALES), Constant(4)),
        effects=(add(2), add(1, SALES)),
    )
    assert gold(tale(work, variables={SALES: sales})).farmable == "no"


def test_work_that_is_done_once_earns_once() -> None:
    assert gold(tale(choice("shop.work", "shop", once=True, effects=(add(3),)))).farmable == "no"


def test_work_that_can_be_done_again_earns_without_end() -> None:
    program = tale(choice("shop.work", "shop", effects=(add(3),)))
    assert replace(gold(program), played=None) == Earning("gold", "yes", 3, (), (("main.shop", 1),))
    assert shown(program)


def test_work_that_needs_rest_is_a_loop_of_two() -> None:
    fresh = terms.FlagIs(FRESH)
    work = choice("shop.work", "shop", requires=fresh, effects=(add(3), SetFlag(FRESH, False)))
    rest = choice("shop.rest", "shop", requires=Not(fresh), effects=(SetFlag(FRESH, True),))
    program = tale(work, rest, variables={FRESH: Flag()})
    assert {way for _, way in gold(program).loop} == {1, 2}
    assert shown(program)
    assert gold(tale(work, variables={FRESH: Flag(True)})).farmable == "no"


def test_what_is_had_only_on_the_first_visits_ends() -> None:
    few = Compare("<", Visits(fragment("shop").id), Constant(5))
    assert gold(tale(choice("shop.work", "shop", requires=few, effects=(add(3),)))).farmable == "no"


def test_points_that_nobody_asks_for_and_two_at_once_are_seen() -> None:
    program = tale(
        choice("shop.work", "shop", effects=(add(3), add(2, SALES))),
        variables={SALES: WholeNumber()},
    )
    assert [(one.variable, one.farmable, one.gain) for one in prove(program).earnings] == [
        ("gold", "yes", 3),
        ("sales", "yes", 2),
    ]


def test_what_has_a_maximum_is_earned_up_to_it_and_is_no_finding() -> None:
    work = choice("shop.work", "shop", effects=(add(3),))
    assert prove(tale(work, variables={GOLD: Points(0, 99)})).earnings == ()


def test_many_things_that_only_a_first_visit_allows_are_told_apart_in_bounded_time() -> None:
    rooms = [fragment(f"room{n}", Choices((choice(f"room{n}.back", "shop"),))) for n in range(40)]
    first = [
        choice(
            f"shop.enter{n}",
            room.id.rpartition(".")[2],
            requires=Compare("<", Visits(room.id), Constant(2)),
        )
        for n, room in enumerate(rooms)
    ]
    program = tale(*first, buying(5), selling(5))
    program = replace(program, fragments=program.fragments | {room.id: room for room in rooms})
    assert gold(program).farmable == "no"
