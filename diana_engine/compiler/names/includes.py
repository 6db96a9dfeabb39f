"""Shared choices: each ``include:`` of a fragment gives way to the choices that it names.

From here on an included choice is a choice of its fragment like any other, with an identity of its own in saved games.
What is wrong with its words is wrong wherever it is included, and is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from diana_engine.compiler.syntax.story import (
    ParsedChapter,
    ParsedChoice,
    ParsedFragment,
    ParsedInclude,
    ParsedManifest,
    ParsedShared,
)
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose

__all__ = ["MAX_CHOICES", "include_choices", "told_once"]

MAX_CHOICES = 1_000
"""How many choices a fragment can have, as `schema/` says for those that stand in it; `analysis.buttons` counts what is shown."""


def include_choices(
    chapter: ParsedChapter, manifest: ParsedManifest
) -> tuple[ParsedChapter, list[Diagnostic]]:
    """Return a chapter with all choices in place. Where a name means nothing, what is there may not be all."""
    if not any(one.includes for one in chapter.fragments):
        return chapter, []
    shared = {one.id.text: one for one in manifest.shared}
    found: list[Diagnostic] = []
    return _chapter(chapter, shared, found), found


def _chapter(
    chapter: ParsedChapter, shared: Mapping[str, ParsedShared], found: list[Diagnostic]
) -> ParsedChapter:
    fragments = (
        _fragment(one, shared, found) if one.includes else one for one in chapter.fragments
    )
    return replace(chapter, fragments=tuple(fragments))


def _fragment(
    fragment: ParsedFragment, shared: Mapping[str, ParsedShared], found: list[Diagnostic]
) -> ParsedFragment:
    choices: list[ParsedChoice] = []
    own, done = fragment.choices or (), 0
    for include in fragment.includes:
        choices += own[done : include.before]
        done = include.before
        choices += _included(include, shared.get(include.name.text))
    choices += own[done:]
    if len(choices) > MAX_CHOICES:
        found.append(_too_many(fragment, len(choices)))
    known = all(_has_choices(shared.get(include.name.text)) for include in fragment.includes)
    return replace(fragment, choices=tuple(choices), whole=fragment.whole and known)


def _has_choices(shared: ParsedShared | None) -> bool:
    return shared is not None and bool(shared.choices)


def _included(include: ParsedInclude, shared: ParsedShared | None) -> Iterable[ParsedChoice]:
    if shared is None:
        return ()
    return (replace(choice, included=include.name) for choice in shared.choices)


def _too_many(fragment: ParsedFragment, number: int) -> Diagnostic:
    return diagnose(
        "DIA107",
        fragment.includes[-1].name.whole,
        f"With what it includes, `{fragment.id.text}` has {number} choices, and at most {MAX_CHOICES} are allowed.",
    )


def told_once(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return findings without repetition: those in shared choices come up once for each fragment that includes them."""
    once: dict[tuple[tuple[str, int, int], str, str], Diagnostic] = {}
    for finding in found:
        once.setdefault(finding.sort_key, finding)
    return list(once.values())
