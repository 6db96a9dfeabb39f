"""Types of texts: from a syntax tree to a text, with every name resolved."""

from __future__ import annotations

from diana_engine.expressions.checking.context import Checking
from diana_engine.expressions.checking.numbers import check_number
from diana_engine.expressions.checking.requirements import check_requirement
from diana_engine.expressions.syntax import (
    AlternativesSyntax,
    BranchSyntax,
    Expression,
    FormatSyntax,
    InlineSyntax,
    LinkSyntax,
    NameSyntax,
    PlainSyntax,
    ShowSyntax,
    TextSyntax,
    WhenSyntax,
)
from diana_engine.expressions.terms import FragmentId, VariableId, WordOf
from diana_engine.expressions.text import (
    Alternatives,
    Branch,
    Format,
    Inline,
    Link,
    Plain,
    Show,
    Text,
    When,
)
from diana_engine.expressions.types import FlagType, TextType, WordType

__all__ = ["check_text", "words_alone"]


def check_text(syntax: TextSyntax, checking: Checking) -> Text:
    """Return the text that `syntax` states; what was reported is left out."""
    if (words := words_alone(syntax)) is not None:
        return words
    parts = (_inline(part, checking) for part in syntax)
    return tuple(part for part in parts if part is not None)


def words_alone(syntax: TextSyntax) -> Text | None:
    """Return the text that `syntax` states if it is nothing but words, as most are; there is nothing to check in it."""
    if len(syntax) == 1 and isinstance(syntax[0], PlainSyntax):
        return (Plain(syntax[0].characters),)
    return None


def _inline(syntax: InlineSyntax, checking: Checking) -> Inline | None:
    match syntax:
        case PlainSyntax(characters):
            return Plain(characters)
        case FormatSyntax(formatting, text):
            return Format(formatting, check_text(text, checking))
        case LinkSyntax(address, text):
            return Link(address, check_text(text, checking))
        case ShowSyntax(value):
            return None if value is None else _show(value, checking)
        case WhenSyntax(branches):
            kept = tuple(
                branch for part in branches if (branch := _branch(part, checking)) is not None
            )
            return When(kept)
        case AlternativesSyntax(order, options):
            place = checking.draw()
            read = tuple(check_text(option, checking) for option in options)
            return Alternatives(order, read, checking.fragment or FragmentId(""), place)


def _branch(syntax: BranchSyntax, checking: Checking) -> Branch | None:
    text = check_text(syntax.text, checking)
    if syntax.otherwise:
        return Branch(None, text)
    requirement = (
        None if syntax.requirement is None else check_requirement(syntax.requirement, checking)
    )
    return None if requirement is None else Branch(requirement, text)


def _show(value: Expression, checking: Checking) -> Inline | None:
    if isinstance(value, NameSyntax):
        match checking.scope.type_of(value.text):
            case WordType() | TextType():
                return Show(WordOf(VariableId(value.text)))
            case FlagType():
                help = f"Write `{{if {value.text}: … | else: …}}`."
                checking.report(
                    "DIA304", value, f"`{value.text}` is a flag, which has no words to show.", help
                )
                return None
            case _:
                pass
    number = check_number(value, checking)
    return None if number is None else Show(number)
