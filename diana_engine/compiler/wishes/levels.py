"""How severe a story wants findings to be: the manifest's `checks:`.

Levels are given by code, as people read them in reports. What is an error stays one: a program with it could not be
played as it was written. A level is applied when everything is found, so that it changes what is told and never what
is looked at; a warning that is raised to an error keeps the story from being published, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast

from diana_engine.compiler.syntax.story import ParsedLevel
from diana_engine.diagnostics.model import Code, Diagnostic, Edit, Severity
from diana_engine.diagnostics.registry import codes, diagnose, page
from diana_engine.diagnostics.suggest import closest
from diana_engine.source import Located

__all__ = ["check_code", "check_levels", "needless_levels", "with_levels"]

_RANKS = {"off": 0, "note": 1, "warning": 2, "error": 3}


def check_levels(levels: Iterable[ParsedLevel]) -> list[Diagnostic]:
    """Return what is wrong with levels: codes that do not exist, and errors that were lowered."""
    wrong = (
        check_code(level.code, level.level or level.code, lowered=_is_lowered(level))
        for level in levels
    )
    return [one for one in wrong if one is not None]


def check_code(code: Located, place: Located, *, lowered: bool) -> Diagnostic | None:
    """Return what is wrong with a code that stands in a story, where it is `lowered` by what stands at `place`."""
    if code.text not in codes():
        return _unknown(code)
    if lowered and page(Code(code.text)).severity == "error":
        return diagnose(
            "DIA125",
            place.whole,
            f"`{code.text}` is an error, and errors cannot be lowered.",
            help=f"Remove this, and mend what is found; `diana explain {code.text}` tells more.",
        )
    return None


def needless_levels(levels: Iterable[ParsedLevel], found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return a warning for each level that makes findings milder of which there are none."""
    occurring = {finding.code for finding in found}
    return [
        diagnose(
            "DIA126",
            level.code.whole,
            f"There is no `{level.code.text}` in this story that `{level.level.text}` could be for.",
            help="Remove this line, so that a later finding is not missed.",
        )
        for level in levels
        if level.level is not None
        and _is_lowered(level)
        and not _is_lowered_error(level)
        and level.code.text not in occurring | {"DIA126"}
    ]


def with_levels(levels: Sequence[ParsedLevel], found: list[Diagnostic]) -> list[Diagnostic]:
    """Return the findings as severe as the story wants them, without those that are off."""
    wanted = {
        level.code.text: level.level.text
        for level in levels
        if level.level is not None and not _is_lowered_error(level)
    }
    return [
        replace(finding, severity=cast(Severity, wanted.get(finding.code, finding.severity)))
        for finding in found
        if wanted.get(finding.code) != "off"
    ]


def _unknown(code: Located) -> Diagnostic:
    near = closest(code.text, codes())
    return diagnose(
        "DIA124",
        code.whole,
        f"There is no code `{code.text}`.",
        help=f"Did you mean `{near}`?"
        if near
        else "Codes are written as reports show them: `DIA227`.",
        edit=Edit(code.whole, near) if near else None,
    )


def _is_lowered(level: ParsedLevel) -> bool:
    if level.level is None or level.code.text not in codes():
        return False
    return _RANKS[level.level.text] < _RANKS[page(Code(level.code.text)).severity]


def _is_lowered_error(level: ParsedLevel) -> bool:
    return _is_lowered(level) and page(Code(level.code.text)).severity == "error"
