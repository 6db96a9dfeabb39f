"""The story that simulated players play: points that come and go, luck, a wait, a reminder, a way that only some can go.

And what becomes of it: versions in other words, under other names, with less in them, and with more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from diana_engine.expressions.terms import AddTo, Constant, FragmentId, GrantVip, Roll, VariableId
from diana_engine.play.carrying import Passage, passage
from diana_engine.program.codec import digest
from diana_engine.program.model import Choices, Cost, Points, Program, Remind, Wait
from diana_engine.program.systems import Growth, Policy
from diana_engine.runtime.replay import Versions
from strategies.builders import choice, ending, fragment, onward, story, words

__all__ = ["GOLD", "Market", "known", "market", "versions"]

GOLD, COINS, HERBS = VariableId("gold"), VariableId("coins"), VariableId("herbs")


@dataclass(frozen=True, slots=True)
class Market:
    """What a version of the story is like; `herbs` says that whoever prays finds some."""

    text: str = "Here."
    gold: VariableId = GOLD
    stall: bool = True
    garden: str = "garden"
    price: int = 3
    wait: int = 60
    herbs: bool = False


def market(how: Market | None = None) -> Program:
    """A market where gold is found, spent and lost, and a seed that takes a minute."""
    how = how or Market()
    gold = how.gold
    blessed = (GrantVip(90), *((AddTo(HERBS, Constant(1)),) if how.herbs else ()))
    find = choice("square.find", "square", effects=(AddTo(gold, Constant(2)),))
    lucky = choice("square.lucky", "square", effects=(AddTo(gold, Roll(1, 6, "square.lucky")),))
    buy = choice("square.buy", "stall" if how.stall else "square", cost=Cost(gold, how.price))
    plant = choice("square.plant", how.garden, cost=Cost(gold, 1), wait=Wait(how.wait))
    pray = choice("square.pray", "square", effects=blessed)
    leave = choice("square.leave", "end", cost=Cost(gold, 40))
    square = fragment("square", Choices((find, lucky, buy, plant, pray, leave)), how.text)
    stall = fragment(
        "stall", onward("square"), how.text, remind=Remind(45, words("The market closes."))
    )
    garden = fragment(
        how.garden, onward("square"), how.text, remind=Remind(600, words("It grows."))
    )
    places = (square, stall, garden) if how.stall else (square, garden)
    herbs = {HERBS: Points(1)} if how.herbs else {}
    return story(*places, ending(), variables={gold: Points(2), **herbs})


@cache
def versions() -> tuple[Program, ...]:
    """Return what may be published, the story as it is at first before all others."""
    square, stall = FragmentId("main.square"), FragmentId("main.stall")
    garden, orchard = FragmentId("main.garden"), FragmentId("main.orchard")
    made = (
        (Market(text="There."), Growth()),
        (Market(garden="orchard"), Growth(fragments={garden: orchard})),
        (Market(stall=False), Growth(removed={stall: square})),
        (Market(gold=COINS), Growth(variables={GOLD: COINS})),
        (Market(herbs=True), Growth()),
        (Market(price=2, wait=20), Growth()),
        (Market(text="Elsewhere.", herbs=True), Growth()),
    )
    later = (
        replace(market(how), version=str(number), growth=growth)
        for number, (how, growth) in enumerate(made, start=2)
    )
    return (market(), *later)


@cache
def known() -> Versions:
    """Return all versions by their digests, with the ways between them."""
    programs: Mapping[str, Program] = {digest(one): one for one in versions()}

    @cache
    def way(old: str, new: str, policy: Policy) -> Passage:
        return passage(programs[old], programs[new], policy)

    return Versions(programs, way)
