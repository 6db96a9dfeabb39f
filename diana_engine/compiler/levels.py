"""How severe a story wants findings to be: the manifest's `checks:`.

Levels are given by code, as people read them in reports. What is an error stays one: a program with it could not be
played as it was written. A level is applied when everything is found, so that it changes what is told and never what
is looked at; a warning that is raised to an error keeps the story from being published, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast

from diana_engine.compiler.syntax import ParsedLevel
from diana_engine.diagnostics.model import Code, Diagnostic, Edit, Severity
from diana_engine.diagnostics.registry import codes, diagnose, page
from diana_engine.diagnostics.suggest import closest

__all__ = ["check_levels", "needless_levels", "with_levels"]

_RANKS = {"off": 0, "note": 1, "warning": 2, "error": 3}


def check_levels(levels: Iterable[ParsedLevel]) -> list[Diagnostic]:
    """Return what is wrong with levels: codes that do not exist, and errors that were lowered."""
    found: list[Diagnostic] = []
    for level in levels:
        if level.code.text not in codes():
            found.append(_unknown(level))
        elif _is_lowered_error(level):
            code = level.code.text
            found.append(
                diagnose(
                    "DIA125",
                    (level.level or level.code).whole,
                    f"`{code}` is an error, and errors cannot be lowered.",
                    help=f"Remove this line and mend what is found; `diana explain {code}` tells more.",
                )
            )
    return found


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


def _unknown(level: ParsedLevel) -> Diagnostic:
    code = level.code.text
    near = closest(code, codes())
    return diagnose(
        "DIA124",
        level.code.whole,
        f"There is no code `{code}`.",
        help=f"Did you mean `{near}`?"
        if near
        else "Codes are written as reports show them: `DIA227`.",
        edit=Edit(level.code.whole, near) if near else None,
    )


def _is_lowered(level: ParsedLevel) -> bool:
    if level.level is None or level.code.text not in codes():
        return False
    return _RANKS[level.level.text] < _RANKS[page(Code(level.code.text)).severity]


def _is_lowered_error(level: ParsedLevel) -> bool:
    return _is_lowered(level) and page(Code(level.code.text)).severity == "error"
