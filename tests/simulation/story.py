"""The story that simulated players play: points that come and go, luck, a wait, a reminder, a way that only some can go."""

from __future__ import annotations

from diana_engine.expressions.terms import AddTo, Constant, GrantVip, Roll, VariableId
from diana_engine.program.model import Choices, Cost, Points, Program, Remind, Wait
from strategies.builders import choice, ending, fragment, onward, story, words

__all__ = ["GOLD", "market"]

GOLD = VariableId("gold")


def market() -> Program:
    """A market where gold is found, spent and lost, and a seed that takes a minute."""
    find = choice("square.find", "square", effects=(AddTo(GOLD, Constant(2)),))
    lucky = choice("square.lucky", "square", effects=(AddTo(GOLD, Roll(1, 6, "square.lucky")),))
    buy = choice("square.buy", "stall", cost=Cost(GOLD, 3))
    plant = choice("square.plant", "garden", cost=Cost(GOLD, 1), wait=Wait(60))
    pray = choice("square.pray", "square", effects=(GrantVip(90),))
    leave = choice("square.leave", "end", cost=Cost(GOLD, 40))
    square = fragment("square", Choices((find, lucky, buy, plant, pray, leave)))
    stall = fragment("stall", onward("square"), remind=Remind(45, words("The market closes.")))
    garden = fragment("garden", onward("square"), remind=Remind(600, words("It grows.")))
    return story(square, stall, garden, ending(), variables={GOLD: Points(2)})
