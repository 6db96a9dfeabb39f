"""From checked shapes to what a writer wrote: manifest, chapters, fragments, choices, with expressions and texts parsed."""

from __future__ import annotations

from diana_engine.compiler.nodes import ScalarNode
from diana_engine.compiler.parse_systems import parse_cost, parse_systems
from diana_engine.compiler.reader import Reader
from diana_engine.compiler.syntax import (
    ParsedAsk,
    ParsedBranch,
    ParsedChapter,
    ParsedCharacter,
    ParsedChoice,
    ParsedCondition,
    ParsedDeck,
    ParsedFragment,
    ParsedIgnore,
    ParsedInclude,
    ParsedItem,
    ParsedLevel,
    ParsedManifest,
    ParsedMedia,
    ParsedRemind,
    ParsedShared,
    ParsedStorylet,
    ParsedVariable,
    ParsedWait,
)
from diana_engine.compiler.validate import Validated
from diana_engine.compiler.values import Entry, ListValue, Record
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.parsing.requirements import parse_expression
from diana_engine.program.model import MEDIA_KINDS
from diana_engine.source import Located

__all__ = ["parse_chapter", "parse_manifest"]


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
        variables=tuple(_variable(id, entry, reader) for id, entry in reader.named("variables")),
        items=tuple(_item(id, entry, reader) for id, entry in reader.named("items")),
        conditions=tuple(_condition(id, entry, reader) for id, entry in reader.named("conditions")),
        characters=_characters(reader),
        shared=tuple(_shared(id, entry, reader) for id, entry in reader.named("choices")),
        checks=tuple(_level(code, entry, reader) for code, entry in reader.named("checks")),
        systems=parse_systems(reader),
    )
    main = None
    if reader.wrote("fragments"):
        where = reader.key("fragments")
        id = Located("main", where.file, where.start, where.end, lambda: ())
        main = ParsedChapter(where, id, None, _fragments(reader))
    return manifest, main, found


def parse_chapter(document: Validated) -> tuple[ParsedChapter, list[Diagnostic]]:
    """Return the chapter that a file holds."""
    found: list[Diagnostic] = []
    where = Located("", document.file, 0, 0)
    if not isinstance(document.value, Record):
        return ParsedChapter(where, None, None, ()), found
    reader = Reader(document.file, document.value, found)
    return ParsedChapter(
        where, reader.text("chapter"), reader.text("title"), _fragments(reader)
    ), found


def _variable(id: Located, entry: Entry, outer: Reader) -> ParsedVariable:
    reader = outer.inner(entry)
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


def _item(id: Located, entry: Entry, outer: Reader) -> ParsedItem:
    reader = outer.inner(entry)
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
    match entry.value:
        case ScalarNode() as one:
            sources = [reader.located(one)]
        case ListValue(_, items):
            sources = [reader.located(item) for item in items if isinstance(item, ScalarNode)]
        case _:
            sources = []
    return ParsedCondition(id, tuple(reader.parsed(source, parse_expression) for source in sources))


def _level(code: Located, entry: Entry, reader: Reader) -> ParsedLevel:
    level = entry.value
    return ParsedLevel(code, reader.located(level) if isinstance(level, ScalarNode) else None)


def _characters(reader: Reader) -> tuple[ParsedCharacter, ...] | None:
    if not reader.wrote("characters"):
        return None
    found: list[ParsedCharacter] = []
    for id, entry in reader.named("characters"):
        inner = reader.inner(entry)
        found.append(ParsedCharacter(id, inner.text("name") if inner else None))
    return tuple(found)


def _fragments(reader: Reader) -> tuple[ParsedFragment, ...]:
    return tuple(_fragment(id, entry, reader) for id, entry in reader.named("fragments"))


def _fragment(id: Located, entry: Entry, outer: Reader) -> ParsedFragment:
    reader = outer.inner(entry)
    if reader is None:
        return ParsedFragment(id, readable=False)
    choices, includes = _choices(reader)
    return ParsedFragment(
        id=id,
        whole=reader.whole and not reader.hollow("requires") and not reader.hollow("text"),
        kind=reader.text("kind"),
        title=reader.text("title"),
        speaker=reader.text("speaker"),
        text=reader.prose("text"),
        requires=reader.requirement("requires"),
        access=reader.text("access"),
        otherwise=reader.text("otherwise"),
        on_enter=reader.effects("on_enter"),
        choices=choices if reader.wrote("choices") else None,
        includes=includes,
        next=_next(reader),
        storylet=_storylet(reader),
        deck=_deck(reader),
        call=reader.text("call"),
        returns=reader.key("return") if reader.switch("return") else None,
        ask=_ask(reader),
        ending=reader.text("ending"),
        tags=reader.several("tags"),
        media=_media(reader),
        waits=_waits(reader),
        ignore=_ignore(reader, id.start),
    )


def _shared(id: Located, entry: Entry, outer: Reader) -> ParsedShared:
    return ParsedShared(id, tuple(map(_choice, outer.records_of(entry.value))))


def _choices(reader: Reader) -> tuple[tuple[ParsedChoice, ...], tuple[ParsedInclude, ...]]:
    choices: list[ParsedChoice] = []
    includes: list[ParsedInclude] = []
    for one in reader.records("choices"):
        if not one.wrote("include"):
            choices.append(_choice(one))
        elif (name := one.text("include")) is not None:
            includes.append(ParsedInclude(name, len(choices)))
    return tuple(choices), tuple(includes)


def _storylet(outer: Reader) -> ParsedStorylet | None:
    if not outer.wrote("storylet"):
        return None
    reader = outer.inner(outer.record.entries["storylet"])
    if reader is None:
        return ParsedStorylet(outer.key("storylet"))
    return ParsedStorylet(
        key=outer.key("storylet"),
        tags=reader.several("tags"),
        text=reader.prose("text"),
        when=reader.requirement("when"),
        priority=reader.integer("priority", 0),
        weight=reader.integer("weight", 1),
        once=reader.switch("once"),
        nameless=not outer.wrote("title") and not reader.wrote("text") and reader.whole,
    )


def _deck(outer: Reader) -> ParsedDeck | None:
    if not outer.wrote("deck"):
        return None
    key, reader = outer.key("deck"), outer.inner(outer.record.entries["deck"])
    if reader is None:
        return ParsedDeck(key)
    show = reader.integer("show", 0) or None
    return ParsedDeck(key, reader.several("tags"), show, reader.text("otherwise"))


def _next(reader: Reader) -> tuple[ParsedBranch, ...] | None:
    if not reader.wrote("next"):
        return None
    target = reader.text("next")
    if target is not None:
        return (ParsedBranch(target),)
    return tuple(
        ParsedBranch(one.text("to"), one.requirement("if"), one.whole and not one.hollow("if"))
        for one in reader.records("next")
    )


def _media(reader: Reader) -> tuple[ParsedMedia, ...]:
    """Return the media in the order in which they were written: that is how they are shown."""
    kinds = [kind for key in reader.record.entries for kind in MEDIA_KINDS if kind == key]
    return tuple(ParsedMedia(kind, file) for kind in kinds for file in reader.several(kind))


def _waits(reader: Reader) -> ParsedWait:
    if reader.hollow("wait"):
        return ParsedWait()
    return ParsedWait(reader.text("wait"), parse_cost(reader.text("skip")), _remind(reader))


def _remind(reader: Reader) -> ParsedRemind | None:
    if not reader.wrote("remind"):
        return None
    inner = reader.inner(reader.record.entries["remind"])
    if inner is None:
        return ParsedRemind(reader.key("remind"))
    return ParsedRemind(reader.key("remind"), inner.text("after"), inner.prose("text"))


def _ask(reader: Reader) -> ParsedAsk | None:
    if not reader.wrote("ask"):
        return None
    inner = reader.inner(reader.record.entries["ask"])
    if inner is None:
        return ParsedAsk(reader.key("ask"))
    return ParsedAsk(reader.key("ask"), inner.text("into"), inner.prose("retry"))


def _choice(reader: Reader) -> ParsedChoice:
    first = next(iter(reader.record.entries), None)
    node = reader.record.node
    anchor = (
        reader.key(first) if first is not None else Located("", reader.file, node.start, node.end)
    )
    return ParsedChoice(
        anchor=anchor,
        whole=reader.whole and not reader.hollow("requires"),
        id=reader.text("id"),
        text=reader.prose("text"),
        requires=reader.requirement("requires"),
        access=reader.text("access"),
        locked=reader.prose("locked"),
        cost=parse_cost(reader.text("cost")),
        once=reader.switch("once"),
        say=reader.prose("say"),
        effects=reader.effects("effects"),
        to=reader.text("to"),
        waits=_waits(reader),
        ignore=_ignore(reader, node.start),
    )


def _ignore(reader: Reader, start: int) -> tuple[ParsedIgnore, ...]:
    if not reader.wrote("ignore"):
        return ()
    end = reader.record.node.end
    return tuple(ParsedIgnore(code, start, end) for code in reader.several("ignore"))
