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


# Made by the ten thousand, and nearly all with these keys alone: nobody is asked for the others then.
_USUAL_IN_FRAGMENTS = frozenset(("text", "choices", "next", "ending"))
_USUAL_IN_CHOICES = frozenset(("text", "to", "requires", "effects"))


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
    fragment = ParsedFragment(
        id=id,
        whole=reader.whole and not reader.hollow("requires") and not reader.hollow("text"),
        text=reader.prose("text"),
        choices=choices if reader.wrote("choices") else None,
        includes=includes,
        next=_next(reader),
        ending=reader.text("ending"),
    )
    if not reader.record.entries.keys() <= _USUAL_IN_FRAGMENTS:
        _rest_of_fragment(fragment, reader)
    return fragment


def _rest_of_fragment(fragment: ParsedFragment, reader: Reader) -> None:
    fragment.kind = reader.text("kind")
    fragment.title = reader.text("title")
    fragment.speaker = reader.text("speaker")
    fragment.requires = reader.requirement("requires")
    fragment.access = reader.text("access")
    fragment.otherwise = reader.text("otherwise")
    fragment.on_enter = reader.effects("on_enter")
    fragment.storylet = _storylet(reader)
    fragment.deck = _deck(reader)
    fragment.call = reader.text("call")
    fragment.returns = reader.key("return") if reader.switch("return") else None
    fragment.ask = _ask(reader)
    fragment.tags = reader.several("tags")
    fragment.media = _media(reader)
    fragment.waits = _waits(reader)
    fragment.ignore = _ignore(reader, fragment.id.start)


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
    choice = ParsedChoice(
        anchor=reader.anchor,
        whole=reader.whole and not reader.hollow("requires"),
        text=reader.prose("text"),
        requires=reader.requirement("requires"),
        effects=reader.effects("effects"),
        to=reader.text("to"),
    )
    if not reader.record.entries.keys() <= _USUAL_IN_CHOICES:
        _rest_of_choice(choice, reader)
    return choice


def _rest_of_choice(choice: ParsedChoice, reader: Reader) -> None:
    choice.id = reader.text("id")
    choice.access = reader.text("access")
    choice.locked = reader.prose("locked")
    choice.cost = reader.cost("cost")
    choice.once = reader.switch("once")
    choice.say = reader.prose("say")
    choice.waits = _waits(reader)
    choice.ignore = _ignore(reader, reader.record.node.start)


def _ignore(reader: Reader, start: int) -> tuple[ParsedIgnore, ...]:
    if not reader.wrote("ignore"):
        return ()
    end = reader.record.node.end
    return tuple(ParsedIgnore(code, start, end) for code in reader.several("ignore"))
