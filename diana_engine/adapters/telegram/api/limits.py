"""Telegram's limits on lengths, and where a text may be cut to keep them.

Telegram counts in UTF-16 units, so most emoji count twice, and it counts what is left once markup
was read. A cut prefers the end of a paragraph, then of a line, of a sentence, of a word; it never
parts a letter from its accent or an emoji from its colour.
"""

import re
import unicodedata

__all__ = ["ANSWER", "BUTTON", "CALLBACK", "CAPTION", "MESSAGE", "cuts", "shorten", "units"]

MESSAGE = 4096
"""Units in a message's text, after entities parsing (Bot API, sendMessage)."""
CAPTION = 1024
"""Units in the text below a picture or sound, after entities parsing (Bot API, sendPhoto)."""
ANSWER = 200
"""Units in the answer to a tap (Bot API, answerCallbackQuery)."""
CALLBACK = 64
"""Bytes of data that a button carries (Bot API, InlineKeyboardButton)."""
BUTTON = 64
"""Units of a button's label. Ours: Telegram takes more, but no screen shows more."""

_BOUNDARIES = tuple(
    re.compile(pattern) for pattern in (r"\n\s*\n", r"\n", r"(?<=[.!?…])[\"'”’»)\]]*\s", r"\s")
)
_JOINER = "\u200d"
_LONGEST_CLUSTER = 16


def units(text: str) -> int:
    """Return the length of `text` in UTF-16 units."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shorten(text: str, limit: int) -> str:
    """Return `text` on one line and in at most `limit` units, with `…` where it was cut."""
    line = " ".join(text.split())
    if units(line) <= limit:
        return line
    return line[: _whole(line, 0, _reach(line, 0, limit - 1))].rstrip() + "…"


def cuts(text: str, limit: int = MESSAGE) -> tuple[tuple[int, int], ...]:
    """Return where each piece of `text` begins and ends, so that none has more than `limit` units.

    No piece begins or ends with white space, which Telegram would strip, and none is empty; all
    else of `text` is in exactly one piece, in order.
    """
    found: list[tuple[int, int]] = []
    start, end = _trim(text, 0, len(text))
    while start < end:
        stop = _stop(text, start, end, limit)
        found.append(_trim(text, start, stop))
        start, _ = _trim(text, stop, end)
    return tuple(found)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _stop(text: str, start: int, end: int, limit: int) -> int:
    reach = _reach(text, start, limit)
    if reach >= end:
        return end
    # White space right after the last character that fits is a boundary too: it will be trimmed.
    window = text[start : reach + 1]
    for least in (len(window) // 2, 1):
        for boundary in _BOUNDARIES:
            ends = [m.end() for m in boundary.finditer(window) if m.start() >= least]
            if ends:
                return start + ends[-1]
    return _whole(text, start, reach)


def _reach(text: str, start: int, limit: int) -> int:
    """Return the largest end for which ``text[start:end]`` has at most `limit` units."""
    end = min(len(text), start + limit)
    left = limit - units(text[start:end])
    while left < 0:
        end += left // 2  # at least -left / 2 characters too many, since each has at most 2 units
        left = limit - units(text[start:end])
    while end < len(text) and left >= units(text[end]):
        left -= units(text[end])
        end += 1
    return end


def _whole(text: str, start: int, end: int) -> int:
    """Return `end`, or a little before it where it would part what is drawn as one."""
    for near in range(end, max(start + 1, end - _LONGEST_CLUSTER), -1):
        if near == len(text) or not (_extends(text[near]) or text[near - 1] == _JOINER):
            return near
    return end


def _extends(c: str) -> bool:
    # Accents, variation selectors, joiners, skin colours.
    return (
        unicodedata.category(c) in ("Mn", "Mc", "Me")
        or c == _JOINER
        or "\U0001f3fb" <= c <= "\U0001f3ff"
    )
