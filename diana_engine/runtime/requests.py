"""What a channel asks of the coordinator, and what it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from diana_engine.database.port import Message, PlayerKey, UpdateId
from diana_engine.play.events import Refused
from diana_engine.play.view import View
from diana_engine.records import dataclass

__all__ = ["Begin", "Intent", "Look", "Present", "Reply", "Request", "Result", "Say", "Tap"]


@dataclass(frozen=True, slots=True)
class Begin:
    """Start the story. Without `anew`, a play that has not ended goes on where it is.

    `only_at` is a story token and a sequence, as in a `Tap`: then a play that is not there any more is stale, and stays as it is.
    """

    anew: bool = False
    only_at: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Tap:
    """A button that was pressed.

    `story_token` and `sequence` are those of the reply that the button was made from, `choice` counts that reply's
    ``view.choices``, or ``view.ask.options``, from 0; in a wait 0 pays for not waiting; `None` is *Continue*. None of it is trusted.
    """

    story_token: str
    sequence: int
    choice: int | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """Something that was typed: the answer to what the present scene asks, and nothing where it asks nothing."""

    typed: str


@dataclass(frozen=True, slots=True)
class Look:
    """Show the present scene, or, unless it is `shown`, do something that leaves the screen as it is.

    Then whoever stands before the same scene in what is in force is not carried over: the buttons that they see would be old.
    """

    shown: bool = True


Intent = Begin | Tap | Say | Look


@dataclass(frozen=True, slots=True)
class Request:
    """One player's action. `update` is the channel's own number of the delivery, where it has one.

    `present` renders what is to be said to the reply, which is stored together with the step; a repetition says nothing more.
    """

    player: PlayerKey
    intent: Intent
    update: UpdateId | None = None
    present: Present | None = None


Result = Literal["started", "moved", "shown", "stale", "refused", "repeated", "unknown player"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request, and the scene as it is now.

    - ``started``, ``moved``: the play changed; this is its new scene.
    - ``shown``: nothing was to change.
    - ``stale``: the button belonged to an earlier scene.
    - ``refused``: the rules said no; `refusal` says why.
    - ``repeated``: this very delivery had been handled before.
    - ``unknown player``: there is no play; `view` is `None` then, and only then.

    `sequence` and `story_token` are what the buttons under this scene must carry.
    """

    outcome: Result
    view: View | None
    sequence: int
    story_token: str
    refusal: Refused | None = None


Present = Callable[[Reply], tuple[Message, ...]]
"""Renders the messages that a channel sends because of a reply. Pure and quick: it runs inside the transaction, maybe twice."""
