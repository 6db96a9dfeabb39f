"""What waits in the outbox for Telegram: a message to write, or an edit of one, as plain data.

A row is rendered when its step is decided, and says all that it takes to send it, but for two things that only the
moment of sending knows: what Telegram calls a file, and which message shows the scene now. So a row may speak of "the
scene that was shown last" instead of a number, and may depend on what that is. A chat's rows go one after another, so
at that moment everything before has arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from diana_engine.adapters.telegram.showing.screen import Key
from diana_engine.database.port import Json
from diana_engine.program.model import Media

__all__ = ["SCENE", "Away", "Disarm", "Live", "Payload", "Rows", "Settle", "Show", "Write", "pack", "unpack"]  # fmt: skip

SCENE = "scene"
"""The outbox's word for a message that shows a scene with its buttons."""

Rows = tuple[tuple[Key, ...], ...]


class _Row(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What all rows have: the update that caused it, for the log, and what it may depend on."""

    update: int | None = None
    away: Away | None = None


class Live(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which moment of the play a message shows; the message whose button led there; whether it was brought down once more."""

    sequence: int
    tapped: int | None = None
    again: bool = False


class Away(msgspec.Struct, frozen=True):
    """Only if the present scene does not stand right below the message whose old button was pressed.

    `tapped` is that message, `sequence` the moment of the play when it was pressed.
    """

    tapped: int
    sequence: int

    def disarms(self, message: int | None, shown: Live | None) -> bool:
        """Return whether the pressed message is to lose its buttons, given what the chat shows as `message`."""
        if shown is None or shown.sequence < self.sequence:
            return True
        return self.tapped not in (message, shown.tapped)

    def shows(self, message: int | None, shown: Live | None) -> bool:
        """Return whether the scene is to be brought down: unless it is below already, or was brought down before."""
        if shown is None or message is None or shown.sequence < self.sequence:
            return True
        if shown.sequence > self.sequence:  # the player has gone on meanwhile
            return False
        return self.disarms(message, shown) and self.tapped < message and not shown.again


class Write(_Row, frozen=True, tag="write"):
    """A message of text, as Telegram HTML; the last of a scene has its buttons and says what it shows."""

    html: str
    rows: Rows = ()
    live: Live | None = None


class Show(_Row, frozen=True, tag="show"):
    """Files that share a message. With a `caption` (which may be empty) it is one file, and all there is of a scene.

    `words` are written instead, where Telegram does not take the file.
    """

    media: tuple[Media, ...]
    caption: str | None = None
    words: str = ""
    rows: Rows = ()
    live: Live | None = None


class Settle(_Row, frozen=True, tag="settle"):
    """Close a message that was tapped: the words that were `chosen` are written below, and its buttons go."""

    message: int
    text: str | None
    entities: tuple[Mapping[str, Any], ...] = ()
    captioned: bool = False
    chosen: str | None = None


class Disarm(_Row, frozen=True, tag="disarm"):
    """Take the buttons of a message away; without a number, of the one that shows the scene."""

    message: int | None = None


Payload = Write | Show | Settle | Disarm


def pack(payload: Payload) -> Json:
    """Return a row as JSON."""
    packed: Json = msgspec.to_builtins(payload)
    return packed


def unpack(packed: Json) -> Payload:
    """Return the row that `pack` wrote.

    Raises:
        msgspec.ValidationError: it is none, as a newer Diana may have written.
    """
    payload: Payload = msgspec.convert(packed, Payload)
    return payload
