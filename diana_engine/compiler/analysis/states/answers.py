"""What a player's answer can come to, as far as a model tells answers apart."""

from __future__ import annotations

from diana_engine.compiler.analysis.states.model import Variable
from diana_engine.expressions.terms import VariableId
from diana_engine.play.answers import read_answer
from diana_engine.program.model import OneOf, Program
from diana_engine.program.model import Variable as Declared

__all__ = ["answers", "typed"]

_MOST = 256
"""How many answers are gone through one by one."""
_OTHERS = "abcdefghijklmnopqrstuvwxyz"


def answers(variable: Variable, program: Program) -> list[int] | None:
    """Return the values that an answer can give `variable`, or nothing where they are too many."""
    if not variable.words and variable.high - variable.low >= _MOST:
        return None
    return [
        value
        for value in range(variable.low, variable.high + 1)
        if typed(variable, value, program) is not None
    ]


def typed(variable: Variable, value: int, program: Program) -> str | None:
    """Return what a player types for `variable` to come to `value`, or nothing where no answer does that."""
    declared = program.variables[VariableId(variable.slot[1])]
    if not variable.words:
        return str(value) if read_answer(declared, str(value)) == value else None
    words = [word for word, index in variable.words.items() if index == value]
    if value == 0:
        words = _unnamed(variable, declared)
    return next((word for word in words if read_answer(declared, word) == word), None)


def _unnamed(variable: Variable, declared: Declared) -> list[str]:
    """Return words that the story never compares."""
    known = declared.values if isinstance(declared, OneOf) else _OTHERS
    return [word for word in known if word not in variable.words]
