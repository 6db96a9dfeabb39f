"""Checking a story once more: where nothing has changed, what was told is told again, and nothing else is even imported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from diana_engine.compiler.load.story import open_story
from diana_engine.compiler.progress import UNTOLD, Progress

if TYPE_CHECKING:
    from diana_engine.compiler.compilation import Compilation
    from diana_engine.compiler.memory.recall import Memory

__all__ = ["check_story"]


def check_story(
    story: Path,
    memory: Memory | None = None,
    *,
    proofs: bool = True,
    progress: Progress = UNTOLD,
) -> Compilation:
    """Compile a story for its findings alone: where nothing has changed there is neither program nor report.

    Without `proofs` nothing is proved of what players can do, and what is told is not remembered as all there is.
    """
    sources, found = open_story(story)
    told = memory.told(sources, proofs) if memory is not None and not found else None
    if told is None:
        # The compiler takes longer to import than to find that there is nothing for it to do.
        from diana_engine.compiler.pipeline import compile_sources

        return compile_sources(
            sources, found, memory, proofs=proofs, findings_only=True, progress=progress
        )
    from diana_engine.compiler.compilation import Compilation

    files = tuple(one.file.path for one in (sources.manifest, *sources.chapters))
    return Compilation(
        None, told.diagnostics, told.fragments, told.choices, files, unproved=told.unproved
    )
