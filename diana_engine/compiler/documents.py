"""From the documents of a story to what its writer wrote, and to what may have been written where nothing could be read."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import get_args

from diana_engine.compiler.load import Document, Sources
from diana_engine.compiler.parse import parse_chapter, parse_manifest
from diana_engine.compiler.shapes import load_shape
from diana_engine.compiler.syntax import ParsedChapter, ParsedManifest, ParsedStory
from diana_engine.compiler.validate import Validated, validate
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.types import NameKind

__all__ = ["Documents", "parse_documents"]

_EVERY_NAME: frozenset[NameKind] = frozenset(get_args(NameKind))


@dataclass(frozen=True, slots=True)
class Documents:
    """A story as it was written, and what was found.

    `unread` are the kinds of names that may stand in a part that could not be read; `misnamed` are names that were
    declared in a form that is not allowed.
    """

    story: ParsedStory
    unread: Set[NameKind]
    misnamed: Sequence[tuple[NameKind, str]]
    found: Sequence[Diagnostic]


def parse_documents(sources: Sources) -> Documents:
    """Validate and parse all documents of a story."""
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
    return Documents(ParsedStory(manifest, tuple(chapters)), unread, misnamed, found)


def _validated(document: Document, schema: str, found: list[Diagnostic]) -> Validated | None:
    if document.root is None:
        return None
    validated = validate(document.file, document.root, load_shape(schema))
    found += validated.found
    return validated
