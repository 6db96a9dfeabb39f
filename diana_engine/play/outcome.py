"""What a step gives back."""

from __future__ import annotations

from diana_engine.play.events import Event, Refused
from diana_engine.play.state import PlayerState
from diana_engine.play.view import View
from diana_engine.records import dataclass

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The player's new state, what happened on the way, and what is to be seen now."""

    state: PlayerState
    events: tuple[Event, ...]
    view: View

    @property
    def refused(self) -> Refused | None:
        """Why nothing happened, when nothing did."""
        match self.events:
            case (Refused() as refused,):
                return refused
            case _:
                return None
