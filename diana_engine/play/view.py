"""What a player sees: the scene, told without any channel's markup. A pure function of program and state.

Looking never changes anything and never draws anew, so a view can be made again at any time.
"""

from __future__ import annotations

from diana_engine.expressions.terms import ChoiceKey, FragmentId
from diana_engine.expressions.text import Rich
from diana_engine.program.model import Media
from diana_engine.records import dataclass

__all__ = ["AskView", "ChoiceView", "Lock", "Price", "View", "WaitView"]


@dataclass(frozen=True, slots=True)
class Price:
    """What a choice costs, in which points, and what the player has of them."""

    points: str
    amount: int
    balance: int

    @property
    def payable(self) -> bool:
        """Whether the player has enough."""
        return self.amount <= self.balance


@dataclass(frozen=True, slots=True)
class Lock:
    """Why a choice that is shown cannot be taken: the writer's words, or a price that cannot be paid."""

    reason: Rich = ()
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """A choice as it is shown; `lock` is `None` when it can be taken."""

    key: ChoiceKey
    text: Rich
    price: Price | None = None
    lock: Lock | None = None


@dataclass(frozen=True, slots=True)
class AskView:
    """What the player is asked for: one of `options`; a text; or a number from `low` to `high`, open where `None`.

    Only a text has `longest`, which is how many characters a text may have. `retry` are the writer's words for who typed something else.
    """

    retry: Rich = ()
    options: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class WaitView:
    """How many seconds are left, and what it costs not to wait them, where that is offered."""

    left: int
    skip: Price | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A scene: what was just said, where the player is, and what can be done.

    `can_continue`, `choices`, `ask` and `wait` exclude each other; all are absent at an `ending`, and at a draft's dead end.
    On the way of a choice that takes time there is no text: what was said is all there is to read.
    """

    fragment: FragmentId
    text: Rich
    title: str | None = None
    speaker: str | None = None
    said: Rich = ()
    choices: tuple[ChoiceView, ...] = ()
    can_continue: bool = False
    ending: str | None = None
    ask: AskView | None = None
    wait: WaitView | None = None
    media: tuple[Media, ...] = ()
