"""Names that are used and mean nothing: one finding for each name, with all its uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from diana_engine.compiler.names.symbols import Missing, Symbols
from diana_engine.diagnostics.model import Diagnostic, Edit, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.diagnostics.suggest import Names
from diana_engine.expressions.terms import FragmentId
from diana_engine.expressions.types import NameKind
from diana_engine.source import Span

__all__ = ["report_missing"]

_CODES: dict[NameKind, str] = {
    "fragment": "DIA201",
    "variable": "DIA202",
    "condition": "DIA202",
    "item": "DIA203",
    "category": "DIA204",
    "choice": "DIA205",
    "character": "DIA206",
    "chapter": "DIA207",
    "achievement": "DIA250",
    "mission": "DIA251",
    "stage": "DIA252",
    "feeling": "DIA253",
    "event": "DIA254",
    "section": "DIA255",
    "shared choices": "DIA230",
}
_SECTIONS = {"level": "levels", "streak": "streak", "stage": "relationship"}
"""The words that stand for something only where the manifest has a section, and which."""
_MOST_LABELS = 5
_WORD = re.compile(r"[a-z0-9_]+")
_HIDES: dict[NameKind, tuple[NameKind, ...]] = {
    "fragment": ("fragment", "chapter"),
    "chapter": ("fragment", "chapter"),
    "choice": ("fragment", "choice", "chapter"),
    "variable": ("variable", "condition"),
    "category": ("item", "category"),
    "section": ("section", "stage"),
}


def report_missing(
    symbols: Symbols, unread: Iterable[NameKind], misnamed: Sequence[tuple[NameKind, str]]
) -> list[Diagnostic]:
    """Report each missing name once.

    A name that may stand in a part that could not be read (`unread`), or that was declared in a form that is not
    allowed (`misnamed`), is not reported: the finding about that part explains it.
    """
    hidden = set(unread)
    excused = _excused(list(symbols.missing), misnamed)
    found: list[Diagnostic] = []
    names: dict[NameKind, Names] = {}
    for missing, spans in symbols.missing.items():
        if hidden.intersection(_HIDES.get(missing.kind, (missing.kind,))):
            continue
        if missing in excused or _is_of_unreadable(missing, symbols):
            continue
        if missing.kind not in names:
            names[missing.kind] = Names(_known(missing.kind, symbols))
        found.append(
            _finding(
                missing, sorted(spans, key=lambda span: span.sort_key), names[missing.kind], symbols
            )
        )
    return found


def _excused(missing: Sequence[Missing], misnamed: Sequence[tuple[NameKind, str]]) -> set[Missing]:
    """Return the missing names that misnamed declarations explain: those alike, else one for one."""
    excused: set[Missing] = set()
    for kind in {kind for kind, _ in misnamed}:
        declared = [name for one, name in misnamed if one == kind]
        words = {word for name in declared for word in _WORD.findall(name.casefold())}
        near = Names(declared)
        candidates = [one for one in missing if kind in _HIDES.get(one.kind, (one.kind,))]
        alike = {one for one in candidates if _is_alike(one.name.rpartition(".")[2], words, near)}
        excused |= alike
        if len(candidates) - len(alike) <= len(declared) - len(alike):
            excused.update(candidates)
    return excused


def _is_alike(missing: str, words: set[str], near: Names) -> bool:
    return missing in words or near.closest(missing) is not None


def _is_of_unreadable(missing: Missing, symbols: Symbols) -> bool:
    if missing.kind != "choice":
        return False
    owner = symbols.fragments.get(FragmentId(missing.name.rpartition(".")[0]))
    return owner is not None and not owner.readable


def _known(kind: NameKind, symbols: Symbols) -> list[str]:
    match kind:
        case "fragment":
            return list(symbols.fragments)
        case "variable" | "condition":
            return [*symbols.variables, *symbols.conditions]
        case "item":
            return list(symbols.items)
        case "category":
            return [*symbols.categories, *symbols.items]
        case "choice":
            return list(symbols.choices)
        case "character":
            return list(symbols.characters or ())
        case "chapter":
            return list(symbols.chapters)
        case "achievement":
            return list(symbols.systems.achievements)
        case "mission":
            return list(symbols.systems.missions)
        case "stage":
            return list(symbols.systems.stages)
        case "feeling":
            return sorted(symbols.systems.feelings)
        case "event":
            return sorted({*symbols.events, *symbols.counted})
        case "section":
            return []
        case "shared choices":
            return list(symbols.shared)


def _finding(missing: Missing, spans: list[Span], known: Names, symbols: Symbols) -> Diagnostic:
    first, *others = spans
    labels = tuple(Label(span, "used here too") for span in others[:_MOST_LABELS])
    if len(others) > _MOST_LABELS:
        labels = (
            *labels[:-1],
            Label(labels[-1].span, f"and {len(others) - _MOST_LABELS + 1} more times from here on"),
        )
    near = known.closest(missing.name)
    shown = _as_seen(near, missing.chapter)
    help, edit = _help(missing, symbols), None
    if shown is not None:
        help = f"Did you mean `{shown}`?"
        edit = Edit(first, shown) if missing.kind != "chapter" else None
    return diagnose(
        _CODES[missing.kind], first, _message(missing, symbols), labels=labels, help=help, edit=edit
    )


def _as_seen(near: str | None, chapter: str) -> str | None:
    """Return an id as it is written from inside `chapter`."""
    return near.removeprefix(f"{chapter}.") if near is not None and chapter else near


def _message(missing: Missing, symbols: Symbols) -> str:
    name = missing.name
    match missing.kind:
        case "fragment":
            chapter, _, last = name.partition(".")
            if len(symbols.chapters) > 1 or chapter not in symbols.chapters:
                return f"There is no fragment `{last}` in the chapter `{chapter}`."
            return f"There is no fragment `{last}`."
        case "choice":
            fragment, _, last = name.rpartition(".")
            return f"The fragment `{fragment}` has no choice with the id `{last}`."
        case "variable" | "condition":
            return f"There is no variable or condition `{name}`."
        case "section":
            return f"`{name}` is asked for, and this story has no `{_SECTIONS[name]}:`."
        case "feeling":
            return f"No player ever feels `{name}`."
        case "shared choices":
            return f"There are no shared choices `{name}`."
        case kind:
            return f"There is no {kind} `{name}`."


def _help(missing: Missing, symbols: Symbols) -> str:
    match missing.kind:
        case "fragment":
            if not symbols.fragments:
                return "Fragments stand under `fragments:` in `story.yaml`, or in files under `chapters/`."
            return "Write the fragment, or lead somewhere else; across chapters write `chapter.fragment`."
        case "choice":
            return "Give the choice an `id:` to ask about it."
        case "chapter":
            chapters = ", ".join(f"`{chapter}`" for chapter in list(symbols.chapters)[:8])
            return (
                f"There are {chapters}." if chapters else "Give the file a `chapter:` of that name."
            )
        case "character":
            return "Declare them under `characters:` in `story.yaml`."
        case "shared choices":
            return "Declare them under `choices:` in `story.yaml`."
        case "category":
            return f"Correct the name, or let items name it: `{{name: North half, category: {missing.name}}}`."
        case "item":
            return "Declare it under `items:` in `story.yaml`."
        case "variable" | "condition":
            return "Declare it under `variables:` or `conditions:` in `story.yaml`."
        case "achievement":
            return "Declare it under `achievements:` in `story.yaml`."
        case "mission":
            return "Declare it under `missions:` in `story.yaml`."
        case "stage":
            return f"There are {_listed(symbols.systems.stages)}."
        case "feeling":
            return f"They can feel {_listed(sorted(symbols.systems.feelings))}."
        case "event":
            return "It is declared under `events:`, or an effect says `emit` with its name."
        case "section":
            return f"Write `{_SECTIONS[missing.name]}:` in `story.yaml`, or leave this out."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
