"""What of a proof goes into finding the longest witness, and into playing it again by the rules of play."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diana_engine.compiler.analysis.states.sets.diagrams import Backend
    from diana_engine.program.model import Program

__all__ = ["Witness", "longest"]


@dataclass(frozen=True, slots=True)
class Witness:
    """CPU seconds that the shortest plays of all points of no return take, and playing the longest of them again."""

    finding: float
    replaying: float


def longest(program: Program, backend: Backend | None) -> Witness:
    """Find the witnesses of a story that has some once more, from its sets of states on, which are not measured."""
    from diana_engine.compiler.analysis.states.economy.looks import Looks
    from diana_engine.compiler.analysis.states.lowering import lowered
    from diana_engine.compiler.analysis.states.plays.replay import Replay
    from diana_engine.compiler.analysis.states.plays.witnesses import along, shortest_plays
    from diana_engine.compiler.analysis.states.ranges.liveness import Liveness
    from diana_engine.compiler.analysis.states.sets.diagrams import NODES, Diagrams
    from diana_engine.compiler.analysis.states.sets.encoding import Encoding
    from diana_engine.compiler.analysis.states.sets.exact import Exact

    gc.disable()  # as it is while proving
    looks = Looks(lowered(program, vip=False))
    exact = Exact(Encoding(Liveness(looks.abstract_small), Diagrams(backend, NODES)))
    began = time.process_time()
    plays, _ = shortest_plays(looks.small, exact)
    found = time.process_time()
    number = max(plays, key=lambda one: plays[one][1])
    edges = [*along(looks.small, plays[number][0]), *along(looks.small, [number])]
    assert Replay(program, looks.model).played(edges) is not None, "a witness can be played"
    return Witness(found - began, time.process_time() - found)
