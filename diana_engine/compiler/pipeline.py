"""The whole way from a writer's folder to a program; here alone it is decided where to stop.

``load → validate → parse → resolve → check → graph → lower``. Every phase is a plain function that gives back a value
and what it found. Later phases run on what earlier ones left, so that one mistake hides no other; what an unreadable
part may explain is withheld.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from diana_engine.compiler.check import check
from diana_engine.compiler.checked import CheckedStory
from diana_engine.compiler.compilation import Compilation
from diana_engine.compiler.documents import parse_documents
from diana_engine.compiler.includes import include_choices, told_once
from diana_engine.compiler.load import Sources, load_story
from diana_engine.compiler.lower import lower
from diana_engine.compiler.missing import report_missing
from diana_engine.compiler.resolve import resolve
from diana_engine.compiler.wishes import as_wished
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.program.exits import choices_of

__all__ = ["MAX_ERRORS", "compile_sources", "compile_story"]

MAX_ERRORS = 1_000
"""With more errors of files and shape than this, names and types are not looked at: most would only follow."""


def compile_story(story: Path) -> Compilation:
    """Compile the story in a folder, or the one whose ``story.yaml`` is given."""
    sources, found = load_story(story)
    return compile_sources(sources, found)


def compile_sources(sources: Sources, loaded: Sequence[Diagnostic] = ()) -> Compilation:
    """Compile documents that were read; `loaded` is what was found on reading them."""
    found = list(loaded)
    files = tuple(one.file.path for one in (sources.manifest, *sources.chapters))
    documents = parse_documents(sources)
    found += documents.found
    if sum(finding.severity == "error" for finding in found) > MAX_ERRORS:
        return Compilation(None, tuple(sorted(found, key=_place)), 0, 0, files)
    story, findings = include_choices(documents.story)
    found += findings
    symbols, findings = resolve(story)
    found += findings
    checked, findings = check(story, symbols)
    found += findings
    found += report_missing(symbols, documents.unread, documents.misnamed)
    program = None
    if not any(finding.severity == "error" and finding.family <= 3 for finding in found):
        found += told_once(_analyse(checked))
        program = lower(checked)
    found = as_wished(story, found, complete=program is not None)
    return Compilation(
        program=program,
        diagnostics=tuple(sorted(found, key=_place)),
        fragments=len(checked.fragments),
        choices=sum(len(choices_of(one.exit)) for one in checked.fragments.values()),
        files=files,
    )


def _place(finding: Diagnostic) -> tuple[tuple[str, int, int], str, str]:
    return finding.sort_key


def _analyse(story: CheckedStory) -> list[Diagnostic]:
    # A broken story never needs the analyses, and shall not wait for them.
    from diana_engine.compiler.analysis.every import analyse

    return analyse(story)
