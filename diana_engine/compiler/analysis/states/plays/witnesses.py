"""Points of no return, each with a shortest play that the rules of play were seen to make."""

from __future__ import annotations

from collections.abc import Iterable

from diana_engine.compiler.analysis.states.graph.model import NOWHERE, Edge, Model
from diana_engine.compiler.analysis.states.plays.hurry import timed
from diana_engine.compiler.analysis.states.plays.replay import Replay
from diana_engine.compiler.analysis.states.plays.shortest import Shortest
from diana_engine.compiler.analysis.states.reductions.contraction import (
    Contracted,
    counted,
    is_time,
)
from diana_engine.compiler.analysis.states.results.report import PointOfNoReturn, Way
from diana_engine.compiler.analysis.states.sets.diagrams import OverBudget, within_budget
from diana_engine.compiler.analysis.states.sets.exact import Exact
from diana_engine.compiler.analysis.states.sets.findings import losses
from diana_engine.program.model import Program

__all__ = ["REPLAYED", "along", "points_of_no_return", "shortest_plays"]

REPLAYED = 4_000_000
"""How many moves are replayed in all."""
_MOVE = 1_000_000
"""What a move costs more than the time of a tick."""


def points_of_no_return(
    program: Program, contracted: Contracted, exact: Exact, *, vip: bool = False
) -> tuple[tuple[PointOfNoReturn, ...], tuple[str, ...]]:
    """Return the choices after which no ending may be left, and why some of them cannot be told."""
    plays, reasons = shortest_plays(contracted, exact)
    if not plays:
        return (), tuple(reasons)
    whole = contracted.whole
    replay = Replay(program, whole, vip=vip)
    best: dict[Way, tuple[int, int]] = {}
    for number, (_, length) in plays.items():
        way = _way(whole, whole.edges[contracted.first[number]])
        known = best.get(way)
        if known is None or (length, number) < known:
            best[way] = (length, number)
    points = []
    left = REPLAYED
    for way, (length, number) in sorted(best.items()):
        left -= length // _MOVE + length % _MOVE
        if left < 0:
            reasons.append("there are too many and too long playthroughs to play all of them again")
            break
        edges = along(contracted, plays[number][0])
        played = replay.played([*edges, *contracted.path(number)])
        if played is not None:
            # Who waits has taken the choice already.
            last = () if whole.edges[contracted.first[number]].source in whole.waits else (way,)
            ways = (*_ways(whole, edges), *last)
            points.append(PointOfNoReturn(way, timed(ways, played), played=played))
        elif replay.is_endless:
            reasons.append(f"who takes {way[0]}#{way[1]} is passed on in a ring for ever")
        else:
            reasons.append(f"a playthrough to {way[0]}#{way[1]} could not be played again")
    return tuple(points), tuple(reasons)


def shortest_plays(
    contracted: Contracted, exact: Exact
) -> tuple[dict[int, tuple[list[int], int]], list[str]]:
    """Return shortest plays to each edge after which no ending may be left, how long they are, and why some are missing.

    Edges are those of the contracted model.
    """
    targets = {
        number: who for number, who in losses(exact).items() if not contracted.is_income(number)
    }
    if not targets:
        return {}, []
    search = Shortest(exact, _costs(contracted))
    try:
        with within_budget():
            return search.plays(targets), []
    except OverBudget:
        return search.found, ["the search for shortest playthroughs outgrew its budget"]


def along(contracted: Contracted, edges: Iterable[int]) -> list[int]:
    """Return the edges of the whole model for which edges of the contracted one stand."""
    return [one for edge in edges for one in contracted.path(edge)]


def _costs(contracted: Contracted) -> list[int]:
    """Return what edges cost a play: their moves, and of plays with as many moves the one that takes least time is the best."""
    whole = contracted.whole
    return [
        moves * _MOVE + is_time(whole, whole.edges[first])
        for moves, first in zip(contracted.moves, contracted.first, strict=True)
    ]


def _way(whole: Model, edge: Edge) -> Way:
    """Return what a player does on an edge; where a wait is paid off, that is the choice on whose way it is."""
    number = whole.options[edge.option].number or whole.waits.get(edge.source, 0)
    return whole.places[edge.source], number


def _ways(whole: Model, edges: list[int]) -> tuple[Way, ...]:
    """Return what a player does on these edges; what is only passed through is left out."""
    taken = [whole.edges[number] for number in edges]
    return tuple(
        _way(whole, edge)
        for edge in taken
        if edge.source != NOWHERE and (counted(whole, edge) or is_time(whole, edge))
    )
