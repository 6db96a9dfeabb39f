"""Random small models of the prover, and all their states by brute force: guards and changes read in the plainest way."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from hypothesis import strategies as st

from diana_engine.compiler.analysis.states.graph.model import (
    ALWAYS,
    LIMIT,
    NEVER,
    NOWHERE,
    AllOf,
    Always,
    AnyOf,
    AtLeast,
    Below,
    Change,
    Edge,
    Guard,
    Model,
    Never,
    Option,
    Variable,
)
from diana_engine.expressions.terms import FragmentId

__all__ = ["Seen", "holds", "model_of", "models", "moved", "seen"]

Values = tuple[int, ...]
State = tuple[int, Values]


def holds(guard: Guard, values: Values) -> bool:
    """Return whether `guard` holds for these values."""
    match guard:
        case Always():
            return True
        case Never():
            return False
        case AtLeast(variable, bound):
            return values[variable] >= bound
        case Below(variable, bound):
            return values[variable] < bound
        case AllOf(guards):
            return all(holds(one, values) for one in guards)
        case AnyOf(guards):
            return any(holds(one, values) for one in guards)


def moved(changes: dict[int, Change], values: Values) -> Values:
    """Return the values after the changes."""
    after = list(values)
    for variable, (add, least, most) in changes.items():
        after[variable] = max(least, min(most, values[variable] + add))
    return tuple(after)


@dataclass
class Seen:
    """All states of a model, and what is true of them; `complete` says whether nothing was left out."""

    states: dict[State, int] = field(default_factory=dict)
    moves: list[list[tuple[int, int]]] = field(default_factory=list)
    stuck: set[int] = field(default_factory=set)
    locked: set[int] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    opened: set[int] = field(default_factory=set)
    shut: set[int] = field(default_factory=set)
    complete: bool = True

    @property
    def places(self) -> set[int]:
        return {place for place, _ in self.states}


def seen(model: Model, budget: int = 5000) -> Seen:
    """Return all states of `model`, as far as `budget` reaches."""
    found, listed = Seen(), []
    initial = tuple(one.initial for one in model.variables)

    def add(place: int, values: Values) -> int:
        if (place, values) not in found.states:
            found.states[place, values] = len(listed)
            listed.append((place, values))
            found.moves.append([])
            waiting.append(len(listed) - 1)
        return found.states[place, values]

    waiting: deque[int] = deque()
    for number in model.beginnings:
        edge = model.edges[number]
        if holds(edge.guard, initial):
            found.taken.add(number)
            add(edge.target, moved(edge.changes, initial))
    while waiting:
        if len(listed) > budget:
            found.complete = False
            break
        index = waiting.popleft()
        place, values = listed[index]
        if model.ending[place]:
            continue
        for number in model.out[place]:
            edge = model.edges[number]
            if holds(edge.guard, values):
                found.taken.add(number)
                found.moves[index].append((number, add(edge.target, moved(edge.changes, values))))
    _judge(model, found, listed)
    return found


def _judge(model: Model, found: Seen, listed: list[State]) -> None:
    before: list[list[int]] = [[] for _ in listed]
    for index, moves in enumerate(found.moves):
        place, values = listed[index]
        for _, to in moves:
            before[to].append(index)
        if not moves and not model.ending[place]:
            found.stuck.add(place)
        for option in model.options_of[place]:
            if holds(model.options[option].open, values):
                found.opened.add(option)
            if not holds(model.options[option].sure, values):
                found.shut.add(option)
    waiting = [index for index, (place, _) in enumerate(listed) if model.ending[place]]
    ends = set(waiting)
    while waiting:
        for index in before[waiting.pop()]:
            if index not in ends:
                ends.add(index)
                waiting.append(index)
    found.locked = {place for index, (place, _) in enumerate(listed) if index not in ends}


def model_of(
    variables: list[Variable],
    endings: set[int],
    places: int,
    edges: list[tuple[int, int, Guard, dict[int, Change]]],
) -> Model:
    """Return a model that begins in place 0; each edge is an option of its own."""
    out: list[list[int]] = [[] for _ in range(places)]
    inn: list[list[int]] = [[] for _ in range(places)]
    options: list[Option] = []
    made: list[Edge] = []
    options_of = []
    for place in range(places):
        start = len(options)
        for source, target, guard, changes in edges:
            if source == place and place not in endings:
                out[place].append(len(made))
                inn[target].append(len(made))
                made.append(Edge(source, target, guard, changes, len(options)))
                options.append(Option(place, len(options) - start + 1, guard, guard))
        options_of.append(range(start, len(options)))
    beginning = len(made)
    made.append(Edge(NOWHERE, 0, ALWAYS, {}, NOWHERE))
    return Model(
        variables,
        [FragmentId(f"main.f{place}") for place in range(places)],
        bytearray(place in endings for place in range(places)),
        bytearray(b"\1" * places),
        made,
        out,
        inn,
        options,
        options_of,
        [beginning],
    )


@st.composite
def models(
    draw: st.DrawFn, flags: int = 3, counters: int = 2, places: int = 6, *, endless: int = 0
) -> Model:
    """Return a model with loops, one-way stretches, flags and counters; the last place is an ending.

    The last `endless` variables are points without a `max`; if there are any, some choices have a price.
    """
    variables = [
        Variable(("value", f"flag{i}"), 0, 1, draw(st.integers(0, 1)), False) for i in range(flags)
    ]
    for i in range(counters):
        low = draw(st.integers(-2, 0))
        high = draw(st.integers(2, 5))
        variables.append(
            Variable(("value", f"n{i}"), low, high, draw(st.integers(low, high)), False)
        )
    variables += [
        Variable(("value", name), 0, 20, draw(st.integers(0, 4)), True)
        for name in ("silver", "gold")[2 - endless :]
    ]
    count = draw(st.integers(2, places))
    atoms = st.one_of(
        st.builds(
            lambda v, b: AtLeast(v, b) if v >= flags else AtLeast(v, 1),
            st.integers(0, len(variables) - 1),
            st.integers(-1, 5),
        ),
        st.builds(
            lambda v, b: Below(v, b) if v >= flags else Below(v, 1),
            st.integers(0, len(variables) - 1),
            st.integers(-1, 5),
        ),
    )
    some = st.lists(atoms, min_size=1, max_size=3).map(tuple)
    guards = st.one_of(
        st.just(ALWAYS),
        atoms,
        atoms,
        some.map(AllOf),
        some.map(AnyOf),
        st.lists(some.map(AnyOf), min_size=1, max_size=2).map(tuple).map(AllOf),
        st.just(NEVER),
    )

    def change(variable: int, add: int, fixed: bool) -> tuple[int, Change]:
        one = variables[variable]
        if one.capped:
            return variable, (add, 0, LIMIT)
        if fixed:
            value = max(one.low, min(one.high, add))
            return variable, (0, value, value)
        return variable, (add, one.low, one.high)

    changes = st.lists(
        st.builds(change, st.integers(0, len(variables) - 1), st.integers(-3, 3), st.booleans()),
        max_size=2,
    ).map(dict)
    edge = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), guards, changes)
    edges = draw(st.lists(edge, min_size=count, max_size=3 * count))
    if endless:
        gold = len(variables) - 1
        gains = draw(st.lists(st.integers(-3, 3), min_size=len(edges), max_size=len(edges)))
        edges = [
            (a, b, guard, {**changes, gold: (gain, 0, LIMIT)} if gain else changes)
            for (a, b, guard, changes), gain in zip(edges, gains, strict=True)
        ]
        edges = [(a, b, _paid(guard, change), change) for a, b, guard, change in edges]
    if draw(st.booleans()):
        edges = [(min(a, b), max(a, b), guard, change) for a, b, guard, change in edges]
    return model_of(variables, {count - 1}, count, edges)


def _paid(guard: Guard, changes: dict[int, Change]) -> Guard:
    """Return the guard of a choice that takes nobody's last points."""
    prices = [
        AtLeast(v, -add) for v, (add, _, most) in changes.items() if most == LIMIT and add < 0
    ]
    return AllOf((guard, *prices)) if prices else guard
