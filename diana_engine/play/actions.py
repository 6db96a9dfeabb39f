"""What a player may do: closed unions."""

from __future__ import annotations

from diana_engine.expressions.terms import ChoiceKey
from diana_engine.program.systems import CombinationId
from diana_engine.records import dataclass

__all__ = [
    "Action", "Answer", "Choose", "Combine", "Continue", "Earn", "Move", "Pass", "Skip", "Start",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Start:
    """Begin the story, or begin it anew; `seed` fixes all chance of this play."""

    seed: int


@dataclass(frozen=True, slots=True)
class Choose:
    """Take a choice of the fragment where the player stands."""

    choice: ChoiceKey


@dataclass(frozen=True, slots=True)
class Continue:
    """Go on from a fragment that has no choices."""


@dataclass(frozen=True, slots=True)
class Combine:
    """Put together items that the player holds."""

    combination: CombinationId


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer what the fragment asks, with what was typed. It is data: whatever it looks like, it is only ever shown."""

    typed: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Pay for not having to wait. Once the wait is over it costs nothing more and is a `Continue`."""


@dataclass(frozen=True, slots=True)
class Earn:
    """Have done something outside the story that earns points, one of `program.systems.INCOME`; wherever the player stands."""

    source: str


@dataclass(frozen=True, slots=True)
class Pass:
    """Let so many seconds pass, in a play in which time is the player's own; the rules know it as the next moment.

    Where it matters, `streak` is on how many days in a row the player was here by then: the rules are told that too.
    """

    seconds: int
    streak: int | None = None


Action = Start | Choose | Continue | Answer | Combine | Skip | Earn
Move = Choose | Continue | Answer | Combine | Skip | Earn | Pass
"""What a player does in a play by oneself, once the story has begun."""
