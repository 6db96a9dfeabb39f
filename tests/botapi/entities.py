"""Formatted text as Telegram keeps it: plain text, and entities counted in UTF-16 code units.

What happens to a text between the parser and the stored message is here too, because a bot sees it
in the answer to its own call: control characters become spaces, carriage returns and bidi controls
vanish, white space at both ends is cut and every entity moves with the text under it (TDLib,
`fix_formatted_text`). Two steps of the original are left out, as nothing here depends on them:
TDLib also finds links and mentions in plain text, and splits or merges overlapping styles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["MAX_ENTITIES", "Entity", "Formatted", "checked_link", "mentioned_user", "tidy"]

MAX_ENTITIES = 100
"""A message keeps its first 100 entities; later ones are dropped without a word (tdlib #820)."""

_PRIORITIES = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 11,
    "code": 20,
    "date_time": 30,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}
_VANISHING = re.compile("[\r\u2028-\u202e\u030a\u0333\u033f]")
_WEB_LINK = re.compile(r"(?:(https?)://)?([^/?#\s]+)([/?#]\S*)?", re.IGNORECASE)
_OWN_LINK = re.compile(r"(?:tg|ton|tonsite):\S+", re.IGNORECASE)
_USER_LINK = re.compile(r"tg:(?://)?user/?\?(?:[^#]*&)?id=(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entity:
    """One styled span; `offset` and `length` are in UTF-16 code units, as in the Bot API."""

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None
    custom_emoji_id: str | None = None
    user_id: int | None = None
    unix_time: int | None = None
    date_time_format: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the Bot API's MessageEntity object."""
        fields: dict[str, Any] = {
            "type": self.type,
            "offset": self.offset,
            "length": self.length,
            "url": self.url,
            "language": self.language,
            "custom_emoji_id": self.custom_emoji_id,
            "unix_time": self.unix_time,
            "date_time_format": self.date_time_format,
        }
        if self.user_id is not None:
            fields["user"] = {"id": self.user_id, "is_bot": False, "first_name": ""}
        return {name: value for name, value in fields.items() if value is not None}

    @property
    def rank(self) -> tuple[int, int, int]:
        """Order among entities: earlier first, then longer, then the outer kind."""
        return self.offset, -self.length, _PRIORITIES.get(self.type, 50)


@dataclass(frozen=True, slots=True)
class Formatted:
    """A plain text with its entities, sorted as Telegram sorts them."""

    text: str
    entities: tuple[Entity, ...] = ()


def tidy(written: Formatted) -> Formatted:
    """Clean and trim a text as Telegram does before it stores it; an all-blank one becomes empty."""
    cleaned, moved = _clean(written.text)
    entities = [
        replace(entity, offset=start, length=end - start)
        for entity in written.entities
        if (end := moved[min(entity.offset + entity.length, len(moved) - 1)])
        > (start := moved[min(entity.offset, len(moved) - 1)])
    ]
    trimmed = cleaned.rstrip(" \n")
    end_of_text = len(cleaned) - len(trimmed)
    entities = _clip(entities, moved[-1] - end_of_text)
    leading = len(trimmed) - len(trimmed.lstrip(" \n"))
    cut = min([leading, *(entity.offset for entity in entities)])
    shifted = (replace(entity, offset=entity.offset - cut) for entity in entities)
    ordered = sorted(shifted, key=lambda entity: entity.rank)
    return Formatted(trimmed[cut:], tuple(ordered[:MAX_ENTITIES]))


def _clean(text: str) -> tuple[str, list[int]]:
    """Give the text without control characters, and where each old UTF-16 offset went."""
    kept: list[str] = []
    moved = [0]
    for character in text:
        here, units = moved[-1], 2 if ord(character) > 0xFFFF else 1
        if _VANISHING.match(character):
            moved.extend([here] * units)
            continue
        kept.append(" " if ord(character) < 0x20 and character != "\n" else character)
        moved.extend(range(here + 1, here + units + 1))
    return "".join(kept), moved


def _clip(entities: list[Entity], end: int) -> list[Entity]:
    """Cut entities that reach past `end`, and drop those that begin there."""
    return [
        replace(entity, length=min(entity.length, end - entity.offset))
        for entity in entities
        if entity.offset < end
    ]


def checked_link(url: str) -> str | None:
    """Give a link as Telegram stores it, or None where it makes no link of it.

    A web address needs a host with a dot, gets `http://` where no scheme is written and a slash
    after a bare host; `tg:`, `ton:` and `tonsite:` links stay.
    """
    if _OWN_LINK.fullmatch(url):
        return url
    parts = _WEB_LINK.fullmatch(url)
    if parts is None or "." not in parts[2]:
        return None
    rest = parts[3] or ""
    slash = "" if rest.startswith("/") else "/"
    return f"{(parts[1] or 'http').lower()}://{parts[2].lower()}{slash}{rest}"


def mentioned_user(url: str) -> int | None:
    """Give the user a `tg://user?id=…` link names, if it is one."""
    found = _USER_LINK.match(url)
    return int(found[1]) if found else None
