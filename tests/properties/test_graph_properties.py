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

QUIET = ("pass", "quiet_call", "quiet_return", "quiet_deck")
DEALT = {"deck": None, "call_deck": -1, "quiet_deck": -1}
"""For each form of deck, where its storylets end among its targets."""


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
        decks = [
            deck
            for deck, (kind, offered) in graph.items()
            if kind in DEALT and name in offered[: DEALT[kind]]
        ]
        if decks:
            lines.append(f"    storylet: {{text: S, tags: [{', '.join(decks)}]}}")
        lines.append("    title: T" if form in QUIET else "    text: T")
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
            case "call" | "quiet_call":
                lines += [f"    call: {targets[0]}", f"    next: {targets[1]}"]
            case "deck":
                lines.append(f"    deck: {{tags: {name}}}")
            case "call_deck":
                lines += [f"    deck: {{tags: {name}}}", f"    next: {targets[-1]}"]
            case "quiet_deck":
                lines.append(f"    deck: {{tags: {name}, otherwise: {targets[-1]}}}")
            case "return" | "quiet_return":
                lines.append("    return: true")
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


# Sub-stories --------------------------------------------------------------------------------------------------------

Place = tuple[str, tuple[str, ...]]
"""Where a player is, and the calls that wait for a return, the last one innermost."""


@st.composite
def graphs_with_calls(draw: st.DrawFn) -> Graph:
    names = [f"n{index}" for index in range(draw(st.integers(2, 8)))]
    graph: Graph = {}
    forms = ["ending", "dead", "choices", "choices", "next", "pass", "call", "quiet_call", "call"]
    forms += ["return", "return", "quiet_return", "deck", "call_deck", "quiet_deck"]
    for name in names:
        form = draw(st.sampled_from(forms))
        least, most = {
            "choices": (1, 3),
            "next": (1, 1),
            "pass": (1, 1),
            "call": (2, 2),
            "quiet_call": (2, 2),
            "deck": (1, 2),
            "quiet_deck": (2, 2),
            "call_deck": (2, 3),
        }.get(form, (0, 0))
        some = st.lists(st.sampled_from(names), min_size=least, max_size=most)
        graph[name] = (form, draw(some))
    return graph


def following(graph: Graph, place: Place, *, past_calls: bool = False) -> list[Place]:
    """Return where a player may be next; with `past_calls`, also as if what is called returned always."""
    name, waiting = place
    form, targets = graph[name]
    match form:
        case "call" | "quiet_call":
            past = [(targets[1], waiting)] if past_calls else []
            return [(targets[0], (*waiting, name)), *past]
        case "call_deck":
            *called, past_it = targets
            past = [(past_it, waiting)] if past_calls else []
            return [*((to, (*waiting, name)) for to in called), *past]
        case "return" | "quiet_return":
            return [(graph[waiting[-1]][1][-1], waiting[:-1])] if waiting else []
        case _:
            return [(to, waiting) for to in targets]


def places(graph: Graph, first: Place, *, past_calls: bool = False) -> set[Place] | None:
    """Return everywhere a player may come to, or `None` where one call may wait twice, and so without end."""
    seen, waiting = {first}, [first]
    while waiting:
        for place in following(graph, waiting.pop(), past_calls=past_calls):
            if len(set(place[1])) < len(place[1]):
                return None
            if place not in seen:
                seen.add(place)
                waiting.append(place)
    return seen


@settings(max_examples=500, deadline=None)
@given(graphs_with_calls())
def test_sub_stories_are_told_as_they_are(graph: Graph) -> None:
    found = findings(graph)
    endless = any(places(graph, (name, ())) is None for name in graph)
    assert bool(found.get("DIA410")) == endless
    reached = places(graph, ("n0", ()))
    lenient = places(graph, ("n0", ()), past_calls=True)
    if reached is None or lenient is None:
        return

    returns = {name for name, waiting in reached if "return" in graph[name][0] and waiting == ()}
    assert len(found.get("DIA411", [])) == len(returns)

    lost = graph.keys() - {name for name, _ in lenient}
    told = set(found.get("DIA401", []))
    assert told <= lost
    behind = {
        place[0]
        for first in told
        for place in places(graph, (first, ()), past_calls=True) or {(n, ()) for n in graph}
    }
    assert lost <= behind

    ends = {name for name, (form, _) in graph.items() if form == "ending"}
    dead = {name for name, (form, _) in graph.items() if form == "dead"}
    never_back = set()
    for name in {name for name, _ in lenient if "call" in graph[name][0]}:
        outcomes = {below(graph, called) for called in graph[name][1][:-1]}
        if "returns" not in outcomes and "ends only" in outcomes:
            never_back.add("deck" if graph[name][0] == "call_deck" else graph[name][1][0])
    assert set(found.get("DIA412", [])) == never_back

    if found.get("DIA405"):
        assert not ends | dead
        return
    loops = set(found.get("DIA403", []) + found.get("DIA404", []) + found.get("DIA406", []))
    for place in reached:
        ahead_of = {name for name, _ in places(graph, place) or set()}
        assert ahead_of & (ends | dead | loops | returns), place
    for name in found.get("DIA403", []):
        for place in reached:
            if place[0] == name:
                assert not {one for one, _ in places(graph, place) or set()} & ends


def below(graph: Graph, called: str) -> str:
    """Return what comes of calling `called`: whether it may return, and whether it may end the story."""
    top = places(graph, (called, ())) or set()
    if any("return" in graph[name][0] and waiting == () for name, waiting in top):
        return "returns"
    return "ends only" if any(graph[name][0] == "ending" for name, _ in top) else "neither"
