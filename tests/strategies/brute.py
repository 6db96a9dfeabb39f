"""Every play of a small program by brute force: `play` itself, on whole states, with every draw coming out every way.

The draws are those of `play`; only their source is exchanged for one that tries everything.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise, product
from typing import Any

import pytest

from diana_engine.expressions import evaluate, terms
from diana_engine.expressions.terms import ChoiceKey, FragmentId
from diana_engine.play import decks, rules
from diana_engine.play.actions import Action, Answer, Choose, Combine, Continue, Earn, Skip
from diana_engine.play.events import FragmentEntered, Returned, TurnedAway
from diana_engine.play.state import NO_MOMENT, PlayerState
from diana_engine.play.walk import Walk
from diana_engine.program.exits import ask_of, choices_of
from diana_engine.program.model import Ask, Choices, Deck, Ending, OneOf, Program, WholeNumber

__all__ = [
    "MOST_VISITS", "Brute", "Fate", "Table", "Way", "explore", "is_at_least_as_good", "least_income", "replays", "rule",
]  # fmt: skip

Table = dict[tuple[int, str, int], int]
Stand = tuple[PlayerState, Table]
Way = tuple[str, int]
MOST_VISITS = 60
"""More visits of a fragment are not told apart."""


@dataclass
class Brute:
    """What was found; `complete` says whether nothing was left out."""

    entered: set[str] = field(default_factory=set)
    turned_away: set[str] = field(default_factory=set)
    returned: set[tuple[str, str]] = field(default_factory=set)
    """Which sub-story's caller went on to which fragment when it was over."""
    opened: set[Way] = field(default_factory=set)
    shut: set[Way] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)
    losing: dict[Way, int] = field(default_factory=dict)
    winnable: bool = False
    complete: bool = True
    stands: list[Stand] = field(default_factory=list)
    """Each state that was come to, with what was drawn on entering it."""
    edges: list[tuple[int, int, int]] = field(default_factory=list)
    """From which state which choice, or income as number 0, leads to which; `begins` counts the states of beginnings."""
    begins: int = 0
    moves: dict[int, set[tuple[int, int | None]]] = field(default_factory=dict)
    """Of each state that was looked at: what was tried, and the state it led to, or that it was refused."""


class Fate:
    """A source of chance that goes through everything it can say, one run after the other."""

    def __init__(self, program: Program) -> None:
        self.percents = {0, *_percents(program)} - {100}
        self.known: Table = {}
        self.script: list[tuple[int, int]] = []
        self.at = 0

    def draw(self, _seed: int, entry: int, place: str, size: int) -> int:
        key = (entry, place, size)
        if key not in self.known:
            values = sorted(self.percents) if size == 100 else list(range(size))
            if self.at == len(self.script):
                self.script.append((0, len(values)))
            self.known[key] = values[self.script[self.at][0]]
            self.at += 1
        return self.known[key]

    def runs(self, known: Table, run: Callable[[], Any]) -> Iterator[Any]:
        self.script = []
        while True:
            self.known, self.at = dict(known), 0
            yield run()
            while self.script and self.script[-1][0] + 1 == self.script[-1][1]:
                self.script.pop()
            if not self.script:
                return
            index, count = self.script.pop()
            self.script.append((index + 1, count))


def _percents(term: Any) -> Iterator[int]:
    if isinstance(term, terms.Chance):
        yield term.percent
    elif isinstance(term, dict):
        for part in term.values():
            yield from _percents(part)
    elif isinstance(term, tuple):
        for part in term:
            yield from _percents(part)
    elif hasattr(term, "__dataclass_fields__"):
        for name in term.__dataclass_fields__:
            yield from _percents(getattr(term, name))


def explore(
    program: Program, budget: int = 1500, *, vip: bool | None = False, income: int = 0
) -> Brute:
    """Return all that plays of `program` come to, as far as `budget` states reach.

    `vip` says whether players are VIP at first; `None` tries both. With `income`, players who have less than that of the
    points of an income may earn it wherever they rest.
    """
    with pytest.MonkeyPatch.context() as patched:
        fate = Fate(program)
        rule(patched, fate)
        exploration = _Exploration(program, fate, vip)
        exploration.income = income
        return exploration.run(budget)


def _around(state: PlayerState) -> tuple[Any, ...]:
    """Return what levels, missions and their like can tell apart."""
    missions = (
        (id, run.active, run.times > 0, tuple(sorted(run.before.items())))
        for id, run in state.missions.items()
    )
    return (
        *(tuple(sorted(m.items())) for m in (state.earned, state.tally)),
        tuple(sorted(state.achieved)),
        tuple(sorted(missions)),
        state.level,
        state.vip_until > 0,
    )


def rule(patched: pytest.MonkeyPatch, fate: Fate) -> None:
    """Let `fate` decide wherever the rules of play draw."""
    patched.setattr(evaluate, "draw", fate.draw)
    patched.setattr(decks, "draw", fate.draw)


class _Exploration:
    income = 0

    def __init__(self, program: Program, fate: Fate, vip: bool | None = False) -> None:
        self.vip = vip
        self.program, self.fate, self.found = program, fate, Brute()
        self.stands = self.found.stands
        self.index: dict[Any, int] = {}
        self.depth: list[int] = []
        self.idle: list[int] = []
        self.edges = self.found.edges

    def run(self, budget: int) -> Brute:
        for vip in (0, 1) if self.vip is None else (int(self.vip),):
            before = PlayerState(0, self.program.start, vip_until=vip)
            for walk in self.fate.runs(
                {}, lambda before=before: rules.begin(self.program, 0, NO_MOMENT, before)
            ):
                self.add(walk, 0)
        waiting = deque(range(len(self.stands)))
        self.found.begins = len(self.stands)
        while waiting:
            if len(self.stands) > budget or len(self.edges) > 20 * budget:
                self.found.complete = False
                break
            source = waiting.popleft()
            known = len(self.stands)
            self.look(source)
            waiting.extend(range(known, len(self.stands)))
        self.judge()
        return self.found

    def add(self, walk: Walk, depth: int) -> int:
        self.found.entered |= {e.fragment for e in walk.events if isinstance(e, FragmentEntered)}
        self.found.turned_away |= {e.fragment for e in walk.events if isinstance(e, TurnedAway)}
        for one, then in pairwise(walk.events):
            if isinstance(one, Returned) and isinstance(then, FragmentEntered | TurnedAway):
                self.found.returned.add((one.fragment, then.fragment))
        state = walk.state()
        table = {
            (0, place, size): value
            for (entry, place, size), value in self.fate.known.items()
            # What a deck dealt when a player came decided nothing yet but whether there was anything.
            if entry == state.entry and ".deck:" not in place
        }
        key = (
            state.fragment,
            state.calls,
            *(tuple(sorted(m.items())) for m in (state.values, state.items, state.visits, table)),
            tuple(sorted(state.chosen)),
            *_around(state),
        )
        if key not in self.index:
            self.index[key] = len(self.stands)
            visits = {name: min(count, MOST_VISITS) for name, count in state.visits.items()}
            stand = replace(
                state,
                seed=0,
                entry=0,
                visits=visits,
                said=None,
                vip_until=min(state.vip_until, 1),
                incomes={},
            )
            self.stands.append((stand, table))
            self.depth.append(depth)
        return self.index[key]

    def look(self, source: int) -> None:
        state, table = self.stands[source]
        way_on = self.program.fragments[state.fragment].exit
        if isinstance(way_on, Ending):
            return
        actions = ways(self.program, state.fragment)
        if (ask := ask_of(way_on)) is not None:
            actions = self.answers(ask)
        is_open = False
        moves: set[tuple[int, int | None]] = set()
        self.found.moves[source] = moves
        for count, (action, pays) in enumerate(product(actions, (False, True)), start=2):
            number = 1 if ask_of(way_on) is not None else count // 2
            for walk in self.fate.runs(
                table, lambda action=action, pays=pays: self.do(state, action, pays)
            ):
                if walk is None and pays:
                    continue
                way = (state.fragment, number)
                (self.found.shut if walk is None else self.found.opened).add(way)
                if walk is not None:
                    is_open = True
                    self.edges.append((source, number, self.add(walk, self.depth[source] + 1)))
                moves.add((number, None if walk is None else self.edges[-1][2]))
        if not is_open:
            self.idle.append(source)
        for income, paid in self.program.around.income.items():
            if int(state.values[paid.points]) < self.income:
                for walk in self.fate.runs(
                    table, lambda income=income: self.do(state, Earn(income))
                ):
                    assert walk is not None
                    self.edges.append((source, 0, self.add(walk, self.depth[source] + 1)))

        self.put_together(source)

    def put_together(self, source: int) -> None:
        """Try every combination; the numbers of these are below 0."""
        state, table = self.stands[source]
        for index, one in enumerate(self.program.combinations):
            walk = Walk(self.program, state)
            self.fate.known = dict(table)
            if rules.act(walk, Combine(one.id)) is None:
                to = self.add(walk, self.depth[source] + 1)
                self.edges.append((source, -1 - index, to))

    def answers(self, ask: Ask) -> list[Action]:
        """Return answers that come to every value which a requirement can tell from others."""
        match self.program.variables[ask.into]:
            case WholeNumber(minimum=low, maximum=high):
                return [Answer(str(value)) for value in range(low, high + 1)]
            case OneOf(values):
                return [Answer(word) for word in values]
            case _:
                return [Answer(word) for word in ("Ana", "Bo", "Somebody")]

    def do(self, state: PlayerState, action: Any, pays: bool = False) -> Walk | None:
        """Do `action`, and then wait out what is to be waited for there, or pay for not waiting; whatever time it takes."""
        walk = Walk(self.program, state)
        if walk.waiting is None:
            if rules.act(walk, action):
                return None
            if walk.waiting is None or walk.waiting.choice is None:
                return None if pays else walk
        if pays:
            return None if rules.act(walk, Skip()) else walk
        assert walk.waiting is not None
        walk.waiting = replace(walk.waiting, due=0)
        return None if rules.act(walk, Continue()) else walk

    def judge(self) -> None:
        before: dict[int, set[int]] = {}
        for source, _, to in self.edges:
            before.setdefault(to, set()).add(source)
        waiting = [i for i, (state, _) in enumerate(self.stands) if self.is_ending(state)]
        self.found.winnable = bool(waiting)
        self.judge_idle()
        can_end = set(waiting)
        while waiting:
            fresh = before.get(waiting.pop(), set()) - can_end
            can_end |= fresh
            waiting.extend(fresh)
        for index, (state, _) in enumerate(self.stands):
            if index not in can_end:
                self.found.locked.add(state.fragment)
        for source, number, to in self.edges:
            if number and source in can_end and to not in can_end:
                way = (self.stands[source][0].fragment, number)
                length = self.depth[source] + 1
                self.found.losing[way] = min(self.found.losing.get(way, length), length)

    def judge_idle(self) -> None:
        """Of those who have nothing to do, only those are stuck whom no income helps, and nothing that they put together."""
        earns: dict[int, set[int]] = {}
        for source, number, to in self.edges:
            if number <= 0:
                earns.setdefault(source, set()).add(to)
        helpless = set(self.idle)
        while True:
            helped = {one for one in helpless if earns.get(one, set()) - helpless}
            if not helped:
                break
            helpless -= helped
        self.found.stuck = {self.stands[one][0].fragment for one in helpless}

    def is_ending(self, state: PlayerState) -> bool:
        return isinstance(self.program.fragments[state.fragment].exit, Ending)


def ways(program: Program, place: str) -> list[Action]:
    """Return what a player may do in a fragment, in the order in which reports number it."""
    way = program.fragments[FragmentId(place)].exit
    actions: list[Action] = []
    if isinstance(way, Deck):
        actions = [Choose(ChoiceKey(f"{place}.{id}")) for id in way.storylets]
    actions += [Choose(choice.key) for choice in choices_of(way)]
    return actions if isinstance(way, Choices) else [*actions, Continue()]


def replays(program: Program, witness: tuple[Way, ...]) -> bool:
    """Return whether the play can be made by the rules of play, with some luck."""
    with pytest.MonkeyPatch.context() as patched:
        fate = Fate(program)
        rule(patched, fate)
        exploration = _Exploration(program, fate)
        stands = set()
        for walk in fate.runs({}, lambda: rules.begin(program, 0)):
            stands.add(exploration.add(walk, 0))
        for fragment, number in witness:
            stands = _after(exploration, stands, fragment, number)
        return bool(stands)


def _after(exploration: _Exploration, stands: set[int], fragment: str, number: int) -> set[int]:
    reached = set()
    for source in sorted(stands):
        state, table = exploration.stands[source]
        if state.fragment != fragment:
            continue
        actions = ways(exploration.program, state.fragment)
        # Which branch is taken nobody chooses, so a way of a single action is that, whatever its number.
        actions = actions[number - 1 : number] or actions
        if (ask := ask_of(exploration.program.fragments[state.fragment].exit)) is not None:
            actions = exploration.answers(ask)
        for action, pays in product(actions, (False, True)):
            for walk in exploration.fate.runs(
                table,
                lambda state=state, action=action, pays=pays: exploration.do(state, action, pays),
            ):
                if walk is not None:
                    reached.add(exploration.add(walk, 0))
    return reached


def least_income(found: Brute) -> dict[Way, int]:
    """Return for each choice that is ever taken how often players must earn outside before, at least."""
    leaving: dict[int, list[tuple[int, int]]] = {}
    for source, number, to in found.edges:
        leaving.setdefault(source, []).append((number, to))
    costs = dict.fromkeys(range(found.begins), 0)
    waiting = deque(costs)
    while waiting:
        source = waiting.popleft()
        for number, to in leaving.get(source, ()):
            cost = costs[source] + (number == 0)
            if cost < costs.get(to, cost + 1):
                costs[to] = cost
                (waiting.append if number == 0 else waiting.appendleft)(to)
    least: dict[Way, int] = {}
    for source, number, _ in found.edges:
        if number:
            way = (found.stands[source][0].fragment, number)
            least[way] = min(costs[source], least.get(way, costs[source]))
    return least


def is_at_least_as_good(found: Brute, better: int, than: int, program: Program) -> bool:
    """Return whether, of two states that were looked at, all that can happen from one can happen from the other.

    Whatever is done from `than` can be done from `better` and leads to where the same is true again, for ever.
    """
    waiting, seen = [(better, than)], set[tuple[int, int]]()
    pairs: dict[tuple[int, int], list[list[tuple[int, int]]]] = {}
    while waiting:
        pair = waiting.pop()
        if pair in seen:
            continue
        seen.add(pair)
        pairs[pair] = list(_matches(found, *pair, program))
        waiting += [one for alternatives in pairs[pair] for one in alternatives]
    holds = set(seen)
    while True:
        broken = {
            pair
            for pair in holds
            if not all(any(one in holds for one in able) for able in pairs[pair])
        }
        if not broken:
            return (better, than) in holds
        holds -= broken


def _matches(
    found: Brute, better: int, than: int, program: Program
) -> Iterator[list[tuple[int, int]]]:
    """Yield for each move from `than` the pairs of states to which the same move may lead; none where it is no match."""
    place = found.stands[than][0].fragment
    if found.stands[better][0].fragment != place:
        yield []
        return
    if isinstance(program.fragments[place].exit, Ending):
        return
    for number, to in found.moves[than]:
        if to is not None:
            yield [
                (good, to)
                for same, good in found.moves[better]
                if same == number and good is not None
            ]
