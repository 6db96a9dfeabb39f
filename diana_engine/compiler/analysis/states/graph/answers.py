"""What a player's answer can come to, as far as a model tells answers apart."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.states.graph.model import Variable
from diana_engine.expressions.terms import VariableId
from diana_engine.play.answers import read_answer
from diana_engine.program.model import OneOf, Program, WholeNumber
from diana_engine.program.model import Variable as Declared

__all__ = ["answers", "possible_answers"]

_MOST = 256
"""How many answers are gone through one by one."""
_OTHERS = "abcdefghijklmnopqrstuvwxyz"


def answers(variable: Variable, program: Program) -> list[int] | None:
    """Return the values that an answer can give `variable`, or nothing where they are too many."""
    if not variable.words and variable.high - variable.low >= _MOST:
        return None
    declared = program.variables[VariableId(variable.slot[1])]
    return [
        value
        for value in range(variable.low, variable.high + 1)
        if _typed(variable, value, declared) is not None
    ]


def possible_answers(variable: Variable | None, declared: Declared) -> Iterator[str]:
    """Yield answers to a question for a variable of a program that a model, where it has a variable for it, tells apart."""
    if variable is None:
        tried = [*declared.values] if isinstance(declared, OneOf) else ["a"]
        if isinstance(declared, WholeNumber):
            tried = [str(declared.minimum), str(declared.maximum)]
        yield from [word for word in tried if read_answer(declared, word) is not None][:1]
        return
    values = range(variable.low, variable.high + 1)
    if not variable.words and len(values) > _MOST:
        values = range(max(variable.low, -_MOST), min(variable.high, _MOST) + 1)
    for value in values:
        if (answer := _typed(variable, value, declared)) is not None:
            yield answer


def _typed(variable: Variable, value: int, declared: Declared) -> str | None:
    """Return what a player types for `variable` to come to `value`, or nothing where no answer does that."""
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
