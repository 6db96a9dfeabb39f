"""What players come to only with what they earn outside the story, and how much of that it takes at least.

All plays are looked at without income and with it. What is in none of the first and in some of the others needs income. How
much is found by a search for the play that earns least outside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from diana_engine.compiler.analysis.states.graph.model import NOWHERE, Model, Slot
from diana_engine.compiler.analysis.states.lowering.income import Outside
from diana_engine.compiler.analysis.states.plays.shortest import Shortest
from diana_engine.compiler.analysis.states.ranges.forward import forward
from diana_engine.compiler.analysis.states.ranges.liveness import Liveness
from diana_engine.compiler.analysis.states.reductions.contraction import Contracted, contracted
from diana_engine.compiler.analysis.states.results.report import (
    Needed,
    NeedsIncome,
    Report,
    Way,
    source_of,
)
from diana_engine.compiler.analysis.states.sets.diagrams import (
    Backend,
    Diagrams,
    Node,
    OverBudget,
    within_budget,
)
from diana_engine.compiler.analysis.states.sets.encoding import Encoding
from diana_engine.compiler.analysis.states.sets.exact import Exact
from diana_engine.play.earning import DAY
from diana_engine.program.model import Program
from diana_engine.program.systems import Income, most_a_day

__all__ = ["ASSUMED", "least", "needing", "outside_of"]

ASSUMED = "what is earned outside the story may come at any time, as often as days go by"


def outside_of(program: Program, model: Model) -> Outside:
    """Return the incomes that make a difference somewhere in the story."""
    slots: set[Slot] = {variable.slot for variable in model.variables}
    return Outside(
        {
            source: income
            for source, income in program.around.income.items()
            if slots & _touched(source, income)
        }
    )


def _touched(source: str, income: Income) -> set[Slot]:
    return {("value", income.points), ("earned", income.points), ("tally", source)}


def needing(poor: Report, rich: Report) -> tuple[NeedsIncome, ...]:
    """Return what is in no play without income, by the report `poor`, and in some with it, by `rich`."""
    fragments = (
        NeedsIncome((id, 0))
        for id, one in rich.fragments.items()
        if one.reachable == "yes" and poor.fragments[id].reachable == "no"
    )
    choices = (
        NeedsIncome(way)
        for way, one in rich.choices.items()
        if one in ("sometimes", "always") and poor.choices[way] == "never"
    )
    return (*fragments, *choices)


def least(
    program: Program,
    model: Model,
    needs: Sequence[NeedsIncome],
    nodes: int,
    backend: Backend | None,
) -> tuple[tuple[NeedsIncome, ...], tuple[str, ...]]:
    """Return how much each of `needs` takes at least, and why that is not known."""
    small = contracted(model)
    try:
        with within_budget():
            liveness = Liveness(forward(small.model))
            exact = Exact(Encoding(liveness, Diagrams(backend, nodes)))
            found = _Least(program, small, exact).of([one.what for one in needs])
    except OverBudget:
        reason = f"how much income is needed at least: the sets of states grew too large for {nodes} nodes"
        return tuple(needs), (reason,)
    return tuple(_with_least(program, one, found) for one in needs), ()


def _with_least(
    program: Program, one: NeedsIncome, found: Mapping[Way, Mapping[str, int]]
) -> NeedsIncome:
    missing = found.get(one.what, {})
    return NeedsIncome(one.what, tuple(sorted(missing.items())), tuple(_by(program, missing)))


def _by(program: Program, missing: Mapping[str, int]) -> Iterator[Needed]:
    for source, income in sorted(program.around.income.items()):
        if income.points in missing:
            times = -(-missing[income.points] // income.amount)
            yield Needed(source, income.points, times, _days(source, income, times))


def _days(source: str, income: Income, times: int) -> int:
    """Return on how many days at least something can be done so often."""
    most = most_a_day(source, income)
    by_limit = 1 if most is None else -(-times // most)
    return max(by_limit, 1 + (times - 1) * income.cooldown // DAY)


class _Least:
    def __init__(self, program: Program, contracted: Contracted, exact: Exact) -> None:
        self.program, self.contracted, self.exact = program, contracted, exact
        self.place = {id: place for place, id in enumerate(contracted.whole.places)}
        self.here = {old: place for place, old in enumerate(contracted.place_of)}
        self._over: dict[int, list[int]] = {}

    def of(self, wanted: Sequence[Way]) -> dict[Way, Counter[str]]:
        """Return for each choice and fragment what of each kind of points is earned outside in the play that earns least."""
        edges = {what: list(self._edges(what)) for what in wanted}
        targets: dict[int, Node] = {}
        for number in {number for numbers in edges.values() for number in numbers}:
            edge = self.exact.model.edges[number]
            if edge.source == NOWHERE or not self.exact.certain[number]:
                continue
            who = self.exact.encoding.move(number).who & self.exact.least.reached[edge.source]
            if who != self.exact.diagrams.none:
                targets[number] = who
        costs = [self._cost(number) for number in range(len(self.exact.model.edges))]
        plays = Shortest(self.exact, costs).plays(targets)
        found: dict[Way, Counter[str]] = {}
        for what, numbers in edges.items():
            known = [plays[number] for number in numbers if number in plays]
            if known:
                path, _ = min(known, key=lambda play: play[1])
                found[what] = self._earned(path, costs)
        return found

    def _income(self, number: int) -> str | None:
        if not self.contracted.is_income(number):
            return None
        whole = self.contracted.whole
        return source_of(whole.options[whole.edges[self.contracted.first[number]].option].number)

    def _cost(self, number: int) -> int:
        source = self._income(number)
        if source is None:
            return 0
        variables, edge = self.exact.model.variables, self.exact.model.edges[number]
        changes = [change for one, change in edge.changes.items() if not variables[one].marks]
        is_unit = len(changes) == 1 and changes[0][0] == 1
        return 1 if is_unit else self.program.around.income[source].amount

    def _earned(self, path: Sequence[int], costs: Sequence[int]) -> Counter[str]:
        earned: Counter[str] = Counter()
        for number in path:
            if (source := self._income(number)) is not None:
                earned[self.program.around.income[source].points] += costs[number]
        return earned

    def _edges(self, what: Way) -> Iterator[int]:
        """Yield the edges over which one comes to a fragment, or which a choice or branch stands for."""
        id, number = what
        model = self.exact.model
        place = self.place[id]
        if self.contracted.forced[place] != NOWHERE:
            yield from self._chains().get(place, ())
            return
        here = self.here[place]
        if number == 0:
            yield from (edge for edge in model.inn[here] if not self.contracted.stays(edge))
            return
        for edge in model.out[here]:
            option = model.edges[edge].option
            if option != NOWHERE and model.options[option].number == number:
                yield edge

    def _chains(self) -> dict[int, list[int]]:
        """Return for each place on a chain of forced moves the edges that lead over it."""
        if not self._over:
            whole = self.contracted.whole
            for number in range(len(self.exact.model.edges)):
                for one in self.contracted.path(number):
                    self._over.setdefault(whole.edges[one].target, []).append(number)
        return self._over
