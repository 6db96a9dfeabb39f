"""The rules of play: one pure step from state and action to the next state and view."""

from diana_engine.play.rules import EndlessPassage, advance, replay, step
from diana_engine.play.scene import look

__all__ = ["EndlessPassage", "advance", "look", "replay", "step"]
