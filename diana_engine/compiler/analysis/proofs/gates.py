"""Gates that keep nobody out: whoever comes to the fragment meets what it asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diana_engine.compiler.analysis.proofs.causes import Causes
from diana_engine.compiler.analysis.states.reductions.cuts import Slot, read_by
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import All, FragmentId, Requirement
from diana_engine.program.exits import branches_of, choices_of
from diana_engine.program.model import Branch, Choice

__all__ = ["keeping_nobody_out"]


def keeping_nobody_out(causes: Causes, unchanged: frozenset[Slot]) -> Iterator[Diagnostic]:
    """Yield a note for each gate at which players come in and nobody is turned away.

    A gate that asks what a choice which leads to it asks too is there to keep what the choice promises.
    Where it asks for what is `unchanged` only because something is in no play, that is what is told.
    """
    needless = [
        id
        for id, found in causes.report.gates.items()
        if found == "none" and causes.report.fragments[id].reachable == "yes"
    ]
    asked = _asked_before(causes, frozenset(needless))
    for id in needless:
        yield from _needless(causes, id, unchanged, asked.get(id, ()))


def _needless(
    causes: Causes,
    id: FragmentId,
    unchanged: frozenset[Slot],
    before: Sequence[frozenset[Requirement]],
) -> Iterator[Diagnostic]:
    places = causes.places
    gate = places.program.fragments[id].gate
    assert gate is not None, "the report tells of gates only"
    if unchanged.intersection(read_by(gate.requires, places.program.conditions)):
        return
    asked, written = places.gate(id), places.story.places[id]
    if causes.told.explains(asked) or any(map(frozenset(_parts(gate.requires)).issubset, before)):
        return
    barred = asked.span if asked is not None else None
    words = f"`{asked.words}`" if asked is not None else ""
    if written.access is not None:
        barred = barred or written.access.whole
        words = f"that players are VIP, and {words}" if words else "that players are VIP"
    if barred is None:
        return
    labels: tuple[Label, ...] = ()
    if written.otherwise is not None:
        labels = (Label(written.otherwise.whole, "so nobody is sent here from it"),)
    yield diagnose(
        "DIA509",
        barred,
        f"`{id}` asks {words}, and everybody who comes to it meets that: it turns nobody away.",
        labels=labels,
        help="Leave it out, with `otherwise:`; or ask for something that not everybody has who comes here.",
    )


def _asked_before(
    causes: Causes, ids: frozenset[FragmentId]
) -> dict[FragmentId, list[frozenset[Requirement]]]:
    """Return what choices and branches ask that lead to the fragments."""
    found: dict[FragmentId, list[frozenset[Requirement]]] = {}
    if not ids:
        return found
    for fragment in causes.places.program.fragments.values():
        ways: list[Choice | Branch] = [*choices_of(fragment.exit), *branches_of(fragment.exit)]
        for way in ways:
            if way.to in ids and way.requires is not None:
                found.setdefault(way.to, []).append(frozenset(_parts(way.requires)))
    return found


def _parts(requirement: Requirement) -> Iterator[Requirement]:
    """Yield what must hold all together."""
    if isinstance(requirement, All):
        for part in requirement.requirements:
            yield from _parts(part)
    else:
        yield requirement
