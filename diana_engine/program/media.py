"""Which media can share a message. The rules are those of Telegram's albums (Bot API, sendMediaGroup)."""

from __future__ import annotations

from collections.abc import Sequence

from diana_engine.program.model import Media, MediaKind

__all__ = ["ALBUM", "albums"]

ALBUM = 10
"""How many media an album holds at most."""

_TOGETHER: dict[MediaKind, str] = {
    "photo": "seen",
    "video": "seen",
    "audio": "heard",
    "document": "kept",
}
"""What mixes with what; a voice message and an animation stand alone."""


def albums(media: Sequence[Media]) -> list[list[int]]:
    """Return which media are sent together, in their order: the positions of each message's."""
    groups: list[list[int]] = []
    for index, one in enumerate(media):
        before = media[index - 1] if index else None
        family = _TOGETHER.get(one.kind)
        joins = before is not None and family is not None and _TOGETHER.get(before.kind) == family
        if joins and len(groups[-1]) < ALBUM:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups
