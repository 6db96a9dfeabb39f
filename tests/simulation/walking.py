"""The steps of a play made again from the rows of its log, with all that each of them came to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from diana_engine.database.ports.plays import PlayerRecord
from diana_engine.database.steps.written import LogRow, from_json, play_of
from diana_engine.play.actions import Action
from diana_engine.play.events import Event
from diana_engine.play.rules import advance
from diana_engine.play.saved import decode_action
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.model import Points, Program
from diana_engine.runtime.replay import Versions
from diana_engine.runtime.versions.following import Followed, InForce, followed

__all__ = ["Walked", "walked"]


@dataclass(frozen=True, slots=True)
class Walked:
    """A step: carried over first or not, then something done or not.

    `there` is the play between the two, and `old` the version that it is on then; `program` is the one that the step ends on.
    """

    row: LogRow
    moved: Followed | None
    there: PlayerState | None
    old: Program | None
    action: Action | None
    program: Program
    after: PlayerState
    events: tuple[Event, ...] = ()

    @property
    def known(self) -> PlayerState | None:
        """What is looked at of a play that is begun anew: only what was points is in the ledger."""
        if self.there is None or self.old is None:
            return None
        variables = self.old.variables
        held = {
            key: one for key, one in self.there.values.items() if isinstance(variables[key], Points)
        }
        return replace(self.there, values=held)


def walked(rows: Sequence[LogRow], versions: Versions) -> Iterator[Walked]:
    """Yield the steps of one play, as far as they can be made again."""
    state, digest = None, ""
    for row in rows:
        action: Any = from_json(row.action)
        moment, moved = Moment(row.now), None
        if action.get("type") == "carry":
            assert state is not None, "whoever is carried over has begun"
            moved = _moved(row, state, (digest, action), versions)
            if moved is None:
                return  # replaying says so
            state, digest, action = moved.now.state, action["to"], action["then"]
        old, there, program = versions.programs.get(digest), state, versions.programs[row.digest]
        if action is None:
            assert state is not None, "a step without an action is one of being carried over"
            yield Walked(row, moved, there, old, None, program, state)
        else:
            done = decode_action(action)
            state, events = advance(program, there, done, moment)
            yield Walked(row, moved, there, old, done, program, state, tuple(events))
        digest = row.digest


def _moved(
    row: LogRow, state: PlayerState, how: tuple[str, Any], versions: Versions
) -> Followed | None:
    digest, action = how
    record = PlayerRecord(play_of(row.player, row.story), digest, row.sequence - 1, state, row.now)
    in_force = InForce(0, action["to"], versions.programs[action["to"]], action["by"])
    way = versions.way(digest, action["to"], action["by"])
    return followed(record, in_force, {digest: way}, Moment(row.now))
