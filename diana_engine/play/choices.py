"""Which choices can be taken, and taking one.

A choice is tried by doing it: its cost and then its effects, in written order, on the walk itself. So what is shown
as available and what then happens cannot disagree, draws of chance included.
"""

from __future__ import annotations

from diana_engine.expressions.evaluate import holds
from diana_engine.play.decks import as_choices, dealt
from diana_engine.play.effects import may_fall_short, perform
from diana_engine.play.events import Refusal
from diana_engine.play.walk import Walk
from diana_engine.program.model import Choice, Choices, Cost, Deck

__all__ = ["available", "balance", "choices_at", "refusal", "take"]


def choices_at(walk: Walk) -> tuple[Choice, ...]:
    """Return all choices of the fragment where the player stands: what a deck offers, then as they were written."""
    match walk.program.fragments[walk.fragment].exit:
        case Choices(choices):
            return choices
        case Deck(choices=choices) as deck:
            return as_choices(walk.program, walk.fragment, dealt(walk, deck)) + choices
        case _:
            return ()


def available(walk: Walk) -> tuple[Choice, ...]:
    """Return the choices that can be taken now."""
    return tuple([choice for choice in choices_at(walk) if refusal(choice, walk) is None])


def refusal(choice: Choice, walk: Walk) -> Refusal | None:
    """Return why `choice` cannot be taken now, or `None` when it can; the walk stays as it is."""
    why = _barred(choice, walk)
    if why is None and _needs_trial(choice, walk):
        mark = len(walk.events)
        why = _settle(choice, walk)
        walk.undo(mark)
    return why


def take(choice: Choice, walk: Walk) -> Refusal | None:
    """Take `choice` up to the moment before the player moves; where it is refused, the walk stays as it is."""
    why = _barred(choice, walk)
    if why is not None:
        return why
    mark = len(walk.events)
    walk.choose(choice.key)
    why = _settle(choice, walk)
    if why is not None:
        walk.undo(mark)
        return why
    walk.said, walk.combined = choice.key if choice.say is not None else None, None
    return None


def balance(cost: Cost, walk: Walk) -> int:
    """Return what the player has of the points in which `cost` is paid."""
    points = walk.values[cost.points]
    assert isinstance(points, int), f"{cost.points} holds no points"
    return points


def _barred(choice: Choice, walk: Walk) -> Refusal | None:
    if choice.once and walk.chosen.get(choice.key):
        return "already taken"
    if choice.requires is not None and not holds(choice.requires, walk, walk.program.conditions):
        return "requirement"
    if choice.cost is not None and balance(choice.cost, walk) < choice.cost.amount:
        return "cost"
    return None


def _needs_trial(choice: Choice, walk: Walk) -> bool:
    """Return whether the effects may turn out impossible. Most cannot, and trying is dear when each look does it."""
    for effect in choice.effects:  # noqa: SIM110 - twice as fast as `any`
        if may_fall_short(effect, walk.program):
            return True
    return False


def _settle(choice: Choice, walk: Walk) -> Refusal | None:
    cost = choice.cost
    if cost is not None:
        walk.set_value(cost.points, balance(cost, walk) - cost.amount)
    for effect in choice.effects:
        if not perform(effect, walk):
            return "effects"
    return None
