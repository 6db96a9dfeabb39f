"""What Telegram refuses about texts, in its own words.

Every function is pure: it returns what Telegram would store or raises `ApiError`. Limits are those
of the Bot API documentation, the sentences those of telegram-bot-api and TDLib. Length is counted
in UTF-16 code units, the strictest reading in circulation: a bot measured live had 4,096 emoji
accepted, so Telegram itself may count code points. What passes here passes under both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from botapi.entities import Entity, Formatted, tidy
from botapi.errors import ApiError, refusal
from botapi.markup import MarkupError, parse_html

__all__ = [
    "MAX_CALLBACK_ANSWER",
    "MAX_CAPTION",
    "MAX_RAW_TEXT",
    "MAX_TEXT",
    "check_callback_answer",
    "check_caption",
    "check_text",
    "format_text",
    "utf16_length",
]

MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
MAX_CALLBACK_ANSWER: Final = 200
MAX_RAW_TEXT: Final = 1 << 15
"""Bytes of UTF-8 in a text before parsing."""

_STYLES = frozenset(
    "bold italic underline strikethrough spoiler blockquote expandable_blockquote code".split()
)
_FOUND_BY_SERVER = frozenset(
    "mention hashtag cashtag bot_command url email phone_number bank_card_number".split()
)
_BLANK = re.compile(r"[\s\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\ufeff\ufffc]*")


def utf16_length(text: str) -> int:
    """Count UTF-16 code units, in which Telegram measures."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_text(
    text: str, parse_mode: str = "", entities: object = None, *, edits: bool = False
) -> Formatted:
    """Give the message text that would be stored.

    An overlong text is refused in two ways: in words when it is sent, by a bare code in an edit.

    Raises:
        ApiError: the text is empty, too long or not well formed.
    """
    if not text:
        raise refusal("Message text is empty")
    content = format_text(text, parse_mode, entities)
    if _BLANK.fullmatch(content.text):
        raise refusal("Text must be non-empty")
    if utf16_length(content.text) > MAX_TEXT:
        raise refusal("MESSAGE_TOO_LONG" if edits else "Message is too long")
    return content


def check_caption(text: str, parse_mode: str = "", entities: object = None) -> Formatted:
    """Give the caption that would be stored, which may be empty.

    Raises:
        ApiError: the caption is too long or not well formed.
    """
    content = format_text(text, parse_mode, entities)
    if utf16_length(content.text) > MAX_CAPTION:
        raise refusal("Message caption is too long")
    return content


def check_callback_answer(text: str) -> None:
    """Refuse what is too long for the notice above a chat."""
    if utf16_length(text) > MAX_CALLBACK_ANSWER:
        raise refusal("MESSAGE_TOO_LONG")


def format_text(text: str, parse_mode: str = "", entities: object = None) -> Formatted:
    """Give plain text and entities, cleaned and trimmed, before any limit on their length.

    A parse mode wins over entities given by hand; an unreadable list of entities counts as none.
    """
    if len(_utf8(text)) > MAX_RAW_TEXT:
        raise refusal("Text is too long")
    match parse_mode.lower():
        case "html":
            return _from_html(text)
        case "" | "none":
            return tidy(Formatted(text, _given_entities(entities, utf16_length(text))))
        case "markdown" | "markdownv2":
            raise ApiError(501, "Not Implemented: this server parses HTML only")
        case _:
            raise refusal("Unsupported parse_mode")


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise refusal("Strings must be encoded in UTF-8") from error


def _from_html(text: str) -> Formatted:
    try:
        return tidy(parse_html(text))
    except MarkupError as error:
        raise refusal(f"Can't parse entities: {error}") from error


def _given_entities(given: object, end: int) -> tuple[Entity, ...]:
    if not isinstance(given, list):
        return ()
    found = []
    for item in given:
        if not isinstance(item, Mapping):
            raise refusal("Can't parse MessageEntity: expected an Object")
        entity = _given_entity(item)
        if entity is not None:
            _check_bounds(entity, end)
            found.append(entity)
    return tuple(sorted(found, key=lambda entity: entity.rank))


def _given_entity(item: Mapping[str, Any]) -> Entity | None:
    kind, offset, length = (_field(item, name) for name in ("type", "offset", "length"))
    if kind in _STYLES:
        return Entity(kind, offset, length)
    match kind:
        case "pre":
            return Entity(kind, offset, length, language=item.get("language"))
        case "text_link":
            return Entity(kind, offset, length, url=_field(item, "url"))
        case "text_mention":
            return Entity(kind, offset, length, user_id=_field(item, "user")["id"])
        case "custom_emoji":
            emoji = str(_field(item, "custom_emoji_id"))
            return Entity(kind, offset, length, custom_emoji_id=emoji)
        case _ if kind in _FOUND_BY_SERVER:
            return None
        case _:
            raise refusal("Can't parse MessageEntity: Unsupported type specified")


def _field(item: Mapping[str, Any], name: str) -> Any:
    if name not in item:
        raise refusal(f"Can't parse MessageEntity: Can't find field \"{name}\"")
    return item[name]


def _check_bounds(entity: Entity, end: int) -> None:
    for name in ("offset", "length"):
        value = getattr(entity, name)
        if not 0 <= value <= 1_000_000:
            raise refusal(f"Receive an entity with incorrect {name} {value}")
    if entity.offset >= end:
        raise refusal(f"Entity begins after the end of the text at UTF-16 offset {entity.offset}")
    if entity.offset + entity.length > end:
        raise refusal(
            f"Entity beginning at UTF-16 offset {entity.offset} ends after the end of the text "
            f"at UTF-16 offset {entity.offset + entity.length}"
        )
