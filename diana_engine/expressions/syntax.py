"""What a writer wrote in a requirement, an effect or a text: syntax trees with names unresolved.

`start` and `end` are offsets into the text that was parsed, so that a finding can point at the exact token.
"""

from __future__ import annotations

from typing import Literal

from diana_engine.expressions.terms import Comparison, Operator
from diana_engine.expressions.text import Formatting, Order
from diana_engine.records import dataclass

__all__ = [
    "AlternativesSyntax", "AndSyntax", "ArithmeticSyntax", "BetweenSyntax", "BranchSyntax", "CallSyntax", "ChangeSyntax",
    "CompareSyntax", "EffectSyntax", "Expression", "FormatSyntax", "GrantSyntax", "InlineSyntax", "IsSyntax", "LinkSyntax",
    "MissionSyntax", "MoveSyntax", "NameSyntax", "NotSyntax", "NumberSyntax", "OrSyntax", "PlainSyntax", "PrefixSyntax", "QuotedSyntax", "RangeSyntax",
    "ShowSyntax", "TextSyntax", "WhenSyntax", "depth_of",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class NameSyntax:
    """A word, or words joined by dots: ``trust``, ``garden.gate``."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NumberSyntax:
    """A whole number."""

    value: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class QuotedSyntax:
    """A text in quotes."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RangeSyntax:
    """``1 to 6``, an argument of ``roll``."""

    low: Expression
    high: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CallSyntax:
    """A function and what stands in its parentheses: ``visits(gate)``, ``chance(30)``."""

    function: NameSyntax
    argument: Expression | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PrefixSyntax:
    """A word that asks about a name: ``has silver_key``, ``visited gate``, ``achieved curious_soul``."""

    word: Literal["has", "visited", "chose", "achieved", "feels"]
    name: NameSyntax
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MissionSyntax:
    """``mission find_map done``."""

    mission: NameSyntax
    state: NameSyntax
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NotSyntax:
    """``not x``."""

    operand: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AndSyntax:
    """``a and b and c``."""

    operands: tuple[Expression, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OrSyntax:
    """``a or b or c``."""

    operands: tuple[Expression, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CompareSyntax:
    """``a >= b``."""

    operator: Comparison
    left: Expression
    right: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class BetweenSyntax:
    """``trust between -2 and 2``."""

    value: Expression
    low: Expression
    high: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class IsSyntax:
    """``mood is curious``, ``mood is not curious``."""

    left: Expression
    right: Expression
    negated: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ArithmeticSyntax:
    """``a + b``; a leading minus is ``0 - a``."""

    operator: Operator
    left: Expression
    right: Expression
    start: int
    end: int


Expression = (
    NameSyntax | NumberSyntax | QuotedSyntax | RangeSyntax | CallSyntax | PrefixSyntax | MissionSyntax | NotSyntax | AndSyntax
    | OrSyntax | CompareSyntax | BetweenSyntax | IsSyntax | ArithmeticSyntax
)  # fmt: skip


def depth_of(syntax: Expression) -> int:
    """Return how many levels of `not`, `and` and `or` an expression has; the parser bounds it."""
    match syntax:
        case NotSyntax(operand):
            return 1 + depth_of(operand)
        case AndSyntax(operands) | OrSyntax(operands):
            return 1 + max(map(depth_of, operands))
        case _:
            return 1


# Effects ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChangeSyntax:
    """``trust += 1``, ``trust -= 1``, ``mood = hurt``."""

    target: NameSyntax
    operator: Literal["+=", "-=", "="]
    value: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MoveSyntax:
    """A word and whom it moves: ``give silver_key``, ``set betrayed``, ``start find_map``, ``emit bell``."""

    word: Literal["give", "take", "set", "clear", "start", "unlock", "emit"]
    target: NameSyntax
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class GrantSyntax:
    """``grant vip 7d``: what is granted, and for how long."""

    target: NameSyntax
    duration: NameSyntax
    start: int
    end: int


EffectSyntax = ChangeSyntax | MoveSyntax | GrantSyntax


# Texts --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlainSyntax:
    """Characters, escapes already undone."""

    characters: str


@dataclass(frozen=True, slots=True)
class FormatSyntax:
    """Formatted text."""

    formatting: Formatting
    text: TextSyntax


@dataclass(frozen=True, slots=True)
class LinkSyntax:
    """``[text](address)``."""

    address: str
    text: TextSyntax


@dataclass(frozen=True, slots=True)
class ShowSyntax:
    """``{besitos}``."""

    value: Expression | None


@dataclass(frozen=True, slots=True)
class BranchSyntax:
    """A branch of ``{if …}``; `otherwise` is true for ``else``, and then there is no requirement."""

    requirement: Expression | None
    otherwise: bool
    text: TextSyntax


@dataclass(frozen=True, slots=True)
class WhenSyntax:
    """``{if a: x | elif b: y | else: z}``."""

    branches: tuple[BranchSyntax, ...]


@dataclass(frozen=True, slots=True)
class AlternativesSyntax:
    """``{sequence: a | b}`` and its kin."""

    order: Order
    options: tuple[TextSyntax, ...]


InlineSyntax = (
    PlainSyntax | FormatSyntax | LinkSyntax | ShowSyntax | WhenSyntax | AlternativesSyntax
)
TextSyntax = tuple[InlineSyntax, ...]
