"""What an effect does, and whether it could be done in full.

One function serves choices and `on_enter`. Where points would fall below 0 they stop at 0, and taking what is absent
takes nothing; either is reported, and a choice for which it happens is not available.
"""

from __future__ import annotations

from typing import assert_never

from diana_engine.expressions.evaluate import number
from diana_engine.expressions.terms import (
    AddTo,
    Assign,
    Constant,
    Effect,
    Emit,
    Give,
    GrantVip,
    ItemId,
    SetFlag,
    SetWord,
    StartMission,
    Take,
    Unlock,
    VariableId,
)
from diana_engine.play.missions import begin_mission
from diana_engine.play.walk import Walk
from diana_engine.program.model import Flag, OneOf, Points, Program, WholeNumber, Words

__all__ = ["may_fall_short", "perform"]


def perform(effect: Effect, walk: Walk) -> bool:
    """Do `effect` as far as possible; return false where points or items did not suffice."""
    match effect:
        case AddTo():
            before = walk.values[effect.variable]
            assert isinstance(before, int), f"{effect.variable} holds no number"
            return _set_number(effect.variable, before + number(effect.amount, walk), walk)
        case Assign():
            return _set_number(effect.variable, number(effect.value, walk), walk)
        case SetFlag():
            walk.set_value(effect.variable, effect.value)
            return True
        case SetWord():
            walk.set_value(effect.variable, effect.word)
            return True
        case Give():
            return _give(effect.item, walk)
        case Take():
            return _take(effect.item, walk)
        case StartMission(mission):
            begin_mission(mission, walk)
        case Unlock(achievement):
            walk.unlock(achievement)
        case GrantVip(seconds):
            walk.grant_vip(seconds)
        case Emit(event):
            walk.emit(event)
        case _:
            assert_never(effect)
    return True


def may_fall_short(effect: Effect, program: Program) -> bool:
    """Return false only where `perform` does `effect` in full whatever the player has."""
    match effect:
        case AddTo(amount=Constant(amount)) if amount >= 0:
            return False
        case AddTo() | Assign():
            return isinstance(program.variables[effect.variable], Points)
        case SetFlag() | SetWord() | Give():
            return False
        case StartMission() | Unlock() | GrantVip() | Emit():
            return False
        case Take():
            return True
        case _:
            assert_never(effect)


def _set_number(variable: VariableId, wanted: int, walk: Walk) -> bool:
    match walk.program.variables[variable]:
        case Points() as points:
            walk.set_value(variable, max(0, min(wanted, points.maximum)))
            return wanted >= 0
        case WholeNumber() as whole:
            walk.set_value(variable, max(whole.minimum, min(wanted, whole.maximum)))
            return True
        case Flag() | OneOf() | Words():
            raise TypeError(f"{variable} holds no number")


def _give(item: ItemId, walk: Walk) -> bool:
    held = walk.items.get(item, 0)
    if held < walk.program.items[item].maximum:
        walk.set_item(item, held + 1)
    return True


def _take(item: ItemId, walk: Walk) -> bool:
    held = walk.items.get(item, 0)
    if held:
        walk.set_item(item, held - 1)
    return held > 0
