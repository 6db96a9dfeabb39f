"""What a player typed, read as a value of a variable: data for ever, never markup and never an expression.

What cannot be seen is taken out before anything else: control characters, those that turn the direction of writing
(which could make a name swallow the words after it), half characters. What is left is trimmed and put on one line.
"""

from __future__ import annotations

import re
import unicodedata

from diana_engine.program.model import Flag, OneOf, Points, Variable, WholeNumber, Words

__all__ = ["LONGEST", "read_answer", "tidy"]

LONGEST = 20_000
"""Characters of an answer that are looked at; no channel carries more, and no variable holds as many."""

_NUMBER = re.compile(r"[-+]?[0-9]{1,15}")
_DASHES = str.maketrans("\u2212\u2012\u2013", "---")
# Joiners hold letters and emoji together, tags make flags: they are seen by what they do.
_SEEN = frozenset({"\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))})
# Letters and a symbol by their category, and nothing is drawn for them.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")


def read_answer(variable: Variable, typed: str) -> int | str | None:
    """Return the value that was typed, which lies in the variable's range; `None` where there is none."""
    words = tidy(typed)
    match variable:
        case WholeNumber(_, low, high):
            return _number(words, low, high)
        case OneOf(values):
            return _one_of(words, values)
        case Words(_, longest):
            return words if words and len(words) <= longest else None
        case Points() | Flag():
            return None


def tidy(typed: str) -> str:
    """Return `typed` on one line, without what cannot be seen; empty where nothing can be."""
    seen = "".join(map(_visible, typed[:LONGEST]))
    line = unicodedata.normalize("NFC", " ".join(seen.split()))
    return line if any(map(_drawn, line)) else ""


def _drawn(one: str) -> bool:
    """Whether something is to be seen of a character by itself. An emoji newer than this Python has no category yet."""
    return one not in _SEEN and unicodedata.category(one)[0] not in "ZM"


def _visible(one: str) -> str:
    if one.isspace() or one in _BLANK:
        return " "
    hidden = unicodedata.category(one) in ("Cc", "Cf", "Cs")
    return "" if hidden and one not in _SEEN else one


def _number(words: str, low: int, high: int) -> int | None:
    # Digits may be typed full width, and a minus sign in one of its many forms.
    plain = unicodedata.normalize("NFKC", words).translate(_DASHES)
    if _NUMBER.fullmatch(plain) is None:
        return None
    value = int(plain)
    return value if low <= value <= high else None


def _one_of(words: str, values: tuple[str, ...]) -> str | None:
    """Return the value that was typed, whole; capital letters make no difference, and `_` may be a space."""
    wanted = _folded(words)
    exact = (value for value in values if value == words)
    return next(exact, None) or next((one for one in values if _folded(one) == wanted), None)


def _folded(words: str) -> str:
    return unicodedata.normalize("NFKC", words).replace("_", " ").casefold()
