"""From the checked shape of a manifest to what its writer wrote, with expressions and texts parsed."""

from __future__ import annotations

from diana_engine.compiler.parsing.fragments import parse_fragments, parse_shared
from diana_engine.compiler.parsing.reader import Reader
from diana_engine.compiler.parsing.systems import parse_systems
from diana_engine.compiler.shape.validate import Validated
from diana_engine.compiler.shape.values import Entry, Record
from diana_engine.compiler.syntax.story import (
    ParsedChapter,
    ParsedCharacter,
    ParsedCondition,
    ParsedItem,
    ParsedLevel,
    ParsedManifest,
    ParsedVariable,
)
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.parsing.requirements import parse_expression
from diana_engine.source import Located

__all__ = ["parse_manifest"]


def parse_manifest(
    document: Validated,
) -> tuple[ParsedManifest, ParsedChapter | None, list[Diagnostic]]:
    """Return the manifest, and the chapter ``main`` when the manifest holds fragments itself."""
    found: list[Diagnostic] = []
    if not isinstance(document.value, Record):
        return ParsedManifest(document.file), None, found
    reader = Reader(document.file, document.value, found)
    manifest = ParsedManifest(
        file=document.file,
        story=reader.text("story"),
        title=reader.text("title"),
        language=reader.text("language"),
        version=reader.text("version"),
        start=reader.text("start"),
        time_zone=reader.text("time_zone"),
        variables=tuple(_variable(id, one) for id, one in reader.each("variables")),
        items=tuple(_item(id, one) for id, one in reader.each("items")),
        conditions=tuple(_condition(id, entry, reader) for id, entry in reader.named("conditions")),
        characters=_characters(reader),
        shared=tuple(parse_shared(id, entry, reader) for id, entry in reader.named("choices")),
        checks=tuple(_level(code, entry, reader) for code, entry in reader.named("checks")),
        systems=parse_systems(reader),
    )
    main = None
    if reader.wrote("fragments"):
        where = reader.key("fragments")
        id = Located("main", where.file, where.start, where.end, lambda: ())
        main = ParsedChapter(where, id, None, parse_fragments(reader))
    return manifest, main, found


def _variable(id: Located, reader: Reader | None) -> ParsedVariable:
    if reader is None:
        return ParsedVariable(id)
    return ParsedVariable(
        id=id,
        type=reader.text("type"),
        initial=reader.text("initial"),
        minimum=reader.text("min"),
        maximum=reader.text("max"),
        values=reader.several("values"),
        max_length=reader.text("max_length"),
    )


def _item(id: Located, reader: Reader | None) -> ParsedItem:
    if reader is None:
        return ParsedItem(id)
    return ParsedItem(
        id=id,
        name=reader.text("name"),
        category=reader.text("category"),
        clue=reader.switch("clue"),
        maximum=reader.integer("max", 1),
        text=reader.text("text"),
        photo=reader.text("photo"),
    )


def _condition(id: Located, entry: Entry, reader: Reader) -> ParsedCondition:
    sources = reader.singles(entry.value)
    return ParsedCondition(id, tuple(reader.parsed(source, parse_expression) for source in sources))


def _level(code: Located, entry: Entry, reader: Reader) -> ParsedLevel:
    return ParsedLevel(code, reader.single(entry.value))


def _characters(reader: Reader) -> tuple[ParsedCharacter, ...] | None:
    if not reader.wrote("characters"):
        return None
    return tuple(
        ParsedCharacter(id, one.text("name") if one else None)
        for id, one in reader.each("characters")
    )
