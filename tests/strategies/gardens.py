"""A small story from whose steps everything follows: entries, timers, entitlements, events."""

from __future__ import annotations

from diana_engine.expressions.terms import AddTo, Constant, GrantVip, VariableId
from diana_engine.program.model import Choices, Cost, Points, Program, Remind, Wait
from strategies.builders import choice, ending, fragment, onward, story, words

__all__ = ["DAY", "GOLD", "garden"]

GOLD = VariableId("gold")
DAY = 86_400


def garden() -> Program:
    """A seed that costs 3 of 5 gold and takes a day, and a gift."""
    plant = choice("hall.plant", "sprout", cost=Cost(GOLD, 3), wait=Wait(DAY))
    gift = choice("hall.gift", "hall", effects=(AddTo(GOLD, Constant(4)), GrantVip(60)))
    dear = choice("hall.dear", "end", cost=Cost(GOLD, 99))
    hall = fragment("hall", Choices((plant, gift, dear)), remind=Remind(7, words("Plant it.")))
    return story(hall, fragment("sprout", onward("end")), ending(), variables={GOLD: Points(5)})
