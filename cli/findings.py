"""What a compilation found, shown to whoever ran a command; `check`, `compile` and `play` share it."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from .output import terminal_width, wants_colour, write
from .progress import waiting

if TYPE_CHECKING:
    from diana_engine.compiler.compilation import Compilation
    from diana_engine.compiler.memory.recall import Memory
    from diana_engine.diagnostics.model import Diagnostic

__all__ = ["compiled", "counted", "in_a_sentence", "show_findings", "show_summary"]

MOST = 100
"""Findings shown to a person, who mends the first ones first; the JSON report holds them all."""

_SEVERITIES = ("error", "warning", "note")


def compiled(story: Path, *, cache: bool = True, findings_only: bool = False) -> Compilation:
    """Compile a story without collecting garbage: a compilation makes next to none, and looking for it doubles its time.

    With `findings_only` there may be no program, although nothing forbids it.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        memory = _memory() if cache else None
        with waiting() as progress:
            if findings_only:
                from diana_engine.compiler.again import check_story

                return check_story(story, memory, progress=progress)
            from diana_engine.compiler.pipeline import compile_story

            return compile_story(story, memory, progress=progress)
    finally:
        if was_enabled:
            gc.enable()


def _memory() -> Memory | None:
    from diana_engine.compiler.memory.recall import Memory
    from diana_engine.compiler.memory.shelf import Shelf
    from diana_engine.settings import cache_folder

    folder = cache_folder()
    return None if folder is None else Memory(Shelf(folder))


def counted(count: int, thing: str) -> str:
    """Return a count in words: `1 fragment`, `62 fragments`."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def in_a_sentence(place: str) -> str:
    """Return a place, which is told as a sentence begins, as it stands within one."""
    return place[:1].lower() + place[1:]


def show_findings(
    found: Sequence[Diagnostic], stream: TextIO, colour: str, story: Path | None = None
) -> None:
    """Write the findings for people; of very many the gravest, and how many are left."""
    if not found:
        return
    from diana_engine.diagnostics.render.terminal import render

    shown = sorted(found, key=lambda one: _SEVERITIES.index(one.severity))[:MOST]
    shown.sort(key=lambda one: one.sort_key)
    painted = wants_colour(colour, stream, os.environ)
    named = "STORY" if story is None else str(story)
    text = render(shown, colour=painted, width=terminal_width(stream), story=named)
    if len(found) > MOST:
        left = f"{len(found) - MOST} more are not shown"
        text += f"{left}; `diana check --format json` lists all of them\n"
    write(f"{text}\n", to=stream, colour=painted)


def show_summary(result: Compilation, stream: TextIO, colour: str, remark: str = "") -> None:
    """Write one line: what was read, what was found, and a remark."""
    from diana_engine.diagnostics.render.terminal import summary

    painted = wants_colour(colour, stream, os.environ)
    found = summary(
        errors=result.errors, warnings=result.warnings, notes=result.notes, colour=painted
    )
    if result.unproved:
        from diana_engine.compiler.analysis.states.results.report import few

        remark = f"; not proved, because {few(result.unproved)}{remark}"
    read = f"{counted(result.fragments, 'fragment')}, {counted(result.choices, 'choice')}: "
    # Where nothing could be read, counts of nothing would only puzzle.
    write(f"{read if result.fragments else ''}{found}{remark}\n", to=stream, colour=painted)
