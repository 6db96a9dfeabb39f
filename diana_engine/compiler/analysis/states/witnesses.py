"""Points of no return, each with a shortest play that the rules of play were seen to make."""

from __future__ import annotations

from diana_engine.compiler.analysis.states.contraction import Contracted
from diana_engine.compiler.analysis.states.diagrams import Node, OverBudget
from diana_engine.compiler.analysis.states.exact import Exact
from diana_engine.compiler.analysis.states.findings import losses
from diana_engine.compiler.analysis.states.model import NOWHERE
from diana_engine.compiler.analysis.states.replay import Replay
from diana_engine.compiler.analysis.states.report import PointOfNoReturn, Way
from diana_engine.compiler.analysis.states.shortest import Shortest
from diana_engine.program.model import Program

__all__ = ["REPLAYED", "points_of_no_return"]

REPLAYED = 4_000_000
"""How many moves are replayed in all."""


def points_of_no_return(
    program: Program, contracted: Contracted, exact: Exact, *, vip: bool = False
) -> tuple[tuple[PointOfNoReturn, ...], tuple[str, ...]]:
    """Return the choices after which no ending may be left, and why some of them cannot be told."""
    targets = {
        number: who for number, who in losses(exact).items() if not contracted.is_income(number)
    }
    if not targets:
        return (), ()
    reasons: list[str] = []
    plays = _plays(exact, contracted, targets, reasons)
    whole = contracted.whole
    replay = Replay(program, whole, vip=vip)
    best: dict[Way, tuple[int, int]] = {}
    for number, (_, length) in plays.items():
        edge = whole.edges[contracted.first[number]]
        way = (whole.places[edge.source], whole.options[edge.option].number)
        known = best.get(way)
        if known is None or (length, number) < known:
            best[way] = (length, number)
    points = []
    left = REPLAYED
    for way, (length, number) in sorted(best.items()):
        left -= length
        if left < 0:
            reasons.append("there are too many and too long playthroughs to play all of them again")
            break
        edges = [one for edge in plays[number][0] for one in contracted.path(edge)]
        if replay.plays([*edges, *contracted.path(number)]):
            points.append(PointOfNoReturn(way, (*_ways(contracted, edges), way)))
        else:
            reasons.append(f"a playthrough to {way[0]}#{way[1]} could not be played again")
    return tuple(points), tuple(reasons)


def _plays(
    exact: Exact, contracted: Contracted, targets: dict[int, Node], reasons: list[str]
) -> dict[int, tuple[list[int], int]]:
    search = Shortest(exact, contracted.moves)
    try:
        return search.plays(targets)
    except OverBudget:
        reasons.append("the search for shortest playthroughs outgrew its budget")
        return search.found


def _ways(contracted: Contracted, edges: list[int]) -> tuple[Way, ...]:
    """Return what a player does on these edges; what is only passed through is left out."""
    whole = contracted.whole
    taken = [whole.edges[number] for number in edges]
    return tuple(
        (whole.places[edge.source], whole.options[edge.option].number)
        for edge in taken
        if edge.source != NOWHERE and whole.rests[edge.source]
    )
