"""What follows from what: where something is never set because nobody comes to where it is set, that is the finding.

Each loss reads what its requirements ask for, and takes with it what would be changed in what is lost. One that reads
what another takes may only follow from it, and is told once the other is mended; those that hang together in a ring are
all told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from diana_engine.compiler.analysis.proofs.causes import Cause
from diana_engine.compiler.analysis.proofs.places import Places
from diana_engine.compiler.analysis.states.reductions.cuts import Slot, read_by
from diana_engine.compiler.analysis.ways import components
from diana_engine.expressions.terms import (
    AddTo,
    Assign,
    Effect,
    FragmentId,
    Give,
    SetFlag,
    SetWord,
    Take,
)
from diana_engine.program.exits import ask_of, choices_of
from diana_engine.program.model import Choice

__all__ = ["Loss", "first_of", "loss_of"]


@dataclass(frozen=True, slots=True)
class Loss:
    """What is asked in vain, and what is not changed because of that."""

    reads: frozenset[Slot] = field(default_factory=frozenset)
    takes: frozenset[Slot] = field(default_factory=frozenset)


def loss_of(places: Places, causes: Iterable[Cause], lost: Iterable[FragmentId]) -> Loss:
    """Return the loss of fragments, and of the choices that are never open, for these causes."""
    reads: set[Slot] = set()
    takes: set[Slot] = set()
    for cause in causes:
        if cause.asked is not None:
            reads.update(read_by(cause.asked.term, places.program.conditions))
        found = places.choice(cause.way) if cause.way is not None else None
        if found is not None:
            _taken(found[0], takes)
    for id in lost:
        fragment = places.program.fragments[id]
        takes.add(("visits", id))
        _changed(fragment.on_enter, takes)
        ask = ask_of(fragment.exit)
        takes.update([("value", ask.into)] if ask is not None else [])
        for choice in choices_of(fragment.exit):
            _taken(choice, takes)
    return Loss(frozenset(reads), frozenset(takes))


def _taken(choice: Choice, takes: set[Slot]) -> None:
    takes.add(("chosen", choice.key))
    if choice.cost is not None:
        takes.add(("value", choice.cost.points))
    _changed(choice.effects, takes)


def _changed(effects: Iterable[Effect], takes: set[Slot]) -> None:
    for effect in effects:
        match effect:
            case AddTo(variable) | Assign(variable) | SetFlag(variable) | SetWord(variable):
                takes.add(("value", variable))
            case Give(item) | Take(item):
                takes.add(("item", item))
            case _:
                pass


def first_of(losses: Sequence[Loss]) -> set[int]:
    """Return the numbers of the losses that follow from no other, or only from those that follow from them too."""
    readers: dict[Slot, list[int]] = {}
    for number, one in enumerate(losses):
        for slot in one.reads:
            readers.setdefault(slot, []).append(number)
    after = {
        number: {reader for slot in one.takes for reader in readers.get(slot, ())}
        for number, one in enumerate(losses)
    }
    groups = list(components(range(len(losses)), after))
    home = {number: index for index, group in enumerate(groups) for number in group}
    follow = {home[to] for number, tos in after.items() for to in tos if home[to] != home[number]}
    return {number for number in home if home[number] not in follow}
