"""From tokens to the syntax tree of an effect."""

from __future__ import annotations

from typing import Literal, cast

from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.parsing.cursor import Cursor, parse_with
from diana_engine.expressions.parsing.later import LATER_EFFECTS, not_yet
from diana_engine.expressions.parsing.requirements import read_expression, read_name
from diana_engine.expressions.syntax import ChangeSyntax, EffectSyntax, MoveSyntax
from diana_engine.source import Located

__all__ = ["parse_effect"]

_HELP = "An effect reads like `trust += 1`, `mood = hurt`, `give silver_key`, `take silver_key`, `set met` or `clear met`."


def parse_effect(source: Located) -> tuple[EffectSyntax | None, list[Diagnostic]]:
    """Parse the whole of `source` as one effect; the tree is `None` where it cannot be read."""
    return parse_with(source, 0, len(source.text), _effect)


def _effect(cursor: Cursor) -> EffectSyntax:
    first = cursor.token
    if not cursor.sees("word"):
        raise cursor.expected("an effect", _HELP)
    follower = cursor.tokens[cursor.index + 1]
    changes = follower.kind == "sign" and follower.text in ("+=", "-=", "=")
    if first.text in LATER_EFFECTS and not changes:
        if not cursor.found:
            cursor.found.append(not_yet(first.text, cursor.span(first)))
        raise cursor.fail("DIA150", "")
    if first.text in ("give", "take", "set", "clear") and not changes:
        return _move(cursor)
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
    what = "the name of an item" if word.text in ("give", "take") else "the name of a flag"
    target = read_name(cursor, what)
    kind = cast(Literal["give", "take", "set", "clear"], word.text)
    return MoveSyntax(kind, target, word.start, target.end)
