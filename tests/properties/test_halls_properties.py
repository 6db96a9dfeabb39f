"""Halls, held against their plainest definition: places that idle ways join to each other and back."""

from __future__ import annotations

import networkx as nx
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from diana_engine.compiler.analysis.states.graph.model import ALWAYS, NOWHERE, Model
from diana_engine.compiler.analysis.states.ranges.forward import forward
from diana_engine.compiler.analysis.states.ranges.liveness import Liveness
from diana_engine.compiler.analysis.states.sets.diagrams import Diagrams
from diana_engine.compiler.analysis.states.sets.encoding import Encoding
from diana_engine.compiler.analysis.states.sets.halls import halls
from tests.strategies.models import model_of, models


@st.composite
def with_rooms(draw: st.DrawFn) -> Model:
    """Return a model with some ways to and fro on which nothing is asked and nothing that matters may happen."""
    model = draw(models(flags=2, counters=1, places=5))
    places = range(len(model.places) - 1)
    pairs = draw(st.lists(st.tuples(st.sampled_from(places), st.sampled_from(places)), max_size=3))
    flag = st.sampled_from([{}, {}, {0: (0, 1, 1)}])
    edges = [(one.source, one.target, one.guard, one.changes) for one in model.edges]
    edges = [edge for edge in edges if edge[0] != NOWHERE]
    for a, b in pairs:
        edges += [(a, b, ALWAYS, draw(flag)), (b, a, ALWAYS, {})]
    return model_of(model.variables, {len(places)}, len(model.places), edges)


def encoded(model: Model) -> Encoding:
    return Encoding(Liveness(forward(model)), Diagrams("python", 10_000))


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(with_rooms())
def test_places_share_a_hall_where_idle_ways_lead_from_each_to_the_other(model: Model) -> None:
    encoding = encoded(model)
    block, taken = encoding.windows.block, encoding.liveness.abstract.taken
    idle = nx.DiGraph()
    for number, edge in enumerate(model.edges):
        if edge.source == NOWHERE or not taken[number] or model.ending[edge.source]:
            continue
        if block[edge.source] == block[edge.target] and encoding.move(number).is_idle(
            encoding.diagrams
        ):
            idle.add_edge(edge.source, edge.target)
    found = halls(encoded(model), taken)
    groups = [group for group in nx.strongly_connected_components(idle) if len(group) > 1]
    event(f"{len(groups)} halls of more than one place")
    together = {place: group for group in groups for place in group}
    order = encoding.windows.order
    for place, first in enumerate(found):
        assert first == (min(together[place], key=order.index) if place in together else place)
