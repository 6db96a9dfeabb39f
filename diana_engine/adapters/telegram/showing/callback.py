"""What a button carries: which story, which moment of it, and what pressing it means.

The data comes back from people's devices, where a modified client can write anything into it. So it
is read strictly, is only ever compared with where the player is, and gives no right by itself:
whatever does not read exactly as it was written counts as a button of a moment that has passed.
"""

import re

from diana_engine.adapters.telegram.api.limits import CALLBACK
from diana_engine.records import dataclass

__all__ = ["Anew", "Button", "Press", "Stay", "decode", "encode"]


@dataclass(frozen=True, slots=True)
class Press:
    """Take a choice by its place in the scene, or go on where `choice` is `None`."""

    story: str
    sequence: int
    choice: int | None


@dataclass(frozen=True, slots=True)
class Anew:
    """Begin the story anew: confirmed by the player, or at an ending."""

    story: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Stay:
    """Do not begin anew after all."""

    story: str
    sequence: int


Button = Press | Anew | Stay

_NUMBER = r"(?:0|[1-9][0-9]{0,18})"
_STORY = re.compile(r"[A-Za-z0-9_-]{1,32}")
_DATA = re.compile(
    rf"([pas])\.({_STORY.pattern})\.({_NUMBER})"
    rf"(?:\.(c|(?:0|[1-9][0-9]{{0,2}})))?"
)


def encode(button: Button) -> str:
    """Return the callback data of `button`: at most 64 bytes of ASCII."""
    assert _STORY.fullmatch(button.story), "a story token must fit into a button"
    assert button.sequence >= 0
    data = f"{_verb(button)}.{button.story}.{button.sequence}"
    if isinstance(button, Press):
        data += ".c" if button.choice is None else f".{button.choice}"
    assert len(data) <= CALLBACK
    return data


def _verb(button: Button) -> str:
    match button:
        case Press():
            return "p"
        case Anew():
            return "a"
        case Stay():
            return "s"


def decode(data: str | None) -> Button | None:
    """Return the button that `data` was written from, or `None` where it is no button of ours."""
    found = _DATA.fullmatch(data or "")
    if found is None:
        return None
    verb, story, number, choice = found.groups()
    sequence = int(number)
    match verb, choice:
        case "p", "c":
            return Press(story, sequence, None)
        case "p", str():
            return Press(story, sequence, int(choice))
        case "a", None:
            return Anew(story, sequence)
        case "s", None:
            return Stay(story, sequence)
        case _:
            return None
