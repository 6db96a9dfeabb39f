"""Which storylets a deck offers.

Of those that fit, the highest in priority come first. Where not all of one priority find room, some of them are drawn,
each as likely as its weight says. A draw depends on the player's seed, the entry and the deck alone: looking again,
or going away from the screen and coming back, never deals anew.
"""

from __future__ import annotations

from itertools import groupby

from diana_engine.expressions.draw import draw
from diana_engine.expressions.evaluate import holds
from diana_engine.expressions.terms import ChoiceKey, FragmentId
from diana_engine.play.walk import Walk
from diana_engine.program.model import Choice, Deck, Fragment, Program, Storylet

__all__ = ["as_choices", "dealt", "is_dealt", "key_of", "nothing_dealt"]


def dealt(walk: Walk, deck: Deck) -> tuple[FragmentId, ...]:
    """Return the storylets that `deck`, where the player stands, offers now."""
    program = walk.program
    fitting = [id for id in deck.storylets if _fits(program.fragments[id], walk)]
    hand: list[FragmentId] = []
    for _, alike in groupby(fitting, lambda id: _storylet(program, id).priority):
        group, room = list(alike), deck.show - len(hand)
        hand += group if len(group) <= room else _drawn(walk, group, room)
    return tuple(hand)


def nothing_dealt(walk: Walk, deck: Deck) -> bool:
    """Return whether `deck` has nothing at all to offer, so that the player goes on to its `otherwise`."""
    return not deck.choices and not dealt(walk, deck)


def as_choices(
    program: Program, place: FragmentId, ids: tuple[FragmentId, ...]
) -> tuple[Choice, ...]:
    """Return storylets as the choices that the deck in the fragment `place` makes of them."""
    return tuple([Choice(key_of(place, id), _storylet(program, id).text, id) for id in ids])


def key_of(place: FragmentId, storylet: FragmentId) -> ChoiceKey:
    """Return the key of a storylet's choice: it begins with the full id of the deck, like those of all choices there."""
    return ChoiceKey(f"{place}.{storylet}")


def is_dealt(choice: Choice) -> bool:
    """Return whether `choice` was made from a storylet: the id of none that was written has a dot in it."""
    return choice.key.count(".") > 2


def _storylet(program: Program, id: FragmentId) -> Storylet:
    storylet = program.fragments[id].storylet
    assert storylet is not None, f"{id} is no storylet"
    return storylet


def _fits(fragment: Fragment, walk: Walk) -> bool:
    storylet = fragment.storylet
    assert storylet is not None, f"{fragment.id} is no storylet"
    if storylet.once and walk.visits.get(fragment.id):
        return False
    return storylet.requires is None or holds(storylet.requires, walk, walk.program.conditions)


def _drawn(walk: Walk, group: list[FragmentId], room: int) -> list[FragmentId]:
    """Return `room` of `group`, without replacement, in the order of writing."""
    waiting = [(id, _storylet(walk.program, id).weight) for id in group]
    hand: set[FragmentId] = set()
    for number in range(1, room + 1):
        total = sum(weight for _, weight in waiting)
        point = draw(walk.seed, walk.entry, f"{walk.fragment}.deck:{number}", total)
        index = 0
        while point >= waiting[index][1]:
            point -= waiting[index][1]
            index += 1
        hand.add(waiting.pop(index)[0])
    return [id for id in group if id in hand]
