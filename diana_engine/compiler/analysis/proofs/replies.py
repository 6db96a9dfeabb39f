"""What a player may answer, as far as a story tells answers apart."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.uses import Uses
from diana_engine.expressions.terms import VariableId
from diana_engine.play.answers import read_answer
from diana_engine.program.model import OneOf, Program, WholeNumber, Words

__all__ = ["possible", "uses_of_program"]

_MOST = 256
"""How many numbers are tried as an answer."""


def possible(program: Program, variable: VariableId) -> tuple[str, ...]:
    """Return answers that give `variable` each value that makes a difference, as far as they can be tried."""
    declared = program.variables[variable]
    tried = dict.fromkeys(_tried(program, variable))
    return tuple(one for one in tried if read_answer(declared, one) is not None)


def _tried(program: Program, variable: VariableId) -> Iterator[str]:
    match program.variables[variable]:
        case OneOf(values):
            yield from values
        case WholeNumber(_, low, high):
            yield from map(str, range(low, min(high, low + _MOST) + 1))
            yield str(high)
        case Words():
            # Words that nothing compares are all alike.
            compared = sorted(
                word for one, word in uses_of_program(program).words_asked if one == variable
            )
            yield from compared
            yield from (one for one in ("Ana", "Bea", "Caro", "x") if one not in compared)
        case _:
            pass


def uses_of_program(program: Program) -> Uses:
    """Return the names that a program reads and writes."""
    uses = Uses()
    for condition in program.conditions.values():
        uses.requirement(condition)
    for fragment in program.fragments.values():
        uses.fragment(fragment)
    return uses
