"""From a document of a story to what its writer wrote, and to what may have been written where nothing could be read."""

from __future__ import annotations

from dataclasses import field
from typing import get_args

from diana_engine.compiler.load import Document, read_document
from diana_engine.compiler.parsing.fragments import parse_chapter
from diana_engine.compiler.parsing.manifest import parse_manifest
from diana_engine.compiler.shape.schema import load_shape
from diana_engine.compiler.shape.validate import Validated, validate
from diana_engine.compiler.syntax.story import ParsedChapter, ParsedManifest
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.types import NameKind
from diana_engine.records import dataclass

__all__ = ["Reading", "read_chapter", "read_manifest"]

_EVERY_NAME: frozenset[NameKind] = frozenset(get_args(NameKind))
# Events are declared where an effect emits them, too.
_NAMES_OF_CHAPTERS: frozenset[NameKind] = frozenset(("fragment", "chapter", "choice", "event"))


@dataclass(slots=True)
class Reading:
    """What the reading of a file gave besides what its writer wrote.

    `unread` are the kinds of names that may stand in a part that could not be read; `misnamed` are names that were
    declared in a form that is not allowed.
    """

    found: list[Diagnostic]
    unread: set[NameKind] = field(default_factory=set)
    misnamed: list[tuple[NameKind, str]] = field(default_factory=list)


def read_manifest(source: Document) -> tuple[ParsedManifest, ParsedChapter | None, Reading]:
    """Read, validate and parse the manifest; it may hold a chapter."""
    source, found = read_document(source)
    document = _validated(source, "story", found)
    if document is None:
        return ParsedManifest(source.file), None, Reading(found, set(_EVERY_NAME))
    manifest, main, findings = parse_manifest(document)
    return manifest, main, Reading([*found, *findings], document.unread, document.misnamed)


def read_chapter(source: Document) -> tuple[ParsedChapter | None, Reading]:
    """Read, validate and parse a chapter; there is none where its file cannot be read."""
    source, found = read_document(source)
    document = _validated(source, "chapter", found)
    if document is None:
        return None, Reading(found, set(_NAMES_OF_CHAPTERS))
    chapter, findings = parse_chapter(document)
    unread = document.unread | (_NAMES_OF_CHAPTERS if chapter.id is None else set())
    return chapter, Reading([*found, *findings], unread, document.misnamed)


def _validated(document: Document, schema: str, found: list[Diagnostic]) -> Validated | None:
    if document.root is None:
        return None
    validated = validate(document.file, document.root, load_shape(schema))
    found += validated.found
    return validated
