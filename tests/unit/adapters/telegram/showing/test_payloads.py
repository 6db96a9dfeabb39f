"""Rows of the outbox are JSON and come back as they were, and a stale tap's rows know when they are not needed."""

from __future__ import annotations

import json

import msgspec
import pytest

from diana_engine.adapters.telegram.showing.payloads import (
    Away,
    Disarm,
    Live,
    Payload,
    Settle,
    Show,
    Write,
    pack,
    unpack,
)
from diana_engine.adapters.telegram.showing.screen import Key
from diana_engine.program.model import Media

KEYS = ((Key("Go", "p.a.1.0"),), (Key("Stay", "p.a.1.1"),))
ENTITIES = ({"type": "bold", "offset": 0, "length": 1},)


@pytest.mark.parametrize(
    "row",
    [
        Write(html="<b>x</b>"),
        Write(html="x", rows=KEYS, live=Live(4, 11), update=7, away=Away(3, 4)),
        Show(media=(Media("photo", "a.jpg", "0" * 64), Media("video", "b.mp4", "1" * 64))),
        Show(media=(Media("voice", "a.ogg"),), caption="", words="…", rows=KEYS, live=Live(4)),
        Settle(message=3, text="T", entities=ENTITIES, captioned=True, chosen="Go"),
        Settle(message=3, text=None),
        Disarm(),
        Disarm(message=3),
    ],
)
def test_a_row_comes_back_from_json_as_it_was(row: Payload) -> None:
    assert unpack(json.loads(json.dumps(pack(row)))) == row


def test_what_a_newer_diana_wrote_is_not_guessed_at() -> None:
    with pytest.raises(msgspec.ValidationError):
        unpack({"type": "sing", "song": "x"})


# The player pressed an old button below message 10, while the play stood at 5.
PRESSED = Away(10, 5)


@pytest.mark.parametrize(
    ("message", "shown", "disarms", "shows"),
    [
        (None, None, True, True),  # nobody knows what the chat shows
        (12, Live(4), True, True),  # the scene was never shown
        (12, Live(5), True, True),  # it is further down, and the button further up
        (12, Live(5, tapped=10), False, False),  # a double tap: it stands right below
        (10, Live(5), False, False),  # the button is its own
        (12, Live(5, again=True), True, False),  # it was brought down already
        (9, Live(5), True, False),  # it is further up than what was pressed: in sight
        (14, Live(6, tapped=12), True, False),  # the player has gone on meanwhile
        (14, Live(6, tapped=10), False, False),
    ],
)  # fmt: skip
def test_an_old_button_brings_the_scene_down_only_where_it_is_not_in_sight(
    message: int | None, shown: Live | None, disarms: bool, shows: bool
) -> None:
    assert PRESSED.disarms(message, shown) is disarms
    assert PRESSED.shows(message, shown) is shows
