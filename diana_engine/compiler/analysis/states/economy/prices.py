"""A proof that no loop gains: a price for everything, at which no loop makes a profit.

If each thing that a move brings or takes has a price, and at these prices no loop is worth more after it than before,
then whatever a loop gains it pays for with something else; and a loop that pays cannot be repeated for ever. Prices
are whole numbers over a common one, so the proof is exact: loops are found by the method of Bellman and Ford, and prices
for a few of them by that of Fourier and Motzkin. Where nothing but the gain counts, the first search for a loop decides.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import lcm

from diana_engine.compiler.analysis.states.economy.drifts import Gains, bounded
from diana_engine.compiler.analysis.states.graph.model import LIMIT, Model

__all__ = ["TooHard", "profitable"]

_MOST_ROUNDS = 60
"""How many loops are found before the search for prices is given up."""
_MOST_ROWS = 3_000
"""How many inequalities are looked at at once."""
_MOST_STEPS = 5_000_000
"""How many steps the searches for loops may make."""

Price = tuple[int, bool]
"""The price of what a variable rises by, or of what it falls by."""
Row = tuple[Fraction, dict[Price, Fraction]]
"""What a sum of prices, each times a number, may not be above 0 with."""


class TooHard(Exception):  # noqa: N818 - it is an event of the analysis, caught by it
    """Neither prices nor loops were found within the budget."""


def profitable(model: Model, part: list[Gains]) -> list[list[Gains]]:
    """Return loops of `part` that together make a profit at any prices; none if there are prices at which none does.

    Raises:
        TooHard: the budget was used up.
    """
    wild = {
        variable
        for move in part
        for variable, (least, most) in move.drifts.items()
        if least <= -LIMIT or most >= LIMIT
    }
    prices: dict[Price, Fraction] = {}
    found: list[list[Gains]] = []
    rows: list[Row] = []
    search = _Search(part)
    for _ in range(_MOST_ROUNDS):
        loop = search.loop(_worths(part, prices))
        if loop is None:
            return []
        found.append(loop)
        rows.append(_row(model, loop, wild))
        solved = _solved(rows)
        if solved is None:
            return found
        prices = solved
    raise TooHard


def _worths(part: list[Gains], prices: dict[Price, Fraction]) -> list[int]:
    """Return what each move is worth at these prices, in whole numbers of which all are the same fraction."""
    unit = lcm(*(price.denominator for price in prices.values()))
    whole = {price: int(amount * unit) for price, amount in prices.items() if amount}
    found = []
    for move in part:
        worth = move.gain * unit
        for variable, (least, most) in move.drifts.items() if whole else ():
            worth += whole.get((variable, True), 0) * most - whole.get((variable, False), 0) * least
        found.append(worth)
    return found


def _row(model: Model, loop: list[Gains], wild: set[int]) -> Row:
    """Return what prices must meet for `loop` to make no profit."""
    factors: dict[Price, Fraction] = {}
    for move in loop:
        for variable, (least, most) in move.drifts.items():
            if variable in wild:
                # What may come to anything has no price.
                continue
            low_end, high_end = bounded(model, variable)
            if low_end:
                factors[variable, True] = factors.get((variable, True), Fraction(0)) + most
            if high_end:
                factors[variable, False] = factors.get((variable, False), Fraction(0)) - least
    return Fraction(sum(move.gain for move in loop)), {p: f for p, f in factors.items() if f}


# Loops --------------------------------------------------------------------------------------------------------------


class _Search:
    """Looks for loops among the moves of `part` that are worth more than nothing."""

    def __init__(self, part: list[Gains]) -> None:
        self.part = part
        numbers: dict[int, int] = {}
        self.ways = [
            (
                numbers.setdefault(move.source, len(numbers)),
                numbers.setdefault(move.target, len(numbers)),
            )
            for move in part
        ]
        self.places = len(numbers)
        self.steps = 0

    def loop(self, worths: list[int]) -> list[Gains] | None:
        """Return a loop that is worth more than nothing, or `None` if there is none.

        Raises:
            TooHard: the budget was used up.
        """
        best = [0] * self.places
        came: dict[int, int] = {}
        moves = [
            (*way, worth, n) for n, (way, worth) in enumerate(zip(self.ways, worths, strict=True))
        ]
        for _ in range(self.places + 1):
            better = False
            for source, target, worth, number in moves:
                total = best[source] + worth
                if total > best[target]:
                    best[target], came[target] = total, number
                    better = True
            if not better:
                return None
            loop = self._closed(came)
            if loop is not None:
                return loop
            self.steps += len(moves) + len(came)
            if self.steps > _MOST_STEPS:
                raise TooHard
        raise AssertionError("who improves more often than there are places goes in a circle")

    def _closed(self, came: dict[int, int]) -> list[Gains] | None:
        """Return the moves of a circle among those by which each place was reached last, if there is one."""
        looked: dict[int, int] = {}
        for start in came:
            place = start
            while place in came and place not in looked:
                looked[place] = start
                place = self.ways[came[place]][0]
            if place in came and looked[place] == start:
                return self._around(came, place)
        return None

    def _around(self, came: dict[int, int], place: int) -> list[Gains]:
        found: list[int] = []
        here = place
        while not found or here != place:
            found.append(came[here])
            here = self.ways[came[here]][0]
        return [self.part[number] for number in reversed(found)]


# Prices -------------------------------------------------------------------------------------------------------------


def _solved(rows: list[Row]) -> dict[Price, Fraction] | None:
    """Return prices, none below 0, that meet all `rows`; `None` if there are none (Fourier and Motzkin)."""
    stages: list[tuple[Price, list[Row]]] = []
    names = sorted({price for _, factors in rows for price in factors})
    for price in names:
        rows = [*rows, (Fraction(0), {price: Fraction(-1)})]
        stages.append((price, [row for row in rows if price in row[1]]))
        rows = _without(price, rows)
    if any(constant > 0 for constant, _ in rows):
        return None
    found: dict[Price, Fraction] = {}
    for price, asked in reversed(stages):
        least = Fraction(0)
        for constant, factors in asked:
            if factors[price] < 0:
                rest = constant + sum(
                    factor * found.get(other, 0)
                    for other, factor in factors.items()
                    if other != price
                )
                least = max(least, rest / -factors[price])
        found[price] = least
    return found


def _without(price: Price, rows: list[Row]) -> list[Row]:
    """Return what `rows` say of the other prices."""
    kept = [row for row in rows if price not in row[1]]
    above = [row for row in rows if row[1].get(price, 0) > 0]
    below = [row for row in rows if row[1].get(price, 0) < 0]
    if len(kept) + len(above) * len(below) > _MOST_ROWS:
        raise TooHard
    for one, other in product(above, below):
        first, second = -other[1][price], one[1][price]
        factors = {
            name: total
            for name in one[1].keys() | other[1].keys()
            if name != price
            and (total := first * one[1].get(name, 0) + second * other[1].get(name, 0))
        }
        kept.append((first * one[0] + second * other[0], factors))
    return kept
