"""The whole way from a writer's folder to a program; here alone it is decided where to stop.

``load → validate → parse → resolve → check → graph → lower → prove``. Every phase is a plain function that gives back a value
and what it found. Later phases run on what earlier ones left, so that one mistake hides no other; what an unreadable
part may explain is withheld. Chapters go through the phases one by one (`compiler.parts`), and meet where their names are
joined and where all of the story is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from diana_engine.compiler.analysis.uses import SeenUses, Uses, join_uses, uses_of_manifest
from diana_engine.compiler.check import check_manifest
from diana_engine.compiler.checked import CheckedStory
from diana_engine.compiler.compilation import Compilation
from diana_engine.compiler.documents import Reading, read_chapter, read_manifest
from diana_engine.compiler.ignored import ignored_in_manifest
from diana_engine.compiler.includes import told_once
from diana_engine.compiler.load import Document, Sources, open_story
from diana_engine.compiler.lower import lower
from diana_engine.compiler.media import find_media
from diana_engine.compiler.missing import report_missing
from diana_engine.compiler.parts import Part
from diana_engine.compiler.resolve import join_names, resolve_manifest
from diana_engine.compiler.syntax import ParsedChapter, ParsedManifest
from diana_engine.compiler.wishes import as_wished
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.witness import numbered
from diana_engine.program.model import Chapter, ChapterId, Program

if TYPE_CHECKING:
    from diana_engine.compiler.analysis.states.report import Report

__all__ = ["MAX_ERRORS", "compile_sources", "compile_story"]

MAX_ERRORS = 1_000
"""With more errors of files and shape than this, names and types are not looked at: most would only follow."""


def compile_story(story: Path) -> Compilation:
    """Compile the story in a folder, or the one whose ``story.yaml`` is given."""
    sources, found = open_story(story)
    return compile_sources(sources, found)


def compile_sources(sources: Sources, loaded: Sequence[Diagnostic] = ()) -> Compilation:
    """Compile the documents of a story; `loaded` is what was found on finding them."""
    files = tuple(one.file.path for one in (sources.manifest, *sources.chapters))
    manifest, main, reading = read_manifest(sources.manifest)
    parts = _parts(sources.chapters, manifest, main)
    readings = [reading, *(part.opened.reading for part in parts)]
    found = [*loaded, *chain.from_iterable(one.found for one in readings)]
    if sum(finding.severity == "error" for finding in found) > MAX_ERRORS:
        return Compilation(None, tuple(sorted(found, key=_place)), 0, 0, files)
    checked, findings = _checked(manifest, parts, readings)
    found += findings
    program, report = None, None
    media: dict[str, Path] = {}
    # Every error up to here may have left a hole, which neither analyses nor programs know.
    if not any(finding.severity == "error" for finding in found):
        uses = _uses(checked, parts)
        found += told_once(_analyse(checked, parts, uses))
        whole = _whole(checked, parts, with_words=True)
        whole, findings, media = find_media(sources.folder, whole)
        found += findings
        program = lower(whole, uses.timed)
        report = _proved(whole, program, found)
    ignores = [
        *ignored_in_manifest(manifest),
        *(one for part in parts for one in part.opened.ignores),
    ]
    undecided = report is not None and not report.complete
    complete = program is not None
    found = as_wished(manifest.checks, ignores, found, complete=complete, undecided=undecided)
    return Compilation(
        program=program,
        diagnostics=numbered(sorted(found, key=_place)),
        fragments=sum(part.settled.fragments for part in parts if part.settled),
        choices=sum(part.settled.choices for part in parts if part.settled),
        files=files,
        report=report,
        media=media,
    )


def _place(finding: Diagnostic) -> tuple[tuple[str, int, int], str, str]:
    return finding.sort_key


def _parts(
    documents: Sequence[Document], manifest: ParsedManifest, main: ParsedChapter | None
) -> list[Part]:
    parts = [Part(lambda: (main, Reading([])), manifest)] if main is not None else []
    return parts + [Part(partial(read_chapter, document), manifest) for document in documents]


def _checked(
    manifest: ParsedManifest, parts: Sequence[Part], readings: Sequence[Reading]
) -> tuple[CheckedStory, list[Diagnostic]]:
    """Check the manifest and all chapters; return the story without its chapters."""
    symbols, found = resolve_manifest(manifest)
    found += join_names(symbols, [part.opened.declared for part in parts])
    checked, findings = check_manifest(manifest, symbols)
    found += findings
    for part in parts:
        settled = part.settle(symbols)
        found += [*part.opened.found, *settled.found]
        for missing, spans in settled.missing.items():
            symbols.missing.setdefault(missing, []).extend(spans)
    unread = set(chain.from_iterable(one.unread for one in readings))
    misnamed = [*chain.from_iterable(one.misnamed for one in readings)]
    return checked, [*found, *report_missing(symbols, unread, misnamed)]


def _uses(manifest: CheckedStory, parts: Sequence[Part]) -> Uses:
    of_parts = (part.settled.uses for part in parts if part.settled)
    return join_uses([uses_of_manifest(manifest), *of_parts])


def _analyse(manifest: CheckedStory, parts: Sequence[Part], uses: Uses) -> list[Diagnostic]:
    # A broken story never needs the analyses, and shall not wait for them.
    from diana_engine.compiler.analysis.every import analyse, analyse_conditions

    looked = [part.look(manifest, _seen(uses, part)) for part in parts]
    return [
        *chain.from_iterable(one.found for one in looked),
        *analyse_conditions(manifest),
        *analyse(_whole(manifest, parts), uses),
    ]


def _seen(uses: Uses, part: Part) -> SeenUses:
    own = part.opened.declared
    keys = frozenset(chain.from_iterable(own.choice_keys.values()))
    return SeenUses(
        words_set=frozenset(uses.words_set),
        asked_for=frozenset(uses.asked_for),
        counted=frozenset((uses.counted | uses.timed) & own.fragments.keys()),
        chosen=frozenset(uses.chosen & keys),
    )


def _whole(
    manifest: CheckedStory, parts: Sequence[Part], *, with_words: bool = False
) -> CheckedStory:
    """Return the story with its chapters; its texts are bare unless it is to have its words."""
    declared = [part.opened.declared for part in parts]
    return replace(
        manifest,
        chapters={
            ChapterId(one.id.text): Chapter(one.title, tuple(one.fragments))
            for one in declared
            if one.id
        },
        fragments={
            id: fragment
            for part in parts
            for id, fragment in (part.fragments if with_words else part.bare).items()
        },
        places={id: place for part in parts for id, place in part.places.items()},
    )


def _proved(story: CheckedStory, program: Program, found: list[Diagnostic]) -> Report:
    """Prove what is true of every play, and add what its writer is to be told of it."""
    from diana_engine.compiler.analysis.proofs import findings_of_proof
    from diana_engine.compiler.analysis.states import prove

    report = prove(program)
    found += findings_of_proof(story, program, report, found)
    return report
