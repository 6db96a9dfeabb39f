"""Words that a one_of or a text is compared with or set to."""

from __future__ import annotations

from diana_engine.diagnostics.model import Edit
from diana_engine.diagnostics.registry import diagnose
from diana_engine.diagnostics.suggest import closest
from diana_engine.expressions.checking.context import Checking
from diana_engine.expressions.syntax import Expression, NameSyntax, NumberSyntax, QuotedSyntax
from diana_engine.expressions.types import TextType, WordType

__all__ = ["check_word"]


def check_word(
    variable: str, type_: WordType | TextType, syntax: Expression, checking: Checking
) -> str | None:
    """Return the word that `syntax` is, if `variable` can have it; else report and return `None`."""
    match type_, syntax:
        case TextType(), QuotedSyntax(value):
            return value
        case TextType(), _:
            words = checking.words(syntax)
            help = f'Write it in quotes: `"{words}"`.'
            checking.report(
                "DIA303", syntax, f"`{variable}` is a text, and a text stands in quotes.", help
            )
        case WordType(values), NameSyntax() | QuotedSyntax() | NumberSyntax():
            word = syntax.value if isinstance(syntax, QuotedSyntax) else checking.words(syntax)
            if word in values:
                return word
            _not_a_value(variable, values, word, syntax, checking)
        case WordType(values), _:
            help = f"`{variable}` can be {', '.join(f'`{value}`' for value in values)}."
            checking.report("DIA303", syntax, f"This is no value of `{variable}`.", help)
    return None


def _not_a_value(
    variable: str, values: tuple[str, ...], word: str, syntax: Expression, checking: Checking
) -> None:
    if not values:
        return  # Its declaration was reported.
    near = closest(word, values)
    known = f"`{variable}` can be {', '.join(f'`{value}`' for value in values)}."
    checking.found.append(
        diagnose(
            "DIA303",
            checking.span(syntax),
            f"`{variable}` is never `{word}`.",
            help=f"Did you mean `{near}`? {known}" if near else known,
            edit=Edit(checking.span(syntax), near) if near else None,
        )
    )
