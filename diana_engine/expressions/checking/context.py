"""What the checks of expressions share: where they are, what they found, and how they say it."""

from __future__ import annotations

from dataclasses import field

from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.syntax import EffectSyntax, Expression, NameSyntax
from diana_engine.expressions.terms import FragmentId
from diana_engine.expressions.types import (
    FlagType,
    NumberType,
    PointsType,
    Scope,
    TextType,
    WordType,
)
from diana_engine.records import dataclass
from diana_engine.source import Located, Span

__all__ = ["Checking", "named_type", "wrong_kind"]


@dataclass(slots=True)
class Checking:
    """One text of a writer that is being checked.

    `place` names the text within the story; each draw of chance in it gets a number after that name. `fragment` is
    where it stands, or `None` for a named condition. `shown` is true for a text, which may say what no requirement may ask.
    """

    source: Located
    scope: Scope
    place: str
    fragment: FragmentId | None = None
    shown: bool = False
    found: list[Diagnostic] = field(default_factory=list)
    draws: int = 0

    def span(self, syntax: Expression | EffectSyntax | NameSyntax) -> Span:
        """Return where `syntax` stands in its file."""
        return self.source.span(syntax.start, syntax.end)

    def words(self, syntax: Expression | NameSyntax) -> str:
        """Return what the writer wrote there."""
        return self.source.text[syntax.start : syntax.end]

    def report(
        self,
        code: str,
        syntax: Expression | EffectSyntax | NameSyntax,
        message: str,
        help: str | None = None,
    ) -> None:
        """Note a finding at `syntax`."""
        self.found.append(diagnose(code, self.span(syntax), message, help=help))

    def draw(self) -> str:
        """Return the place of the next draw."""
        self.draws += 1
        return f"{self.place}:{self.draws}"


def named_type(type_: NumberType | PointsType | FlagType | WordType | TextType) -> str:
    """Return what to call a type, after "is"."""
    match type_:
        case NumberType():
            return "a number"
        case PointsType():
            return "points"
        case FlagType():
            return "a flag"
        case WordType():
            return "a one_of"
        case TextType():
            return "a text"


def wrong_kind(checking: Checking, name: NameSyntax) -> bool:
    """Report a name that means something, but nothing that can stand by itself in an expression."""
    word = name.text
    if checking.scope.is_item(word):
        checking.report(
            "DIA312",
            name,
            f"`{word}` is an item, and cannot stand here by itself.",
            f"Write `has {word}`.",
        )
    elif checking.scope.items_of(word) is not None:
        help = f"Write `count({word}) >= 1`."
        checking.report(
            "DIA312",
            name,
            f"`{word}` is a category of items, and cannot stand here by itself.",
            help,
        )
    elif checking.scope.fragment(word) is not None:
        help = f"Write `visited {word}` or `visits({word}) >= 1`."
        checking.report(
            "DIA312", name, f"`{word}` is a fragment, and cannot stand here by itself.", help
        )
    else:
        return False
    return True
