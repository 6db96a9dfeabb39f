"""When a storylet may be dealt, and when it is whatever is drawn, as guards over what fits.

A storylet that fits may be drawn as long as fewer than `show` come before it by priority. It is dealt for sure as long as
all that come before it and all that are drawn beside it leave room for it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diana_engine.compiler.analysis.states.graph.draws import Luck
from diana_engine.compiler.analysis.states.graph.guards import Guards
from diana_engine.compiler.analysis.states.graph.model import ALWAYS, NEVER, Guard
from diana_engine.compiler.analysis.states.lowering.parts import Parts
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Deck, Storylet

__all__ = ["Offers", "chances"]


@dataclass(frozen=True, slots=True)
class Offers:
    """What a deck may offer: the storylets, and for each way in which their draws come out the guards that they fit."""

    storylets: tuple[Storylet, ...]
    fits: tuple[tuple[Luck, list[Guard]], ...]

    @classmethod
    def of(cls, parts: Parts, place: int, deck: Deck) -> Offers | None:
        """Return what the deck at a place may offer, or nothing where that cannot be followed."""
        storylets = [_storylet(parts, id) for id in deck.storylets]
        draws = parts.lucks.of(*[one.requires for one in storylets]) | parts.kept_at(place)
        found = []
        for luck in parts.lucks.ways(draws) or []:
            fits = [_fits(parts, id, luck) for id in deck.storylets]
            known = [fit for fit in fits if fit is not None]
            if len(known) < len(fits):
                return None
            found.append((luck, known))
        return cls(tuple(storylets), tuple(found)) if found else None


def _storylet(parts: Parts, id: FragmentId) -> Storylet:
    storylet = parts.program.fragments[id].storylet
    assert storylet is not None, f"{id} is no storylet"
    return storylet


def _fits(parts: Parts, id: FragmentId, luck: Luck) -> Guard | None:
    """Return the guard that decks may offer the storylet, or nothing where it is opaque."""
    storylet = _storylet(parts, id)
    new: Guard = ALWAYS
    if storylet.once:
        new = parts.guards.below(parts.slots.number["visits", id], 1)
    asked = ALWAYS if storylet.requires is None else parts.guard(storylet.requires, luck)
    return None if asked is None else parts.guards.both(new, asked)


def chances(
    guards: Guards, fits: Sequence[Guard], priorities: Sequence[int], show: int
) -> list[tuple[Guard, Guard]]:
    """Return for each storylet who may be dealt it, and who surely is; `fits` and `priorities` are theirs, in order."""
    found: list[tuple[Guard, Guard]] = []
    for index, (fit, priority) in enumerate(zip(fits, priorities, strict=True)):
        others = [n for n in range(len(fits)) if n != index]
        before = [fits[n] for n in others if priorities[n] > priority]
        beside = [fits[n] for n in others if priorities[n] >= priority]
        found.append(
            (
                guards.both(fit, _at_most(guards, before, show - 1)),
                guards.both(fit, _at_most(guards, beside, show - 1)),
            )
        )
    return found


def _at_most(guards: Guards, parts: Sequence[Guard], most: int) -> Guard:
    """Return the guard that no more than `most` of `parts` hold, built from the last part backwards."""
    left: list[Guard] = [ALWAYS] * (most + 1)
    for part in reversed(parts):
        against = guards.negated(part)
        left = [
            guards.either(
                guards.both(part, left[room - 1] if room else NEVER),
                guards.both(against, left[room]),
            )
            for room in range(most + 1)
        ]
    return left[most]
