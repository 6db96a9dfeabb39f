"""What Telegram takes as a keyboard or a command list, and its words where it does not.

The reading follows the server's own order: a button with several actions keeps the first it knows,
an empty `callback_data` counts as none, and an inline keyboard without a button is no keyboard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botapi.errors import refusal

__all__ = [
    "MAX_BUTTONS",
    "MAX_CALLBACK_DATA",
    "Keyboard",
    "Markup",
    "check_commands",
    "read_markup",
]

MAX_CALLBACK_DATA: Final = 64
"""Bytes of UTF-8 that a button carries back; at least one."""

MAX_BUTTONS: Final = 100
"""Buttons of one inline keyboard; the figure of aiogram's keyboard builder, not documented."""

Keyboard = tuple[tuple[Mapping[str, Any], ...], ...]
"""Rows of buttons, each as the Bot API writes it."""

_ACTIONS = (
    "url",
    "callback_data",
    "callback_game",
    "pay",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "login_url",
    "web_app",
    "copy_text",
)


@dataclass(frozen=True, slots=True)
class Markup:
    """A `reply_markup` once read: an inline keyboard, or one below the input field."""

    inline: Keyboard = ()
    reply: Keyboard = ()
    removes_reply: bool = False
    forces_reply: bool = False

    @property
    def hinders_edits(self) -> bool:
        """Only a message without a keyboard or with an inline one can be edited."""
        return bool(self.reply) or self.removes_reply or self.forces_reply


def read_markup(given: object) -> Markup:
    """Read a `reply_markup`.

    Raises:
        ApiError: it is no keyboard, a button has no action, or carries too much.
    """
    if given is None:
        return Markup()
    if not isinstance(given, Mapping):
        raise refusal("Object expected as reply markup")
    reply = _rows(given, "keyboard", "keyboard button")
    if reply:
        return Markup(reply=reply)
    inline = _rows(given, "inline_keyboard", "inline keyboard button")
    if inline:
        return Markup(inline=_checked(inline))
    return Markup(
        removes_reply=bool(given.get("remove_keyboard")),
        forces_reply=bool(given.get("force_reply")),
    )


def _rows(given: Mapping[str, Any], field: str, what: str) -> Keyboard:
    rows = given.get(field)
    if rows is None:
        return ()
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        owner = " of the InlineKeyboardMarkup" if field == "inline_keyboard" else ""
        raise refusal(f'Field "{field}"{owner} must be an Array of Arrays')
    read = (tuple(_button(button, what) for button in row) for row in rows)
    return tuple(row for row in read if row)


def _button(given: object, what: str) -> Mapping[str, Any]:
    if isinstance(given, str) and what == "keyboard button":
        return {"text": given}
    if not isinstance(given, Mapping):
        raise refusal(f"Can't parse {what}: expected an Object")
    if not isinstance(given.get("text"), str):
        raise refusal(f"Can't parse {what}: Can't find field \"text\"")
    return {name: value for name, value in given.items() if value is not None}


def _checked(rows: Keyboard) -> Keyboard:
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise refusal("Reply markup is too long")
    checked = tuple(tuple(_with_one_action(button) for button in row) for row in rows)
    for row in checked:
        for button in row:
            if len(str(button.get("callback_data", "")).encode()) > MAX_CALLBACK_DATA:
                raise refusal("BUTTON_DATA_INVALID")
    return checked


def _with_one_action(button: Mapping[str, Any]) -> Mapping[str, Any]:
    action = next((name for name in _ACTIONS if _is_given(button, name)), None)
    if action is None:
        raise refusal(
            "Can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    others = set(_ACTIONS) - {action}
    return {name: value for name, value in button.items() if name not in others}


def _is_given(button: Mapping[str, Any], action: str) -> bool:
    """An empty link or empty data is no action; an empty inline query is one."""
    return bool(button.get(action)) if action in ("url", "callback_data") else action in button


def check_commands(given: object) -> list[dict[str, str]]:
    """Read the list of `setMyCommands`.

    Raises:
        ApiError: a name or a description is not one, or there are more than 100.
    """
    if not isinstance(given, list):
        raise refusal("Expected an Array of BotCommand")
    if len(given) > 100:
        raise refusal("BOT_COMMANDS_TOO_MUCH")
    return [_command(item) for item in given]


def _command(item: object) -> dict[str, str]:
    if not isinstance(item, Mapping):
        raise refusal("Can't parse BotCommand: expected an Object")
    for field in ("command", "description"):
        if not isinstance(item.get(field), str):
            raise refusal(f"Can't parse BotCommand: Can't find field \"{field}\"")
    name = item["command"].removeprefix("/")
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise refusal("BOT_COMMAND_INVALID")
    if not 1 <= len(item["description"]) <= 256:
        raise refusal("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": item["description"]}
