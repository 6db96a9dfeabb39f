"""From a program to its model: every way in which a move can come out, as edges.

`diana_engine.play` is followed rule by rule: `choosing` is `choices.take`, `arrivals` is `rules.arrive`, `following` and
`calling` are `rules.onward`, `decks` is `play.decks`. Chance is free: what is drawn differently is another edge. So is
time: a wait can always be waited out, and where it can be paid off, to pay is another edge.
"""

from diana_engine.compiler.analysis.states.lowering.whole import lowered

__all__ = ["lowered"]
