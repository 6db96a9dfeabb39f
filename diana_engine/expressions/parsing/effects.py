"""From tokens to the syntax tree of an effect."""

from __future__ import annotations

from typing import Literal, cast

from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.parsing.cursor import Cursor, parse_with
from diana_engine.expressions.parsing.requirements import read_expression, read_name
from diana_engine.expressions.syntax import (
    ChangeSyntax,
    EffectSyntax,
    GrantSyntax,
    MoveSyntax,
    NameSyntax,
)
from diana_engine.source import Located

__all__ = ["parse_effect"]

_HELP = "An effect reads like `trust += 1`, `mood = hurt`, `give silver_key`, `take silver_key`, `set met` or `clear met`."
_MOVED = {
    "give": "the name of an item", "take": "the name of an item", "set": "the name of a flag", "clear": "the name of a flag",
    "start": "the id of a mission", "unlock": "the id of an achievement", "emit": "the name of an event",
}  # fmt: skip
"""The words that move something, and what stands after each."""


def parse_effect(source: Located) -> tuple[EffectSyntax | None, list[Diagnostic]]:
    """Parse the whole of `source` as one effect; the tree is `None` where it cannot be read."""
    return parse_with(source, 0, len(source.text), _effect)


def _effect(cursor: Cursor) -> EffectSyntax:
    first = cursor.token
    if not cursor.sees("word"):
        raise cursor.expected("an effect", _HELP)
    follower = cursor.tokens[cursor.index + 1]
    changes = follower.kind == "sign" and follower.text in ("+=", "-=", "=")
    if first.text in _MOVED and not changes:
        return _move(cursor)
    if first.text == "grant" and not changes:
        return _grant(cursor)
    target = read_name(cursor, "an effect")
    if cursor.sees("sign", "+=", "-=", "="):
        operator = cast(Literal["+=", "-=", "="], cursor.take().text)
        value = read_expression(cursor)
        return ChangeSyntax(target, operator, value, target.start, value.end)
    if cursor.sees("sign", "==", ">=", "<=", ">", "<", "!=") or cursor.sees("word", "is"):
        raise cursor.fail(
            "DIA117",
            f"`{cursor.token.text}` compares; an effect has to change something.",
            "To change a value write `=`, `+=` or `-=`; to ask about it, write it under `requires:`.",
        )
    raise cursor.expected("`=`, `+=` or `-=`", _HELP)


def _move(cursor: Cursor) -> EffectSyntax:
    word = cursor.take()
    target = read_name(cursor, _MOVED[word.text])
    kind = cast(Literal["give", "take", "set", "clear", "start", "unlock", "emit"], word.text)
    return MoveSyntax(kind, target, word.start, target.end)


def _grant(cursor: Cursor) -> EffectSyntax:
    word = cursor.take()
    help = "Write `grant vip 7d`."
    if not cursor.sees("word", "vip"):
        raise cursor.expected("`vip` after `grant`", help)
    target = read_name(cursor, "`vip`")
    if not cursor.sees("word") and not cursor.sees("number"):
        raise cursor.expected("how long, like `7d`", help)
    length = cursor.take()
    duration = NameSyntax(length.text, length.start, length.end)
    return GrantSyntax(target, duration, word.start, length.end)
