"""What several analyses ask of a model, found out once, and only when it is asked for."""

from __future__ import annotations

from functools import cached_property

from diana_engine.compiler.analysis.states.graph.model import Model
from diana_engine.compiler.analysis.states.plays.seeking import Plays, play_about
from diana_engine.compiler.analysis.states.ranges.forward import Abstract, forward
from diana_engine.compiler.analysis.states.reductions.contraction import Contracted, contracted

__all__ = ["Looks"]


class Looks:
    """Looks at a model that are not the sets of all its states."""

    def __init__(self, model: Model) -> None:
        self.model = model

    @cached_property
    def small(self) -> Contracted:
        """The model without its chains of forced moves."""
        return contracted(self.model)

    @cached_property
    def abstract_small(self) -> Abstract:
        """What is known of all players at each place of the small model, value by value."""
        return forward(self.small.model)

    @cached_property
    def abstract(self) -> Abstract:
        """What is known of all players at each place, value by value."""
        return self.abstract_small if self.small.model is self.model else forward(self.model)

    @cached_property
    def plays(self) -> Plays:
        """Some plays, made by chance."""
        return play_about(self.model)
