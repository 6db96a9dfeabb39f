"""Characters that have no place in a story, written as they are or as an escape.

Control characters hide in a file and break what shows it. U+0085, U+2028 and U+2029 are line ends to some programs and
not to others, so that no two would agree on a line number. Characters that turn the direction of writing can make a
file read differently from what it says (CVE-2021-42574); right-to-left scripts do without them, and the marks U+200E
and U+200F, which some texts need, are fine.
"""

from __future__ import annotations

import re
from itertools import islice

from diana_engine.diagnostics.model import Diagnostic, Edit, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.source import SourceFile

__all__ = ["find_forbidden", "forbidden_character", "named", "why"]

_TURNS = "\u202a-\u202e\u2066-\u2069"
_FORBIDDEN = f"\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\u2028\u2029{_TURNS}\ud800-\udfff\ufeff\ufffe\uffff"
_IN_FILE = re.compile(f"[{_FORBIDDEN}]")
_IN_VALUE = re.compile(f"[\r{_FORBIDDEN}]")

_NAMES = {
    "\0": "NUL",
    "\a": "BELL",
    "\b": "BACKSPACE",
    "\x1b": "ESCAPE",
    "\x7f": "DELETE",
    "\x85": "NEXT LINE",
}
_WHY = (
    (
        re.compile("[\u2028\u2029\x85]"),
        "Some programs end a line at it and others do not; press Enter instead.",
    ),
    (
        re.compile(f"[{_TURNS}]"),
        "It turns the direction of writing, so that a file can read differently from what it says.",
    ),
    (
        re.compile("[\ud800-\udfff]"),
        "It is one half of a character; write the whole character as it is.",
    ),
    (re.compile("\ufeff"), "It is invisible; it may stand only at the very beginning of a file."),
)
_MOST_LABELS = 5


def forbidden_character(file: SourceFile) -> Diagnostic | None:
    """Return what is wrong with the characters of `file`: one finding, however many there are."""
    found = [match.start() for match in islice(_IN_FILE.finditer(file.text), _MOST_LABELS + 1)]
    if not found:
        return None
    character = file.text[found[0]]
    message = f"{named(character)} has no place in a story."
    if len(found) > 1:
        count = sum(1 for _ in _IN_FILE.finditer(file.text))
        message = f"{message[:-1]}; this file has {count:,} such characters."
    place = file.span(found[0], found[0] + 1)
    return diagnose(
        "DIA006",
        place,
        message,
        labels=tuple(Label(file.span(at, at + 1)) for at in found[1:]),
        help=_help(file, character),
        edit=Edit(place, "") if len(found) == 1 and _is_invisible(character) else None,
    )


def find_forbidden(value: str) -> int | None:
    """Return where the first such character stands in the value of a text between double quotes."""
    found = _IN_VALUE.search(value)
    return found.start() if found is not None else None


def why(character: str) -> str:
    """Return what is to be said against a character."""
    known = (why for pattern, why in _WHY if pattern.match(character))
    return next(known, "It cannot be shown; delete it.")


def named(character: str) -> str:
    """Return what a character that cannot be seen is called: ``U+202E RIGHT-TO-LEFT OVERRIDE``."""
    import unicodedata

    name = _NAMES.get(character) or unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".rstrip()


def _help(file: SourceFile, character: str) -> str:
    if character == "\0" and file.text.count("\0") > len(file.text) // 4:
        return "This looks like UTF-16; save the file as UTF-8."
    return why(character)


def _is_invisible(character: str) -> bool:
    return character not in "\u2028\u2029\x85"
