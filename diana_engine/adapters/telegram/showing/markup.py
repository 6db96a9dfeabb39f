"""Rich text as Telegram HTML: flattened into runs, cut into messages, written.

A run is a piece of text with all its formatting. On runs the hard questions become easy: a cut
never has to know which tags are open, tags always nest because every run's are written in one fixed
order, and nothing is nested in itself, which Telegram forbids for quotes and links. Whatever a
writer or a player wrote can only ever become characters.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from diana_engine.adapters.telegram.api.limits import MESSAGE, cuts
from diana_engine.expressions.text import Formatting, Plain, Rich, RichFormat, RichLink

__all__ = ["Page", "Run", "clean", "flatten", "pages", "write"]

_TAGS: dict[Formatting, str] = {
    "quote": "blockquote",  # a block, so it stands outside all others
    "spoiler": "tg-spoiler",
    "bold": "b",
    "italic": "i",
}
_SCHEMES = ("http://", "https://", "tg://", "mailto:")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Controls but line ends; half a surrogate pair, which cannot be sent at all; U+FEFF, a byte order mark gone astray; and
# bidirectional controls, which can turn a name around, and with it the words beside it.
_UNSHOWN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that share all their formatting, and the address that they lead to, if any."""

    characters: str
    formats: frozenset[Formatting] = frozenset()
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The text of one message: as Telegram HTML, and without markup in case that is refused."""

    html: str
    plain: str


def clean(characters: str) -> str:
    """Return `characters` with plain line ends and without controls of any kind.

    Tabs become spaces, as Telegram would have it. Joiners and variation selectors stay: emoji and
    several scripts are written with them.
    """
    if characters.isprintable():
        return characters  # most are, and then there is neither a control nor a line end
    unified = _LINE_ENDS.sub("\n", characters).replace("\t", " ")
    return _UNSHOWN.sub("", unified)


@dataclass(slots=True)
class _Flat:
    """The runs so far; a quote's neighbours are kept on lines of their own."""

    runs: list[Run] = field(default_factory=list)
    after_quote: bool = False

    def add(self, run: Run) -> None:
        if not run.characters:
            return
        if self.after_quote and not run.characters.startswith("\n"):
            self.runs.append(Run("\n"))
        self.after_quote = False
        self.runs.append(run)

    def add_quote(self, runs: list[Run]) -> None:
        # Line ends at a quote's edges would show as empty lines inside of it.
        text = _text(runs)
        quoted = _slice(runs, len(text) - len(text.lstrip("\n")), len(text.rstrip("\n")))
        if not quoted:
            return
        if self.runs and not self.runs[-1].characters.endswith("\n"):
            self.runs.append(Run("\n"))
        self.runs.extend(quoted)
        self.after_quote = True


def flatten(text: Rich) -> tuple[Run, ...]:
    """Return `text` as runs, cleaned, with each quote on lines of its own."""
    flat = _Flat()
    _flatten(text, Run(""), flat)
    return tuple(flat.runs)


def _flatten(text: Rich, around: Run, flat: _Flat) -> None:
    for part in text:
        match part:
            case Plain(characters):
                flat.add(Run(clean(characters), around.formats, around.address))
            case RichLink(to, inner):
                _flatten(inner, Run("", around.formats, around.address or _address(to)), flat)
            case RichFormat("quote", inner) if "quote" not in around.formats:
                quote = _Flat()
                _flatten(inner, Run("", around.formats | {"quote"}, around.address), quote)
                flat.add_quote(quote.runs)
            case RichFormat(formatting, inner):
                _flatten(inner, Run("", around.formats | {formatting}, around.address), flat)


def _address(written: str) -> str | None:
    address = "".join(clean(written).split())
    return address if address.lower().startswith(_SCHEMES) else None


def _text(runs: Iterable[Run]) -> str:
    return "".join(run.characters for run in runs)


def _slice(runs: Iterable[Run], start: int, end: int) -> tuple[Run, ...]:
    """Return what lies from `start` to `end`, counted in characters."""
    found: list[Run] = []
    at = 0
    for run in runs:
        piece = run.characters[max(0, start - at) : max(0, end - at)]
        if piece:
            found.append(Run(piece, run.formats, run.address))
        at += len(run.characters)
    return tuple(found)


def write(runs: Iterable[Run]) -> str:
    """Return `runs` as Telegram HTML in which every tag is closed."""
    written: list[str] = []
    open_tags: list[str] = []
    for run in runs:
        tags = _tags(run)
        shared = 0
        while shared < min(len(tags), len(open_tags)) and tags[shared] == open_tags[shared]:
            shared += 1
        written += map(_closing, reversed(open_tags[shared:]))
        written += tags[shared:]
        written.append(html.escape(run.characters, quote=False))
        open_tags = tags
    written += map(_closing, reversed(open_tags))
    return "".join(written)


def _tags(run: Run) -> list[str]:
    """Return the opening tags of `run`, the outermost first."""
    tags = [f"<{tag}>" for formatting, tag in _TAGS.items() if formatting in run.formats]
    if run.address is not None:
        tags.append(f'<a href="{html.escape(run.address)}">')
    return tags


def _closing(tag: str) -> str:
    return f"</{tag[1:-1].partition(' ')[0]}>"


@lru_cache(maxsize=1024)
def pages(text: Rich, limit: int = MESSAGE) -> tuple[Page, ...]:
    """Return `text` as the messages that it takes, at most `limit` units each, at least one.

    A message may not look empty, so nothing at all is written as an ellipsis. Most of a story's texts are the same for all who come by,
    so those that were written last are remembered.
    """
    runs = flatten(text)
    whole = _text(runs)
    found = [
        Page(write(_slice(runs, start, end)), whole[start:end])
        for start, end in cuts(whole, limit)
        if _visible(whole[start:end])
    ]
    return tuple(found) or (Page("…", "…"),)


def _visible(text: str) -> bool:
    return any(unicodedata.category(c)[0] not in "CZ" for c in text)
