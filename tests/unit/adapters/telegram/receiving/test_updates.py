"""Updates are read leniently where nobody cares, and strictly where the bot acts on them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diana_engine.adapters.telegram.receiving.taps import read_tap
from diana_engine.adapters.telegram.receiving.updates import (
    Other,
    Reach,
    Said,
    Tappable,
    Tapped,
    UnreadableError,
    read,
)

ANA = {"id": 7, "is_bot": False, "first_name": "Ana"}
CHAT = {"id": 7, "type": "private"}


def message(**fields: Any) -> dict[str, Any]:
    return {"message_id": 3, "from": ANA, "chat": CHAT, "date": 1} | fields


def tap(**fields: Any) -> dict[str, Any]:
    return {"update_id": 1, "callback_query": {"id": "q", "from": ANA, "data": "d"} | fields}


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/start", "start"), ("/start deep_link", "start"), ("/START@diana_bot", "start"),
        ("/help\nplease", "help"), ("/", ""), ("/ x", ""), ("hola", None), (" /start", None), ("", None),
    ],
)  # fmt: skip
def test_a_command_is_recognised(text: str, command: str | None) -> None:
    assert read({"update_id": 1, "message": message(text=text)}) == Said(
        1, 7, command, text if command is None else None
    )


def test_a_picture_is_other_talk() -> None:
    assert read({"update_id": 1, "message": message(photo=[])}) == Said(1, 7, None)


def test_a_tap_brings_its_message_as_it_stood_and_the_label_that_was_pressed() -> None:
    keys = {
        "inline_keyboard": [
            [{"text": "A", "callback_data": "x"}],
            [{"text": "B", "callback_data": "d"}],
        ]
    }
    entities = [{"type": "bold", "offset": 0, "length": 1}]
    shown = message(text="T", entities=entities, reply_markup=keys)
    assert read(tap(message=shown)) == Tapped(
        1, 7, "q", "d", Tappable(3, "T", tuple(entities), "B")
    )


@pytest.mark.parametrize(
    "keys", [None, 5, {}, {"inline_keyboard": 5}, {"inline_keyboard": [5, [5, {}]]}]
)
def test_a_keyboard_that_is_strange_or_gone_only_lacks_the_label(keys: object) -> None:
    assert read(tap(message=message(text="T", reply_markup=keys))) == Tapped(
        1, 7, "q", "d", Tappable(3, "T")
    )


def test_a_message_too_old_to_be_shown_to_bots_keeps_its_number() -> None:
    old = {"message_id": 3, "chat": CHAT, "date": 0}
    assert read(tap(message=old)) == Tapped(1, 7, "q", "d", Tappable(3))


@pytest.mark.parametrize("status", ["kicked", "member"])
def test_blocking_is_noted(status: str) -> None:
    change = {"chat": CHAT, "from": ANA, "new_chat_member": {"status": status}}
    assert read({"update_id": 1, "my_chat_member": change}) == Reach(1, 7, status == "member")


@pytest.mark.parametrize(
    "update",
    [
        {"message": message(text="/start", chat={"id": -5, "type": "supergroup"})},
        {"message": {"message_id": 3, "chat": CHAT}},
        {"channel_post": message()},
        {"something_new": {}},
        {"message": None},
        {},
    ],
)
def test_what_is_not_for_the_story_is_let_pass(update: dict[str, Any]) -> None:
    assert read({"update_id": 1} | update) == Other(1)


@pytest.mark.parametrize("found", [None, message(chat={"id": -5, "type": "group"})])
def test_a_tap_elsewhere_still_wants_an_answer(found: object) -> None:
    assert read(tap(message=found)) == Other(1, "q")


@pytest.mark.parametrize(
    "update",
    [
        None, [], {}, {"update_id": "1"}, {"update_id": True}, {"update_id": 1, "callback_query": {"id": 5}},
        {"update_id": 1, "message": message(**{"from": {"id": "7"}})},
        {"update_id": 1, "callback_query": {"id": "q", "message": message()}},
        tap(message=message(message_id=None)),
        {"update_id": 2**63}, {"update_id": 1, "message": message(**{"from": {"id": 2**70}})},
        tap(message=message(message_id=-(2**64))),
    ],
)  # fmt: skip
def test_what_lacks_what_every_update_has_cannot_be_read(update: object) -> None:
    with pytest.raises(UnreadableError):
        read(update)


def _changes(value: object) -> st.SearchStrategy[object]:
    """Return JSON that is like `value`, but for some of its parts, which may be gone or anything."""
    odd = st.sampled_from(
        [None, True, 0, -1, 1.0, 1.5, "", "é", [], {}, [1], [[{"text": 5}]], 2**70]
    )
    match value:
        case dict():
            whole = st.fixed_dictionaries(
                {}, optional={name: _changes(part) for name, part in value.items()}
            )
            return st.one_of(st.just(value), st.just(value), whole, odd)
        case list():
            return st.one_of(st.just(value), st.lists(st.one_of(*map(_changes, value), odd), max_size=3))  # fmt: skip
        case _:
            return st.one_of(st.just(value), st.just(value), st.just(value), odd)


_TAP: dict[str, Any] = {
    "update_id": 7,
    "callback_query": {
        "id": "99",
        "from": {"id": 5, "is_bot": False, "first_name": "Ana"},
        "message": {
            "message_id": 3,
            "chat": {"id": 5, "type": "private"},
            "text": "Here.",
            "entities": [{"type": "bold", "offset": 0, "length": 4}],
            "caption": "There.",
            "caption_entities": [{"type": "italic", "offset": 0, "length": 5}],
            "reply_markup": {"inline_keyboard": [[{"text": "Go", "callback_data": "p.x.1.0"}]]},
        },
        "data": "p.x.1.0",
    },
}


@given(_changes(_TAP))
def test_what_is_read_as_a_tap_at_once_is_read_so_the_lenient_way_too(update: object) -> None:
    quick = read_tap(json.dumps(update).encode())
    if quick is not None:
        assert quick == read(json.loads(json.dumps(update)))


@pytest.mark.parametrize("gone", [(), ("text",), ("text", "caption"), ("entities", "reply_markup")])
def test_taps_as_telegram_sends_them_are_read_at_once(gone: tuple[str, ...]) -> None:
    query = _TAP["callback_query"]
    message = {name: part for name, part in query["message"].items() if name not in gone}
    update = _TAP | {"callback_query": query | {"message": message}}
    quick = read_tap(json.dumps(update).encode())
    assert quick is not None
    assert quick == read(update)
