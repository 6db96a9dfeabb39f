"""Making a play again from its log: each step on the version that it was made on, in the state that the last one led to.

A step is a pure function of the program, the state, the action and the moment, and so is carrying a player over to another
version; the log keeps the actions, the moments, the versions, and by which policy somebody was carried over. What comes of it
must be, step by step, what the log says by its digests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from diana_engine.database.port import Json
from diana_engine.database.ports.history import LoggedStep
from diana_engine.database.steps.settle import state_digest
from diana_engine.play.carrying import Carried, Passage, carry
from diana_engine.play.rules import EndlessPassage, advance
from diana_engine.play.saved import decode_action, decode_state, encode_state
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.model import Program
from diana_engine.program.shape import Malformed
from diana_engine.program.systems import Policy

__all__ = ["Broken", "Replay", "Versions", "logged_carry", "logged_repair", "versions_of"]

_CARRY, _REPAIR = "carry", "repair"


def logged_carry(to: str, by: Policy, then: Json) -> Json:
    """Return what the log says of a player who was carried over, and `then` did something, or nothing (`None`)."""
    return {"type": _CARRY, "to": to, "by": by, "then": then}


def logged_repair(checks: list[str], state: PlayerState) -> Json:
    """Return what the log says of a play that was put right: the state, which follows from nothing else."""
    return {"type": _REPAIR, "checks": checks, "state": cast("Json", encode_state(state))}


def versions_of(step: LoggedStep) -> frozenset[str]:
    """Return the versions that are needed to make a step again, besides the one before it."""
    action: Any = step.action
    if _is(_CARRY, action):
        return frozenset((step.digest, str(action["to"])))
    return frozenset((step.digest,))


def _is(kind: str, action: Any) -> bool:
    return isinstance(action, Mapping) and action.get("type") == kind


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of a story by their digests, and the ways between two of them."""

    programs: Mapping[str, Program]
    way: Callable[[str, str, Policy], Passage]


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a play cannot be made again from a step on; `certain` says that it is wrong, and not only that the log lacks something."""

    sequence: int
    words: str
    certain: bool = True


@dataclass(slots=True)
class Replay:
    """A play that is made again: where it is after `sequence` steps, on which version."""

    state: PlayerState | None = None
    digest: str = ""
    sequence: int = field(default=0)

    def make(self, step: LoggedStep, versions: Versions) -> Broken | None:
        """Make the next step again."""
        if step.sequence != self.sequence + 1:
            lacking = (
                "the log begins" if self.state is None else f"after step {self.sequence} it goes on"
            )
            return Broken(
                step.sequence,
                f"{lacking} with step {step.sequence}",
                certain=self.state is not None,
            )
        try:
            state = self._after(step, versions)
        except (ValueError, KeyError, Malformed, EndlessPassage) as error:
            return Broken(step.sequence, f"it cannot be made: {type(error).__name__}")
        if state is None:
            return Broken(
                step.sequence, "an older Diana did not note how it was carried over", certain=False
            )
        if state_digest(state) != step.state_digest:
            return Broken(step.sequence, "it leads to another state")
        self.state, self.digest, self.sequence = state, step.digest, step.sequence
        return None

    def _after(self, step: LoggedStep, versions: Versions) -> PlayerState | None:
        """Return the state after a step, or `None` where the log does not say what led to it."""
        action: Any = step.action
        state, moment = self.state, Moment(step.now)
        if _is(_REPAIR, action):
            return decode_state(action["state"]) if "state" in action else None
        if _is(_CARRY, action):
            state, action = self._carried(action, versions, moment), action["then"]
        elif action is None:
            return None
        if action is None:
            return state
        made, _ = advance(versions.programs[step.digest], state, decode_action(action), moment)
        return made

    def _carried(
        self, action: Mapping[str, Any], versions: Versions, moment: Moment
    ) -> PlayerState:
        if self.state is None:
            raise ValueError("nobody is carried over before they have begun")
        carried = carry(versions.way(self.digest, action["to"], action["by"]), self.state, moment)
        if isinstance(carried, Carried):
            return carried.state
        raise ValueError(f"they would be left: {carried.reason}")
