"""Which names are there: declare them all, and report those that are declared twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import field
from hashlib import sha256
from itertools import chain

from diana_engine.compiler.names.symbols import Dealt, Named, Symbols
from diana_engine.compiler.names.systems import (
    INCOME,
    condition_of,
    emitted_in_chapter,
    emitted_in_manifest,
    systems_of,
)
from diana_engine.compiler.syntax.story import (
    ParsedChapter,
    ParsedChoice,
    ParsedFragment,
    ParsedManifest,
    ParsedVariable,
)
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import ChoiceKey, FragmentId, ItemId
from diana_engine.expressions.types import (
    FlagType,
    NumberType,
    PointsType,
    TextType,
    UnknownType,
    VariableType,
    WordType,
)
from diana_engine.program.model import Words
from diana_engine.records import dataclass
from diana_engine.source import Located

__all__ = ["Declared", "join_names", "note_includes", "resolve_chapter", "resolve_manifest"]


@dataclass(slots=True)
class Declared:
    """The names that one chapter declares; `choice_keys` nobody but the chapter itself asks for."""

    id: Located | None
    title: str | None = None
    fragments: Mapping[FragmentId, Named] = field(default_factory=dict)
    tagged: Mapping[str, tuple[Dealt, ...]] = field(default_factory=dict)
    choices: Mapping[str, ChoiceKey] = field(default_factory=dict)
    choice_keys: Mapping[FragmentId, tuple[ChoiceKey, ...]] = field(default_factory=dict)
    emitted: Set[str] = frozenset()
    included: Set[str] = frozenset()


def resolve_manifest(manifest: ParsedManifest) -> tuple[Symbols, list[Diagnostic]]:
    """Return the names that the manifest declares, without any of fragments."""
    symbols = Symbols(
        variables={variable.id.text: _type(variable) for variable in manifest.variables},
        items={item.id.text: item for item in manifest.items},
        categories=_categories(manifest),
        conditions={condition.id.text: condition for condition in manifest.conditions},
        characters=None
        if manifest.characters is None
        else {one.id.text: one for one in manifest.characters},
        shared={one.id.text: one for one in manifest.shared},
        systems=systems_of(manifest),
        stages={condition_of(stage.id.text): stage for stage in manifest.systems.stages},
        events={event.id.text: event for event in manifest.systems.events},
        counted=emitted_in_manifest(manifest).union(INCOME),
    )
    return symbols, _clashes(manifest)


def resolve_chapter(chapter: ParsedChapter) -> tuple[Declared, list[Diagnostic]]:
    """Return the names that a chapter declares."""
    found: list[Diagnostic] = []
    if chapter.id is None:
        return Declared(None), found
    fragments = {
        FragmentId(f"{chapter.id.text}.{fragment.id.text}"): fragment
        for fragment in chapter.fragments
    }
    keys = {id: _choice_keys(id, fragment, found) for id, fragment in fragments.items()}
    return Declared(
        id=chapter.id,
        title=chapter.title.text if chapter.title else None,
        fragments={id: Named(one.id, one.readable) for id, one in fragments.items()},
        choices={key: key for key in chain.from_iterable(keys.values()) if "~" not in key},
        choice_keys=keys,
        tagged=_tagged(fragments),
        emitted=emitted_in_chapter(chapter),
        included={include.name.text for one in chapter.fragments for include in one.includes},
    ), found


def _tagged(fragments: Mapping[FragmentId, ParsedFragment]) -> Mapping[str, tuple[Dealt, ...]]:
    """Return the storylets that have each tag, in the order of writing."""
    tagged: dict[str, list[Dealt]] = {}
    for id, fragment in fragments.items():
        if (storylet := fragment.storylet) is not None:
            for tag in dict.fromkeys(one.text for one in storylet.tags):
                tagged.setdefault(tag, []).append((id, storylet.priority))
    return {tag: tuple(dealt) for tag, dealt in tagged.items()}


def join_names(symbols: Symbols, declared: Sequence[Declared]) -> list[Diagnostic]:
    """Put the names of all chapters beside those of the manifest; return what is wrong between chapters."""
    symbols.chapters, found = _chapters(declared)
    symbols.fragments = {id: one for names in declared for id, one in names.fragments.items()}
    tagged: dict[str, list[Dealt]] = {}
    for names in declared:
        for tag, dealt in names.tagged.items():
            tagged.setdefault(tag, []).extend(dealt)
    symbols.tagged = {tag: tuple(dealt) for tag, dealt in tagged.items()}
    symbols.choices = {key: one for names in declared for key, one in names.choices.items()}
    symbols.counted = {*symbols.counted, *chain.from_iterable(names.emitted for names in declared)}
    return found


def note_includes(chapter: ParsedChapter, symbols: Symbols) -> None:
    """Note the names of shared choices that a chapter includes and that there are not."""
    scope = symbols.scope("" if chapter.id is None else chapter.id.text)
    for include in chain.from_iterable(one.includes for one in chapter.fragments):
        if include.name.text not in symbols.shared:
            scope.missing("shared choices", include.name.text, include.name.whole)


def _chapters(declared: Sequence[Declared]) -> tuple[dict[str, Located], list[Diagnostic]]:
    known: dict[str, Located] = {}
    found: list[Diagnostic] = []
    for id in (names.id for names in declared):
        if id is None:
            continue
        first = known.setdefault(id.text, id)
        if first is not id:
            found.append(
                diagnose(
                    "DIA211",
                    id.whole,
                    f"There is another chapter `{id.text}`.",
                    labels=(Label(first.whole, "the first one"),),
                    help="Give each chapter an id of its own, or put their fragments into one file.",
                )
            )
    return known, found


def _type(variable: ParsedVariable) -> VariableType:
    match variable.type.text if variable.type is not None else None:
        case "number":
            return NumberType()
        case "points":
            return PointsType()
        case "flag":
            return FlagType()
        case "one_of":
            return WordType(tuple(value.text for value in variable.values))
        case "text":
            limit = variable.max_length
            return TextType(int(limit.text) if limit is not None else Words().max_length)
        case _:
            return UnknownType()


def _categories(manifest: ParsedManifest) -> Mapping[str, tuple[ItemId, ...]]:
    categories: dict[str, tuple[ItemId, ...]] = {}
    for item in manifest.items:
        if item.category is not None:
            before = categories.get(item.category.text, ())
            categories[item.category.text] = (*before, ItemId(item.id.text))
    return {name: tuple(sorted(items)) for name, items in categories.items()}


def _clashes(manifest: ParsedManifest) -> list[Diagnostic]:
    """Report names that stand for two things: an expression could not say which one it means."""
    found: list[Diagnostic] = []
    known: dict[str, tuple[str, Located]] = {}
    categories = {
        item.category.text: item.category
        for item in reversed(manifest.items)
        if item.category is not None
    }
    named = chain(
        (("a variable", variable.id) for variable in manifest.variables),
        (("an item", item.id) for item in manifest.items),
        (("a condition", condition.id) for condition in manifest.conditions),
        (("a category of items", category) for category in categories.values()),
    )
    for what, id in named:
        before, place = known.setdefault(id.text, (what, id))
        if place is not id:
            found.append(
                diagnose(
                    "DIA213",
                    id.whole,
                    f"`{id.text}` is {what} here, and {before} elsewhere.",
                    labels=(Label(place.whole, f"{before} here"),),
                    help="Rename one of them: requirements ask for both by the name alone.",
                )
            )
    return found


def _choice_keys(
    id: FragmentId, fragment: ParsedFragment, found: list[Diagnostic]
) -> tuple[ChoiceKey, ...]:
    taken: dict[str, ParsedChoice] = {}
    keys: list[ChoiceKey] = []
    for choice in fragment.choices or ():
        name = f"{id}.{choice.id.text}" if choice.id is not None else f"{id}~{_fingerprint(choice)}"
        first = taken.get(name)
        if first is not None and choice.id is not None and first.id is not None:
            found.append(
                diagnose(
                    "DIA212",
                    (choice.included or choice.id).whole,
                    f"Another choice of this fragment has the id `{choice.id.text}`.",
                    labels=(Label((first.included or first.id).whole, "the first one"),),
                    help="Rename one of them: saved games remember choices by their ids.",
                )
            )
        count = 2
        while name in taken:
            name, count = f"{name.split('~~', maxsplit=1)[0]}~~{count}", count + 1
        taken[name] = choice
        keys.append(ChoiceKey(name))
    return tuple(keys)


def _fingerprint(choice: ParsedChoice) -> str:
    """Identify a choice without an id by where it leads and what it says."""
    parts = (choice.to.text if choice.to else "", choice.text.source.text if choice.text else "")
    return sha256("\0".join(parts).encode()).hexdigest()[:8]
