"""From a program to its model: each place with all ways to leave it.

A new way to leave a fragment is an arm of `_place`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from diana_engine.compiler.analysis.states.graph.bounds import set_ends
from diana_engine.compiler.analysis.states.graph.model import NOWHERE, Edge, Model, Slot
from diana_engine.compiler.analysis.states.lowering.arrivals import Arrivals
from diana_engine.compiler.analysis.states.lowering.asides import Asides
from diana_engine.compiler.analysis.states.lowering.calling import call, come_back
from diana_engine.compiler.analysis.states.lowering.choosing import choose
from diana_engine.compiler.analysis.states.lowering.combining import combine
from diana_engine.compiler.analysis.states.lowering.decks import deal
from diana_engine.compiler.analysis.states.lowering.edges import Edges
from diana_engine.compiler.analysis.states.lowering.following import go_on
from diana_engine.compiler.analysis.states.lowering.income import (
    NOTHING,
    Outside,
    earn_outside,
)
from diana_engine.compiler.analysis.states.lowering.parts import Parts
from diana_engine.compiler.analysis.states.lowering.passing import let_pass
from diana_engine.program.model import Call, Choices, Deck, Ending, Fragment, Next, Program, Return

__all__ = ["lowered"]


def lowered(
    program: Program,
    also: Iterable[Slot] = (),
    *,
    vip: bool | None = None,
    outside: Outside = NOTHING,
) -> Model:
    """Return the model of `program`; slots of `also` are variables even if nobody asks for them.

    `vip` says whether players are VIP at first, `None` that they may be or not. What they earn `outside` the story may
    come wherever they rest.
    """
    parts = Parts(program, also)
    edges = Edges(parts, Arrivals(parts))
    edges.begin(vip)
    beginnings = list(range(len(edges.edges)))
    options_of = []
    asides = Asides(parts, edges)
    for place, fragment in enumerate(program.fragments.values()):
        first = len(edges.options)
        _place(asides, place, fragment)
        options_of.append(range(first, len(edges.options)))
    for _ in asides.followed():
        options_of.append(range(options_of[-1].stop, len(edges.options)))
    combine(parts, edges)
    model = Model(
        parts.slots.variables,
        parts.places,
        bytearray(isinstance(program.fragments[id].exit, Ending) for id in parts.places),
        parts.rests,
        edges.edges,
        *_ends(edges.edges, len(parts.places)),
        edges.options,
        options_of,
        beginnings,
        parts.coming,
        asides.choices,
        {number: turned for number, turned in enumerate(edges.turning) if turned},
        parts.opaque,
        parts.slots.pace,
    )
    set_ends(model, parts.guards)
    let_pass(parts, edges, model)
    earn_outside(parts, edges, model, outside)
    model.out, model.inn = _ends(edges.edges, len(parts.places))
    return model


def _ends(edges: list[Edge], places: int) -> tuple[list[list[int]], list[list[int]]]:
    """Return the numbers of the edges that leave each place, and of those that enter it."""
    out: list[list[int]] = [[] for _ in range(places)]
    inn: list[list[int]] = [[] for _ in range(places)]
    for number, edge in enumerate(edges):
        if edge.source != NOWHERE:
            out[edge.source].append(number)
        inn[edge.target].append(number)
    return out, inn


def _place(asides: Asides, place: int, fragment: Fragment) -> None:
    parts, edges = asides.parts, asides.edges
    match fragment.exit:
        case Choices(choices):
            for number, choice in enumerate(choices, start=1):
                choose(asides, place, number, choice)
        case Next() as onward:
            go_on(parts, edges, place, onward)
        case Call(to):
            call(parts, edges, place, to)
        case Return():
            come_back(parts, edges, place, fragment)
        case Deck() as deck:
            deal(asides, place, deck)
        case Ending():
            pass
        case _:
            assert_never(fragment.exit)
