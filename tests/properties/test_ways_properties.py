"""Walks over graphs, held against networkx."""

from __future__ import annotations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from diana_engine.compiler.analysis.ways import components, reach

places = st.integers(0, 11)
tables = st.dictionaries(places, st.lists(places, max_size=4), max_size=12)


def _graph(ways: dict[int, list[int]]) -> nx.DiGraph[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(ways)
    graph.add_edges_from((one, other) for one, others in ways.items() for other in others)
    return graph


@given(tables, places)
def test_what_is_reached_is_what_networkx_reaches(ways, start):
    graph = _graph(ways)
    graph.add_node(start)
    assert reach([start], ways) == {start, *nx.descendants(graph, start)}


@given(tables, st.sets(places))
def test_rings_are_those_of_networkx(ways, within):
    graph = _graph(ways)
    graph.add_nodes_from(within)
    expected = nx.strongly_connected_components(graph.subgraph(within))
    found = list(components(within, ways))
    assert sorted(map(sorted, found)) == sorted(map(sorted, expected))


@given(tables)
def test_a_ring_is_told_after_those_it_leads_to(ways):
    told: set[int] = set()
    every = {*ways, *(other for others in ways.values() for other in others)}
    for ring in components(every, ways):
        told.update(ring)
        assert all(other in told for one in ring for other in ways.get(one, ()))


def test_a_long_way_needs_no_deep_recursion():
    ways = {place: [place + 1] for place in range(50_000)}
    assert len(reach([0], ways)) == 50_001
    assert sum(1 for _ in components(ways, ways)) == 50_000
