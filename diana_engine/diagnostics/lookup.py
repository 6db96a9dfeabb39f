"""Which code is meant, however it was written: in full, as a number, by its name, or cut from a report."""

from __future__ import annotations

import re

from diana_engine.diagnostics.model import Code
from diana_engine.diagnostics.registry import FAMILIES, codes, page
from diana_engine.diagnostics.suggest import closest

__all__ = ["codes_of_family", "find_code", "hint_for"]

_AS_REPORTED = re.compile(r"(?:\w+\[)?(?:DIA)?[-_ ]?(?P<number>[0-9]{1,3})\]?:?", re.IGNORECASE)
_FAMILY = re.compile(r"(?:DIA)?(?P<digit>[0-9])(?:xx)?", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]{3}")
_MOST = 5
"""How many codes a hint names."""


def find_code(wanted: str) -> Code | None:
    """Return the code that `wanted` stands for, or `None`: ``DIA201``, ``201``, ``error[DIA201]``, ``unknown fragment``."""
    match = _AS_REPORTED.fullmatch(wanted.strip())
    if match is not None:
        code = Code(f"DIA{match['number']:0>3}")
        return code if code in codes() else None
    return next((code for code in codes() if page(code).name == _name(wanted)), None)


def codes_of_family(wanted: str) -> tuple[Code, ...]:
    """Return the codes of the family that `wanted` names by its digit or its title; none if it names no family."""
    match = _FAMILY.fullmatch(wanted.strip())
    if match is None and wanted.strip().casefold() not in FAMILIES:
        return ()
    digit = match["digit"] if match else str(FAMILIES.index(wanted.strip().casefold()))
    return tuple(code for code in codes() if code[3] == digit)


def hint_for(wanted: str) -> str:
    """Return a sentence that helps on from something that is no code."""
    written, known = wanted.strip().upper(), codes()
    number = _AS_REPORTED.fullmatch(written)
    if number is None:
        digits = _DIGITS.search(written)
        if digits is not None and (code := Code(f"DIA{digits[0]}")) in known:
            return f"Did you mean {code}?"
        if about := [code for code in known if _name(wanted) in _name(page(code).title)]:
            told = ", ".join(f"{code} ({page(code).name})" for code in about[:_MOST])
            return f"These speak of it: {told}."
        if meant := closest(_name(wanted), (page(code).name for code in known)):
            return f"Did you mean {meant}?"
        if meant := closest(written, known):
            return f"Did you mean {meant}?"
    elif codes_of_family(number["number"][0]) and len(number["number"]) == 3:
        family = number["number"][0]
        return f"`diana explain {family}` lists those of family {family}, {FAMILIES[int(family)]}."
    return "`diana explain` lists all codes."


def _name(wanted: str) -> str:
    return re.sub(r"[\s_-]+", "-", wanted.strip().casefold())
