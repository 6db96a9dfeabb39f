"""The whole way from a writer's folder to a program; here alone it is decided where to stop.

``load → validate → parse → resolve → check → graph → lower → prove``. Every phase is a plain function that gives back a value
and what it found. Later phases run on what earlier ones left, so that one mistake hides no other; what an unreadable
part may explain is withheld. Chapters go through the phases one by one (`compiler.chapters.parts`), and meet where their names are
joined and where all of the story is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from diana_engine.compiler.chapters.parts import Part
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.checking.story import check_manifest
from diana_engine.compiler.compilation import Compilation
from diana_engine.compiler.load import Document, Sources, open_story
from diana_engine.compiler.memory.overall import Overall
from diana_engine.compiler.memory.recall import Memory, Told
from diana_engine.compiler.names.includes import told_once
from diana_engine.compiler.names.missing import report_missing
from diana_engine.compiler.names.resolve import join_names, resolve_manifest
from diana_engine.compiler.parsing.documents import Reading, read_chapter, read_manifest
from diana_engine.compiler.progress import UNTOLD, Progress
from diana_engine.compiler.syntax.story import ParsedChapter, ParsedManifest
from diana_engine.compiler.whole import Whole
from diana_engine.compiler.wishes.ignored import ignored_in_manifest
from diana_engine.compiler.wishes.wished import as_wished
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.witness import numbered

if TYPE_CHECKING:
    pass

__all__ = ["MAX_ERRORS", "compile_sources", "compile_story"]

MAX_ERRORS = 1_000
"""With more errors of files and shape than this, names and types are not looked at: most would only follow."""


def compile_story(
    story: Path, memory: Memory | None = None, *, progress: Progress = UNTOLD
) -> Compilation:
    """Compile the story in a folder, or the one whose ``story.yaml`` is given; what is in `memory` is not done again."""
    sources, found = open_story(story)
    return compile_sources(sources, found, memory, progress=progress)


def compile_sources(
    sources: Sources,
    loaded: Sequence[Diagnostic] = (),
    memory: Memory | None = None,
    *,
    proofs: bool = True,
    findings_only: bool = False,
    progress: Progress = UNTOLD,
) -> Compilation:
    """Compile the documents of a story; `loaded` is what was found on finding them.

    With `findings_only` there is neither a program nor a report.
    """
    manifest, main, reading = read_manifest(sources.manifest)
    parts = _parts(progress.over("Reading the chapters", sources.chapters), manifest, main, memory)
    readings = [reading, *(part.opened.reading for part in parts)]
    found = [*loaded, *chain.from_iterable(one.found for one in readings)]
    if sum(finding.severity == "error" for finding in found) > MAX_ERRORS:
        return Compilation(None, tuple(sorted(found, key=_place)), 0, 0, _names(sources))
    checked, findings = _checked(manifest, parts, readings, progress)
    found += findings
    # Every error up to here may have left a hole, which neither analyses nor programs know.
    clean = not any(finding.severity == "error" for finding in found)
    whole = Whole(sources, checked, parts, memory, progress, proofs=proofs, words=not findings_only)
    overall = Overall(())
    if clean:
        looked = whole.look_at_chapters()
        overall = whole.look(looked)
        found += told_once([*looked, *overall.found])
    ignores = [
        *ignored_in_manifest(manifest),
        *(one for part in parts for one in part.opened.ignores),
    ]
    found = as_wished(manifest.checks, ignores, found, complete=clean, undecided=overall.undecided)
    result = Compilation(
        program=whole.program if clean and not findings_only else None,
        diagnostics=numbered(sorted(found, key=_place)),
        fragments=sum(part.settled.fragments for part in parts if part.settled),
        choices=sum(part.settled.choices for part in parts if part.settled),
        files=_names(sources),
        report=whole.report if clean and not findings_only else None,
        unproved=overall.unproved,
        media=whole.media,
    )
    if memory is not None:
        _remember(memory, sources, parts, words=clean and not findings_only)
        if not loaded:
            told = Told(result.diagnostics, result.fragments, result.choices, result.unproved)
            memory.keep_told(sources, told, proofs)
        memory.tidy()
    return result


def _names(sources: Sources) -> tuple[str, ...]:
    return tuple(one.file.path for one in (sources.manifest, *sources.chapters))


def _remember(memory: Memory, sources: Sources, parts: Sequence[Part], *, words: bool) -> None:
    own = parts[len(parts) - len(sources.chapters) :]
    for document, part in zip(sources.chapters, own, strict=True):
        memory.keep_part(sources.manifest.file, document, part, words=words)


def _place(finding: Diagnostic) -> tuple[tuple[str, int, int], str, str]:
    return finding.sort_key


def _parts(
    documents: Iterable[Document],
    manifest: ParsedManifest,
    main: ParsedChapter | None,
    memory: Memory | None,
) -> list[Part]:
    parts = [Part(lambda: (main, Reading([])), manifest)] if main is not None else []
    for document in documents:
        kept = memory.part(manifest.file, document) if memory is not None else None
        parts.append(Part(partial(read_chapter, document), manifest, kept))
    return parts


def _checked(
    manifest: ParsedManifest,
    parts: Sequence[Part],
    readings: Sequence[Reading],
    progress: Progress,
) -> tuple[CheckedStory, list[Diagnostic]]:
    """Check the manifest and all chapters; return the story without its chapters."""
    symbols, found = resolve_manifest(manifest)
    found += join_names(symbols, [part.opened.declared for part in parts])
    checked, findings = check_manifest(manifest, symbols)
    found += findings
    for part in progress.over("Checking names and types", parts):
        settled = part.settle(symbols)
        found += [*part.opened.found, *settled.found]
        for missing, spans in settled.missing.items():
            symbols.missing.setdefault(missing, []).extend(spans)
    unread = set(chain.from_iterable(one.unread for one in readings))
    misnamed = [*chain.from_iterable(one.misnamed for one in readings)]
    return checked, [*found, *report_missing(symbols, unread, misnamed)]
