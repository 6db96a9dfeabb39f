"""Playing without a person: a list of choices, or a playthrough, told as a transcript."""

from __future__ import annotations

from collections.abc import Iterable

from diana_engine.adapters.terminal.commands import Pick, read_command
from diana_engine.adapters.terminal.screen import Look, reason, scene, taken
from diana_engine.adapters.terminal.session import Move, Session
from diana_engine.errors import DianaError
from diana_engine.play.actions import Choose, Continue
from diana_engine.play.naming import listed
from diana_engine.play.playthrough import Expect, Played, Press, Reach, Take
from diana_engine.play.view import ChoiceView, View

__all__ = ["CannotTake", "ending_line", "move_for", "play_choices", "told"]
