"""The whole way from a writer's folder to a program; here alone it is decided where to stop.

``load → validate → parse → resolve → check → graph → lower``. Every phase is a plain function that gives back a value
and what it found. Later phases run on what earlier ones left, so that one mistake hides no other; what an unreadable
part may explain is withheld.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diana_engine.compiler.check import check
from diana_engine.compiler.checked import CheckedStory
from diana_engine.compiler.load import Document, Sources, load_story
from diana_engine.compiler.lower import lower
from diana_engine.compiler.missing import report_missing
from diana_engine.compiler.parse import parse_chapter, parse_manifest
from diana_engine.compiler.resolve import resolve
from diana_engine.compiler.shapes import load_shape
from diana_engine.compiler.syntax import ParsedChapter, ParsedManifest, ParsedStory
from diana_engine.compiler.validate import Validated, validate
from diana_engine.compiler.wishes import as_wished
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.types import NameKind
from diana_engine.program.model import Choices, Program

__all__ = ["Compilation", "compile_sources", "compile_story"]

_EVERY_NAME: frozenset[NameKind] = frozenset(
    ("variable", "item", "category", "condition", "fragment", "chapter", "choice", "character")
)


MAX_ERRORS = 1_000
"""With more errors of files and shape than this, names and types are not looked at: most would only follow."""


@dataclass(frozen=True, slots=True)
class Compilation:
    """What came of a story.

    `program` is there unless errors of shape, names or types (families 0–3) forbid it; with errors of other families,
    or of what the story wishes of its findings, it is a draft, which can be played but not stored. `files` are the
    paths of the story's files, as they are shown.
    """

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    fragments: int
    choices: int
    files: tuple[str, ...]

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return self._count("error")

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        return self._count("warning")

    @property
    def notes(self) -> int:
        """How many notes there are."""
        return self._count("note")

    def _count(self, severity: str) -> int:
        return sum(finding.severity == severity for finding in self.diagnostics)


def compile_story(story: Path) -> Compilation:
    """Compile the story in a folder, or the one whose ``story.yaml`` is given."""
    sources, found = load_story(story)
    return compile_sources(sources, found)


def compile_sources(sources: Sources, loaded: Sequence[Diagnostic] = ()) -> Compilation:
    """Compile documents that were read; `loaded` is what was found on reading them."""
    found = list(loaded)
    files = tuple(one.file.path for one in (sources.manifest, *sources.chapters))
    parsed, unread, misnamed, findings = _parse(sources)
    found += findings
    if sum(finding.severity == "error" for finding in found) > MAX_ERRORS:
        return Compilation(None, tuple(sorted(found, key=_place)), 0, 0, files)
    symbols, findings = resolve(parsed)
    found += findings
    checked, findings = check(parsed, symbols)
    found += findings
    found += report_missing(symbols, unread, misnamed)
    program = None
    if not any(finding.severity == "error" and finding.family <= 3 for finding in found):
        found += _analyse(checked)
        program = lower(checked)
    found = as_wished(parsed, found, complete=program is not None)
    return Compilation(
        program=program,
        diagnostics=tuple(sorted(found, key=_place)),
        fragments=len(checked.fragments),
        choices=sum(
            len(fragment.exit.choices)
            for fragment in checked.fragments.values()
            if isinstance(fragment.exit, Choices)
        ),
        files=files,
    )


def _place(finding: Diagnostic) -> tuple[tuple[str, int, int], str, str]:
    return finding.sort_key


def _analyse(story: CheckedStory) -> list[Diagnostic]:
    # networkx takes longer to import than a small story to compile, and a broken story never needs it.
    from diana_engine.compiler.analysis.every import analyse

    return analyse(story)


def _parse(
    sources: Sources,
) -> tuple[ParsedStory, set[NameKind], list[tuple[NameKind, str]], list[Diagnostic]]:
    """Validate and parse all documents; say also which kinds of names may stand in what could not be read."""
    found: list[Diagnostic] = []
    unread: set[NameKind] = set()
    misnamed: list[tuple[NameKind, str]] = []
    chapters: list[ParsedChapter] = []

    manifest = ParsedManifest(sources.manifest.file)
    if (document := _validated(sources.manifest, "story", found)) is not None:
        manifest, main, findings = parse_manifest(document)
        found += findings
        chapters += [main] if main is not None else []
        unread |= document.unread
        misnamed += document.misnamed
    else:
        unread |= _EVERY_NAME

    for source in sources.chapters:
        document = _validated(source, "chapter", found)
        if document is None:
            unread |= {"fragment", "chapter", "choice"}
            continue
        chapter, findings = parse_chapter(document)
        found += findings
        chapters.append(chapter)
        unread |= document.unread | (
            {"fragment", "chapter", "choice"} if chapter.id is None else set()
        )
        misnamed += document.misnamed
    return ParsedStory(manifest, tuple(chapters)), unread, misnamed, found


def _validated(document: Document, schema: str, found: list[Diagnostic]) -> Validated | None:
    if document.root is None:
        return None
    validated = validate(document.file, document.root, load_shape(schema))
    found += validated.found
    return validated
