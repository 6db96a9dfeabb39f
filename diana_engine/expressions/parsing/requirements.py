"""From tokens to the syntax tree of a requirement or a number.

Loosest to tightest: ``or``, ``and``, ``not``, comparisons, ``+ -``, ``*``. A mistake yields one finding and no tree; the
caller carries on with a hole.
"""

from __future__ import annotations

from typing import cast

from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.parsing.cursor import MAX_DEPTH, Cursor, parse_with
from diana_engine.expressions.syntax import (
    AndSyntax,
    ArithmeticSyntax,
    BetweenSyntax,
    CallSyntax,
    CompareSyntax,
    Expression,
    IsSyntax,
    MissionSyntax,
    NameSyntax,
    NotSyntax,
    NumberSyntax,
    OrSyntax,
    PrefixSyntax,
    QuotedSyntax,
    RangeSyntax,
)
from diana_engine.expressions.terms import Comparison, Operator
from diana_engine.source import Located

__all__ = ["KEYWORDS", "parse_expression", "read_expression", "read_name"]

_HELP = "A requirement reads like `trust >= 2 and has silver_key`, and a number like `3` or `trust + 1`."

KEYWORDS = frozenset(
    {
        "and",
        "or",
        "not",
        "is",
        "has",
        "between",
        "to",
        "visited",
        "chose",
        "give",
        "take",
        "set",
        "clear",
    }
    | {"if", "elif", "else", "sequence", "cycle", "shuffle", "once", "true", "false"}
    | {"vip", "level", "streak", "stage", "achieved", "mission", "feels"}
)
"""Words that have a meaning of their own and so cannot be anybody's name."""


def parse_expression(
    source: Located, start: int = 0, end: int | None = None
) -> tuple[Expression | None, list[Diagnostic]]:
    """Parse ``source.text[start:end]`` as a requirement or a number; the tree is `None` where it cannot be read."""
    return parse_with(source, start, len(source.text) if end is None else end, read_expression)


def read_expression(cursor: Cursor) -> Expression:
    """Read ``a or b or …``."""
    start = cursor.token.start
    operands = [_conjunction(cursor)]
    while cursor.sees("word", "or"):
        cursor.take()
        operands.append(_conjunction(cursor))
    if len(operands) == 1:
        return operands[0]
    return OrSyntax(tuple(operands), start, cursor.passed)


def _conjunction(cursor: Cursor) -> Expression:
    start = cursor.token.start
    operands = [_negation(cursor)]
    while cursor.sees("word", "and"):
        cursor.take()
        operands.append(_negation(cursor))
    if len(operands) == 1:
        return operands[0]
    return AndSyntax(tuple(operands), start, cursor.passed)


def _negation(cursor: Cursor) -> Expression:
    if not cursor.sees("word", "not"):
        return _comparison(cursor)
    start = cursor.take().start
    cursor.descend()
    operand = _negation(cursor)
    cursor.ascend()
    return NotSyntax(operand, start, cursor.passed)


def _comparison(cursor: Cursor) -> Expression:
    start = cursor.token.start
    left = _sum(cursor)
    if cursor.sees("sign", "==", "!=", "<", "<=", ">", ">="):
        operator = cast(Comparison, cursor.take().text)
        right = _sum(cursor)
        return CompareSyntax(operator, left, right, start, cursor.passed)
    if cursor.sees("word", "is"):
        cursor.take()
        negated = cursor.sees("word", "not")
        if negated:
            cursor.take()
        right = _sum(cursor)
        return IsSyntax(left, right, negated, start, cursor.passed)
    if cursor.sees("word", "between"):
        cursor.take()
        low = _sum(cursor)
        if not cursor.sees("word", "and"):
            raise cursor.expected(
                "`and` and a second number", "Write it as `trust between -2 and 2`."
            )
        cursor.take()
        high = _sum(cursor)
        return BetweenSyntax(left, low, high, start, cursor.passed)
    return left


def _sum(cursor: Cursor) -> Expression:
    start = cursor.token.start
    left, length = _product(cursor), 0
    while cursor.sees("sign", "+", "-"):
        operator = cast(Operator, cursor.take().text)
        right = _product(cursor)
        left = ArithmeticSyntax(operator, left, right, start, cursor.passed)
        length += 1
        _check_chain(cursor, length)
    return left


def _product(cursor: Cursor) -> Expression:
    start = cursor.token.start
    left, length = _primary(cursor), 0
    while cursor.sees("sign", "*"):
        cursor.take()
        right = _primary(cursor)
        left = ArithmeticSyntax("*", left, right, start, cursor.passed)
        length += 1
        _check_chain(cursor, length)
    if cursor.sees("sign", "/", "%", "**"):
        raise cursor.fail(
            "DIA110",
            f"`{cursor.token.text}` is not part of the language.",
            "There are only `+`, `-` and `*`.",
        )
    return left


def _check_chain(cursor: Cursor, length: int) -> None:
    # A long sum leans to the left and is as deep as it is long.
    if cursor.depth + length > MAX_DEPTH:
        raise cursor.fail(
            "DIA115", "This sum has too many parts.", "Keep a running total in a variable instead."
        )


def _primary(cursor: Cursor) -> Expression:
    if cursor.sees("sign", "("):
        return _parenthesis(cursor)
    if cursor.sees("sign", "-"):
        start = cursor.take().start
        cursor.descend()
        operand = _primary(cursor)
        cursor.ascend()
        if isinstance(operand, NumberSyntax):
            return NumberSyntax(-operand.value, start, operand.end)
        return ArithmeticSyntax("-", NumberSyntax(0, start, start), operand, start, cursor.passed)
    if cursor.sees("number"):
        token = cursor.take()
        return NumberSyntax(int(token.text), token.start, token.end)
    if cursor.sees("quoted"):
        token = cursor.take()
        return QuotedSyntax(token.text, token.start, token.end)
    if cursor.sees("word"):
        return _word(cursor)
    raise cursor.expected("a name, a number or a word like `has`", _HELP)


def _parenthesis(cursor: Cursor) -> Expression:
    opened = cursor.take()
    cursor.descend()
    inner = read_expression(cursor)
    cursor.ascend()
    _close(cursor, opened.start)
    return inner


def _close(cursor: Cursor, opened: int) -> int:
    if not cursor.sees("sign", ")"):
        if cursor.sees("end"):
            at = next(token for token in cursor.tokens if token.start == opened)
            raise cursor.fail(
                "DIA112",
                "This bracket is opened and never closed.",
                "Add a `)` where it belongs.",
                at,
            )
        raise cursor.expected("a `)`", "Close the bracket after what belongs in it.")
    return cursor.take().end


def _word(cursor: Cursor) -> Expression:
    token = cursor.token
    match token.text:
        case "has" | "visited" | "chose" | "achieved" | "feels":
            cursor.take()
            name = read_name(cursor, f"a name after `{token.text}`")
            return PrefixSyntax(token.text, name, token.start, name.end)
        case "mission":
            return _mission(cursor)
        case (
            "and"
            | "or"
            | "is"
            | "between"
            | "to"
            | "give"
            | "take"
            | "set"
            | "clear"
            | "if"
            | "else"
            | "elif"
        ):
            raise cursor.expected("a name, a number or a word like `has`", _HELP)
        case _:
            pass
    name = read_name(cursor, "a name")
    return _call(cursor, name) if cursor.sees("sign", "(") else name


def _mission(cursor: Cursor) -> Expression:
    start = cursor.take().start
    mission = read_name(cursor, "the id of a mission after `mission`")
    if not cursor.sees("word", "done", "active"):
        help = "Write `mission find_map done`, or `mission find_map active` while it is under way."
        raise cursor.expected("`done` or `active` after the mission", help)
    state = read_name(cursor, "`done` or `active`")
    return MissionSyntax(mission, state, start, state.end)


def read_name(cursor: Cursor, what: str) -> NameSyntax:
    """Read a name; `what` says, after "I expected", what it would be."""
    if not cursor.sees("word"):
        raise cursor.expected(what, "A name has small letters, digits and `_`, as in `silver_key`.")
    token = cursor.take()
    return NameSyntax(token.text, token.start, token.end)


def _call(cursor: Cursor, function: NameSyntax) -> Expression:
    opened = cursor.take().start
    cursor.descend()
    argument = None if cursor.sees("sign", ")") else _argument(cursor)
    cursor.ascend()
    return CallSyntax(function, argument, function.start, _close(cursor, opened))


def _argument(cursor: Cursor) -> Expression:
    low = read_expression(cursor)
    if not cursor.sees("word", "to"):
        return low
    cursor.take()
    high = read_expression(cursor)
    return RangeSyntax(low, high, low.start, high.end)
