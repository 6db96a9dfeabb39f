"""From the checked shape of a chapter to what its writer wrote: fragments, choices and what stands in them."""

from __future__ import annotations

from diana_engine.compiler.parsing.reader import Reader
from diana_engine.compiler.shape.validate import Validated
from diana_engine.compiler.shape.values import Entry, Record
from diana_engine.compiler.syntax.story import (
    ParsedAsk,
    ParsedBranch,
    ParsedChapter,
    ParsedChoice,
    ParsedDeck,
    ParsedFragment,
    ParsedIgnore,
    ParsedInclude,
    ParsedMedia,
    ParsedRemind,
    ParsedShared,
    ParsedStorylet,
    ParsedWait,
)
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.program.model import MEDIA_KINDS
from diana_engine.source import Located

__all__ = ["parse_chapter", "parse_fragments", "parse_shared"]


def parse_chapter(document: Validated) -> tuple[ParsedChapter, list[Diagnostic]]:
    """Return the chapter that a file holds."""
    found: list[Diagnostic] = []
    where = Located("", document.file, 0, 0)
    if not isinstance(document.value, Record):
        return ParsedChapter(where, None, None, ()), found
    reader = Reader(document.file, document.value, found)
    return ParsedChapter(
        where, reader.text("chapter"), reader.text("title"), parse_fragments(reader)
    ), found


def parse_fragments(reader: Reader) -> tuple[ParsedFragment, ...]:
    """Return the fragments that stand in a chapter, or in a manifest that is a story by itself."""
    return tuple(_fragment(id, one) for id, one in reader.each("fragments"))


def _fragment(id: Located, reader: Reader | None) -> ParsedFragment:
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


def parse_shared(id: Located, entry: Entry, outer: Reader) -> ParsedShared:
    """Return choices that fragments include by a name."""
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
    reader = outer.under("storylet")
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
    key, reader = outer.key("deck"), outer.under("deck")
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
    return ParsedWait(reader.text("wait"), reader.cost("skip"), _remind(reader))


def _remind(reader: Reader) -> ParsedRemind | None:
    if not reader.wrote("remind"):
        return None
    inner = reader.under("remind")
    if inner is None:
        return ParsedRemind(reader.key("remind"))
    return ParsedRemind(reader.key("remind"), inner.text("after"), inner.prose("text"))


def _ask(reader: Reader) -> ParsedAsk | None:
    if not reader.wrote("ask"):
        return None
    inner = reader.under("ask")
    if inner is None:
        return ParsedAsk(reader.key("ask"))
    return ParsedAsk(reader.key("ask"), inner.text("into"), inner.prose("retry"))


def _choice(reader: Reader) -> ParsedChoice:
    return ParsedChoice(
        anchor=reader.anchor,
        whole=reader.whole and not reader.hollow("requires"),
        id=reader.text("id"),
        text=reader.prose("text"),
        requires=reader.requirement("requires"),
        access=reader.text("access"),
        locked=reader.prose("locked"),
        cost=reader.cost("cost"),
        once=reader.switch("once"),
        say=reader.prose("say"),
        effects=reader.effects("effects"),
        to=reader.text("to"),
        waits=_waits(reader),
        ignore=_ignore(reader, reader.record.node.start),
    )


def _ignore(reader: Reader, start: int) -> tuple[ParsedIgnore, ...]:
    if not reader.wrote("ignore"):
        return ()
    end = reader.record.node.end
    return tuple(ParsedIgnore(code, start, end) for code in reader.several("ignore"))
