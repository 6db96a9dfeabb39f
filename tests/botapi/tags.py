"""What a tag of Telegram's HTML makes: which attributes it heeds, and which entity it becomes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from botapi.entities import Entity, checked_link, mentioned_user

__all__ = ["TAGS", "MarkupError", "OpenTag", "entity_of", "take_attribute"]

_STYLES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}

TAGS = frozenset(_STYLES) | {"a", "pre", "code", "blockquote", "tg-emoji", "tg-time"}
"""Names of the tags there are; `tg-time` came with Bot API 9.5."""

_TIME_FORMAT = re.compile(r"[rR]?|[tTdDwW]*")


class MarkupError(ValueError):
    """The text is refused; `str()` is Telegram's own sentence, without `Bad Request: `."""


@dataclass(slots=True)
class OpenTag:
    """A start tag that waits for its end.

    `offset` is where its text begins in UTF-16 code units, `position` where among the pieces of
    plain text that the parser collects.
    """

    name: str
    offset: int
    position: int
    argument: str = ""
    unix_time: int = 0


def take_attribute(tag: OpenTag, name: str, value: str) -> None:
    """Keep the attribute if its tag has a use for it; all others are ignored."""
    match tag.name, name:
        case ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "format"):
            tag.argument = value
        case "code", "class" if value.startswith("language-"):
            tag.argument = value.removeprefix("language-")
        case "span", "class" if value.startswith("tg-"):
            tag.argument = value.removeprefix("tg-")
        case "blockquote", "expandable":
            tag.argument = "1"
        case "tg-time", "unix":
            digits = re.match(r"-?[0-9]+", value)
            tag.unix_time = int(digits[0]) if digits else 0
        case _:
            pass


def entity_of(tag: OpenTag, length: int, inside: str) -> Entity | None:
    """Give the entity that a tag around some text makes, `pre` and `code` aside.

    Args:
        tag: the tag that ends now.
        length: UTF-16 code units of the text in it.
        inside: that text.

    Raises:
        MarkupError: its argument cannot be read.
    """
    match tag.name:
        case "a":
            return _link(tag, length, inside)
        case "tg-emoji":
            return _custom_emoji(tag, length)
        case "tg-time":
            return _date_time(tag, length)
        case "blockquote":
            kind = "expandable_blockquote" if tag.argument else "blockquote"
            return Entity(kind, tag.offset, length)
        case _:
            return Entity(_STYLES[tag.name], tag.offset, length)


def _link(tag: OpenTag, length: int, inside: str) -> Entity | None:
    url = tag.argument or inside
    user_id = mentioned_user(url)
    if user_id is not None:
        return Entity("text_mention", tag.offset, length, user_id=user_id)
    link = checked_link(url)
    return Entity("text_link", tag.offset, length, url=link) if link else None


def _custom_emoji(tag: OpenTag, length: int) -> Entity:
    number = int(tag.argument) if re.fullmatch(r"-?[0-9]{1,19}", tag.argument) else 0
    if number == 0 or str(number) != tag.argument or number.bit_length() > 63:
        raise MarkupError("Invalid custom emoji identifier specified")
    return Entity("custom_emoji", tag.offset, length, custom_emoji_id=tag.argument)


def _date_time(tag: OpenTag, length: int) -> Entity | None:
    if not _TIME_FORMAT.fullmatch(tag.argument):
        raise MarkupError("Invalid date format used")
    if tag.unix_time <= 0:
        return None
    written = tag.argument or None
    return Entity(
        "date_time", tag.offset, length, unix_time=tag.unix_time, date_time_format=written
    )
