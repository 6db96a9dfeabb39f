"""Findings that a writer does not want to be told of one place: `ignore:` on a fragment or a choice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from diana_engine.compiler.syntax.story import ParsedChapter, ParsedIgnore, ParsedManifest
from diana_engine.compiler.wishes.levels import check_code
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose

__all__ = ["check_ignored", "ignored", "ignored_in_manifest", "without_ignored"]


def ignored_in_manifest(manifest: ParsedManifest) -> Iterator[ParsedIgnore]:
    """Yield every `ignore:` of shared choices, in writing order."""
    for shared in manifest.shared:
        for choice in shared.choices:
            yield from choice.ignore


def ignored(chapter: ParsedChapter) -> Iterator[ParsedIgnore]:
    """Yield every `ignore:` of a chapter, in writing order; that of a choice before that of its fragment."""
    for fragment in chapter.fragments:
        for choice in fragment.choices or ():
            if choice.included is None:
                yield from choice.ignore
        yield from fragment.ignore


def check_ignored(every: Sequence[ParsedIgnore]) -> list[Diagnostic]:
    """Return what is wrong with the codes that are to be ignored."""
    wrong = map(_wrong, every)
    return [one for one in wrong if one is not None]


def _wrong(one: ParsedIgnore) -> Diagnostic | None:
    return check_code(one.code, one.code, lowered=True)


def without_ignored(
    every: Sequence[ParsedIgnore], found: list[Diagnostic], *, complete: bool
) -> list[Diagnostic]:
    """Return the findings that are not ignored, and a warning for what there was nothing to ignore of.

    Errors are never ignored. Where the story was not looked at to the end (`complete` is false), nothing is needless.
    """
    by_code: defaultdict[str, list[ParsedIgnore]] = defaultdict(list)
    for one in every:
        by_code[one.code.text].append(one)
    used: set[int] = set()
    left: list[Diagnostic] = []
    for finding in found:
        cover = next((one for one in by_code[finding.code] if _covers(one, finding)), None)
        if cover is None or finding.severity == "error":
            left.append(finding)
        else:
            used.add(id(cover))
    idle = [one for one in every if complete and id(one) not in used and _wrong(one) is None]
    return left + [_needless(one) for one in idle]


def _covers(one: ParsedIgnore, finding: Diagnostic) -> bool:
    span = finding.primary.span
    return span.file is one.code.file and one.start <= span.start < one.end


def _needless(one: ParsedIgnore) -> Diagnostic:
    return diagnose(
        "DIA126",
        one.code.whole,
        f"There is no `{one.code.text}` here that could be ignored.",
        help="Remove it, so that a later finding is not missed.",
    )
