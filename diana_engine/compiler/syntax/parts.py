"""The parts of which whatever a writer wrote is made: parsed expressions and texts, and prices."""

from __future__ import annotations

from typing import Generic, TypeVar

from diana_engine.expressions.syntax import EffectSyntax, Expression, TextSyntax
from diana_engine.records import dataclass
from diana_engine.source import Located

__all__ = ["Parsed", "ParsedCost", "ParsedEffect", "ParsedRequirement", "ParsedText"]

_Syntax = TypeVar("_Syntax")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[_Syntax]):
    """A text in the file and the tree it was parsed to; no tree where the text could not be parsed."""

    source: Located
    syntax: _Syntax | None


ParsedRequirement = tuple[Parsed[Expression], ...]
"""All of them must be met."""
ParsedEffect = Parsed[EffectSyntax]
ParsedText = Parsed[TextSyntax]


@dataclass(frozen=True, slots=True)
class ParsedCost:
    """``5 besitos``: the amount, and the name of the points."""

    source: Located
    amount: int
    points: str
    points_start: int
