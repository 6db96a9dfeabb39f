"""The findings about a story's graph, held against the plainest search that could find them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.compiler.load import Document, Sources, read_text
from diana_engine.compiler.pipeline import compile_sources
from diana_engine.source import SourceFile

Graph = dict[str, tuple[str, list[str]]]
"""For each fragment its form (``ending``, ``end`` of the road, ``choices``, ``next``, ``pass``) and its targets."""


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    names = [f"n{index}" for index in range(draw(st.integers(1, 8)))]
    graph: Graph = {}
    for name in names:
        form = draw(st.sampled_from(["ending", "dead", "choices", "choices", "next", "pass"]))
        most = {"ending": 0, "dead": 0, "choices": 3, "next": 1, "pass": 1}[form]
        least = 1 if most else 0
        graph[name] = (form, draw(st.lists(st.sampled_from(names), min_size=least, max_size=most)))
    return graph


def written(graph: Graph) -> str:
    lines = ["story: s", "title: S", "language: en", "start: n0", "fragments:"]
    for name, (form, targets) in graph.items():
        lines.append(f"  {name}:")
        lines.append("    title: T" if form == "pass" else "    text: T")
        match form:
            case "ending":
                lines.append(f"    ending: {name}")
            case "choices":
                lines.append("    choices:")
                lines += [
                    f"      - {{text: Go {index}, to: {to}}}" for index, to in enumerate(targets)
                ]
            case "next" | "pass":
                lines.append(f"    next: {targets[0]}")
    return "\n".join(lines) + "\n"


def reachable(graph: Graph, first: str) -> set[str]:
    seen, waiting = {first}, [first]
    while waiting:
        for to in graph[waiting.pop()][1]:
            if to not in seen:
                seen.add(to)
                waiting.append(to)
    return seen


def findings(graph: Graph) -> dict[str, list[str]]:
    file = SourceFile("story.yaml", written(graph))
    root, found = read_text(file)
    assert not found
    result = compile_sources(Sources(Path(), Document(file, root, True), ()))
    by_code: dict[str, list[str]] = {}
    for finding in result.diagnostics:
        span = finding.primary.span
        by_code.setdefault(finding.code, []).append(file.text[span.start : span.end])
    return by_code


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_the_graph_is_told_as_it_is(graph: Graph) -> None:
    found = findings(graph)
    reached = reachable(graph, "n0")
    ends = {name for name, (form, _) in graph.items() if form == "ending"}
    dead = {name for name, (form, _) in graph.items() if form == "dead"}
    assert set(found.get("DIA402", [])) == dead

    # Every lost fragment is reported, or lies behind one that is.
    lost = graph.keys() - reached
    reported = set(found.get("DIA401", []))
    assert reported <= lost
    behind = {name for first in reported for name in reachable(graph, first)}
    assert lost <= behind

    # From each fragment that players reach, a way leads to an ending, or into something that was reported.
    told = set(found.get("DIA403", []) + found.get("DIA404", []) + found.get("DIA406", [])) | dead
    for name in reached:
        ahead = reachable(graph, name)
        assert ahead & ends or ahead & told or found.get("DIA405")

    # And nothing is reported that can end.
    for name in found.get("DIA403", []):
        assert not reachable(graph, name) & (ends | dead)
    assert bool(found.get("DIA405")) == (not ends and not dead)


@settings(max_examples=200, deadline=None)
@given(graphs())
def test_a_ring_without_rest_is_told(graph: Graph) -> None:
    rings = {name for name in graph if passes_round(graph, name)}
    told = set(findings(graph).get("DIA404", []))
    for name in rings:
        assert reachable(graph, name) & told


def passes_round(graph: Graph, first: str) -> bool:
    """Whether a player who comes to `first` passes on for ever without a rest."""
    seen: set[str] = set()
    name = first
    while graph[name][0] == "pass":
        if name in seen:
            return True
        seen.add(name)
        name = graph[name][1][0]
    return False
