"""How a player gets to what is in force: decided with their next touch, pure, in the same transaction.

What they touch was made of the version they had. Where the scene is the same in the new one, but for its words, the button
does what it says. Where it is not, nothing is done that was not read: the button is an old one, and the present scene is
shown.
"""

from __future__ import annotations

from collections.abc import Mapping

from diana_engine.database.port import PlayerRecord
from diana_engine.play import look
from diana_engine.play.carrying import Carried, Passage, carry
from diana_engine.play.state import Moment
from diana_engine.program.model import Program
from diana_engine.program.systems import Policy
from diana_engine.records import dataclass, replace
from diana_engine.runtime.requests import Tap
from diana_engine.runtime.versions.library import story_token

__all__ = ["Followed", "InForce", "followed"]


@dataclass(frozen=True, slots=True, eq=False)
class InForce:
    """The version that is in force, and how players get there; `publication` tells one such order from the next."""

    publication: int
    digest: str
    program: Program
    policy: Policy

    def wants(self, record: PlayerRecord | None) -> bool:
        """Return whether a player is to be carried over."""
        return record is not None and record.digest != self.digest and self.policy != "pin"


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """A player who was carried over: the play as it was, and as it is now, still under the old sequence."""

    before: PlayerRecord
    now: PlayerRecord
    way: Passage
    carried: Carried

    @property
    def program(self) -> Program:
        """The version that the player is on now."""
        return self.way.match.new

    @property
    def keeps(self) -> bool:
        """Whether the player stands before the same scene, but for its words."""
        return self.way.keeps(self.before.state, self.now.state)

    def button(self, tap: Tap, moment: Moment) -> Tap:
        """Return a button of the old scene as one of the same scene now; any other one as it is, which is an old button."""
        shown = (story_token(self.before.digest), self.before.sequence)
        if not self.keeps or (tap.story_token, tap.sequence) != shown:
            return tap
        if tap.choice is None:
            return Tap(story_token(self.now.digest), self.now.sequence)
        choice = self._choice(tap.choice, moment)
        return (
            tap if choice is None else Tap(story_token(self.now.digest), self.now.sequence, choice)
        )

    def _choice(self, number: int, moment: Moment) -> int | None:
        """Return the number of a choice, or of an option, in the scene as it is now."""
        old = look(self.way.match.old, self.before.state, moment)
        new = look(self.program, self.now.state, moment)
        if old.ask is not None and new.ask is not None and 0 <= number < len(old.ask.options):
            option = old.ask.options[number]
            return new.ask.options.index(option) if option in new.ask.options else None
        if not old.choices:
            return number  # the one button of a wait
        if not 0 <= number < len(old.choices):
            return None
        key = self.way.match.key(old.choices[number].key)
        there = [choice.key for choice in new.choices]
        return there.index(key) if key in there else None


def followed(
    record: PlayerRecord, in_force: InForce, ways: Mapping[str, Passage], moment: Moment
) -> Followed | None:
    """Return a player carried over to what is in force, or `None` for one who stays with their version.

    Raises:
        KeyError: `ways` lacks the one from the player's version.
    """
    way = ways[record.digest]
    carried = carry(way, record.state, moment)
    if not isinstance(carried, Carried):
        return None
    return Followed(
        record, replace(record, digest=in_force.digest, state=carried.state), way, carried
    )
