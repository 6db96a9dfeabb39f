"""What was found of all of a story, remembered for as long as nothing but prose changes.

Such findings know nothing of prose, so an edit of prose only moves the places that they point at. A story in which one of
those cannot be found again is looked at anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from diana_engine.compiler.memory.moves import Mark, marked, moved
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.records import dataclass
from diana_engine.source import SourceFile, Span

__all__ = ["Overall", "Placed", "placed", "placing"]

_Begins = Sequence[Mapping[str, int]]


@dataclass(slots=True)
class Overall:
    """What was found of all of a story: `undecided` whether something could not be proved, `unproved` why nothing could."""

    found: tuple[Diagnostic, ...]
    undecided: bool = False
    unproved: tuple[str, ...] = ()


@dataclass(slots=True)
class Placed:
    """What was found, in files of these `digests`, and the marks of its places in each file."""

    overall: Overall
    digests: tuple[str, ...]
    marks: tuple[tuple[Mark, ...], ...]


def placing(
    overall: Overall, files: Sequence[SourceFile], begins: _Begins, digests: tuple[str, ...]
) -> Placed | None:
    """Return what was found with marks, or `None` where a place cannot have one."""
    spans: dict[str, list[tuple[int, int]]] = {file.path: [] for file in files}
    for finding in overall.found:
        for span in _spans(finding):
            spans[span.file.path].append((span.start, span.end))
    marks = []
    for file, known in zip(files, begins, strict=True):
        found = marked(file, known, spans[file.path])
        if found is None:
            return None
        marks.append(found)
    return Placed(overall, digests, tuple(marks))


def placed(
    kept: Placed, files: Sequence[SourceFile], begins: _Begins, digests: tuple[str, ...]
) -> Overall | None:
    """Return what was found at the places where they are now, or `None` where one cannot be told."""
    table: dict[str, dict[tuple[int, int], Span]] = {}
    for file, known, marks, before, now in zip(
        files, begins, kept.marks, kept.digests, digests, strict=True
    ):
        if before != now:
            found = moved(file, known, marks)
            if found is None:
                return None
            table[file.path] = dict(found)
    if not table:
        return kept.overall
    return replace(kept.overall, found=tuple(_moved(one, table) for one in kept.overall.found))


def _spans(finding: Diagnostic) -> Iterator[Span]:
    yield finding.primary.span
    yield from (label.span for label in finding.labels)
    if finding.edit is not None:
        yield finding.edit.span
    if finding.witness is not None:
        yield from (step.span for step in finding.witness.steps)


def _moved(finding: Diagnostic, table: Mapping[str, Mapping[tuple[int, int], Span]]) -> Diagnostic:
    if all(span.file.path not in table for span in _spans(finding)):
        return finding

    def new(span: Span) -> Span:
        known = table.get(span.file.path)
        return span if known is None else known[span.start, span.end]

    edit, witness = finding.edit, finding.witness
    if edit is not None:
        edit = replace(edit, span=new(edit.span))
    if witness is not None:
        steps = tuple(replace(step, span=new(step.span)) for step in witness.steps)
        witness = replace(witness, steps=steps)
    labels = tuple(replace(label, span=new(label.span)) for label in finding.labels)
    primary = replace(finding.primary, span=new(finding.primary.span))
    return replace(finding, primary=primary, labels=labels, edit=edit, witness=witness)
