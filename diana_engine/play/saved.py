"""A player's state, and an action, as plain JSON values: what a saved game and the log of steps hold.

`FORMAT` counts the changes after which older saved games would be misread.
"""

from __future__ import annotations

from typing import cast

import msgspec

from diana_engine.play.actions import Action
from diana_engine.play.state import PlayerState
from diana_engine.program.shape import Malformed, Shape, record_of

__all__ = [
    "FORMAT",
    "decode_action",
    "decode_state",
    "encode_action",
    "encode_state",
    "write_state",
]

FORMAT = 1

_ACTION = Shape(Action)
# What is in a state is written by msgspec itself (`records.written`), which takes no mapping but a dictionary.
_write = msgspec.json.Encoder(order="sorted").encode


def encode_state(state: PlayerState) -> dict[str, object]:
    """Return `state` as an object that `json` can write; it shares nothing with the state."""
    return {"format": FORMAT, "state": record_of(PlayerState).pack(state)}


def write_state(state: PlayerState) -> str:
    """Return what `encode_state` makes of `state` as JSON, names sorted, in a sixth of the time: every step does it.

    Its mappings must be dictionaries, as they are wherever play has made them.
    """
    return _write({"format": FORMAT, "state": state}).decode()


def decode_state(saved: object) -> PlayerState:
    """Return the state that `encode_state` saved.

    Raises:
        Malformed: `saved` is no saved state, or one that another version of Diana wrote.
    """
    match saved:
        case {"format": int(number), "state": packed, **rest} if number == FORMAT and not rest:
            return cast(PlayerState, record_of(PlayerState).unpack(packed))
        case {"format": int(number)} if number != FORMAT:
            raise Malformed(
                f"This saved game has format {number}, and this version of Diana reads format {FORMAT}."
            )
        case _:
            raise Malformed("This is no saved game.")


def encode_action(action: Action) -> object:
    """Return `action` as a value that `json` can write."""
    return _ACTION.pack(action)


def decode_action(saved: object) -> Action:
    """Return the action that `encode_action` saved.

    Raises:
        Malformed: `saved` is none, or one that another version of Diana wrote.
    """
    return cast(Action, _ACTION.unpack(saved))
