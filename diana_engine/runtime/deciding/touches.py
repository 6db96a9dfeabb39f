"""What each thing that a player may do comes to: decided on the play as it is, inside the store's transaction.

A player who was on another version may have been carried over just before, in the same step. What they touched was made of the
version that they had.
"""

from __future__ import annotations

from collections.abc import Callable

from diana_engine.database.port import PlayerRecord
from diana_engine.play.state import Moment
from diana_engine.program.model import Program
from diana_engine.records import dataclass
from diana_engine.runtime.deciding.turns import Turn, begin, present, say, tap
from diana_engine.runtime.requests import Begin, Tap
from diana_engine.runtime.versions.following import Followed
from diana_engine.runtime.versions.library import OpenStory, story_token

__all__ = ["Decide", "Opening", "Seeds", "Touch", "beginning", "looking", "saying", "tapping"]

Seeds = Callable[[], int]
"""Gives a new play its seed."""

_NOBODY = Turn("unknown player", None)


@dataclass(frozen=True, slots=True)
class Touch:
    """A play as it is touched at a moment; where it was carried over, `record` is as it is since, and not saved yet."""

    record: PlayerRecord | None
    programs: Callable[[str], Program]
    moment: Moment
    moved: Followed | None = None

    def before(self) -> tuple[str, int] | None:
        """Return the story token and the sequence that the buttons before the player carry."""
        shown = self.moved.before if self.moved is not None else self.record
        return None if shown is None else (story_token(shown.digest), shown.sequence)


Decide = Callable[[Touch], Turn]


@dataclass(frozen=True, slots=True)
class Opening:
    """What is needed to begin the story: the version, how it is asked for, and what gives a seed."""

    story: OpenStory
    start: Begin
    seeds: Seeds


def beginning(opening: Opening, touch: Touch) -> Turn:
    """Begin the story, or go on where it is."""
    record, start, moment = touch.record, opening.start, touch.moment
    if record is None:
        if start.only_at is not None:
            return _NOBODY
        return begin(opening.story, moment, opening.seeds())
    program = touch.programs(record.digest)
    if start.only_at not in (None, touch.before()):
        return present(program, record, moment, "stale")
    if not start.anew:
        scene = present(program, record, moment)
        if not scene.over:
            return scene
    return begin(opening.story, moment, opening.seeds(), (program, record))


def looking(touch: Touch) -> Turn:
    """Show the present scene."""
    if touch.record is None:
        return _NOBODY
    return present(touch.programs(touch.record.digest), touch.record, touch.moment)


def tapping(button: Tap, touch: Touch) -> Turn:
    """Do what a button says, if it is one of the scene before the player."""
    if touch.record is None:
        return _NOBODY
    pressed = button if touch.moved is None else touch.moved.button(button, touch.moment)
    return tap(touch.programs(touch.record.digest), touch.record, pressed, touch.moment)


def saying(typed: str, touch: Touch) -> Turn:
    """Take what was typed as the answer to what was asked, if that is asked still."""
    if touch.record is None:
        return _NOBODY
    if touch.moved is not None and not touch.moved.keeps:
        return looking(touch)
    return say(touch.programs(touch.record.digest), touch.record, typed, touch.moment)
