"""Saved games."""

from __future__ import annotations

import json
from typing import Any

import pytest

from diana_engine.play.saved import decode_state, encode_state
from diana_engine.play.state import PlayerState
from diana_engine.program.shape import Malformed

STATE = PlayerState(
    seed=2**80,
    fragment="main.hall",
    entry=3,
    values={"besitos": 7, "met": True, "mood": "hurt"},
    items={"key": 1},
    visits={"main.hall": 3},
    chosen={"main.hall.go": 2},
    said="main.hall.go",
)


def test_a_state_comes_back_from_json() -> None:
    assert decode_state(json.loads(json.dumps(encode_state(STATE)))) == STATE


def test_a_new_state_is_short() -> None:
    assert encode_state(PlayerState(1, "main.hall")) == {
        "format": 1,
        "state": {"$": "PlayerState", "fragment": "main.hall", "seed": 1},
    }


def test_what_was_saved_shares_nothing_with_the_state() -> None:
    saved: Any = encode_state(STATE)
    saved["state"]["values"]["besitos"] = 0
    assert STATE.values["besitos"] == 7


@pytest.mark.parametrize(
    ("saved", "told"),
    [
        (None, "no saved game"),
        ({}, "no saved game"),
        ({"format": 1}, "no saved game"),
        ({"format": 2, "state": {}}, "format 2"),
        ({"format": 1, "state": {}, "more": 1}, "no saved game"),
        ({"format": 1, "state": {"$": "Program"}}, "expected a PlayerState, not `Program`"),
        ({"format": 1, "state": {"$": "PlayerState", "seed": 1}}, "lacks `fragment`"),
    ],
)
def test_what_is_no_saved_game_is_refused(saved: object, told: str) -> None:
    with pytest.raises(Malformed, match=told):
        decode_state(saved)


@pytest.mark.parametrize(
    ("field", "value"),
    [("values", {"met": 1.5}), ("visits", {"main.hall": True}), ("entry", "3"), ("said", 3)],
)
def test_a_value_of_another_type_is_refused_with_its_place(field: str, value: object) -> None:
    saved: Any = encode_state(STATE)
    saved["state"][field] = value
    with pytest.raises(Malformed, match=f"At {field}"):
        decode_state(saved)
