"""Types of numbers: from a syntax tree to a term, with every name resolved."""

from __future__ import annotations

from diana_engine.diagnostics.suggest import closest
from diana_engine.expressions.checking.context import Checking, named_type, wrong_kind
from diana_engine.expressions.syntax import (
    ArithmeticSyntax,
    CallSyntax,
    Expression,
    NameSyntax,
    NumberSyntax,
    QuotedSyntax,
    RangeSyntax,
)
from diana_engine.expressions.terms import (
    Arithmetic,
    Constant,
    Count,
    HoursSince,
    ItemId,
    Number,
    NumberOf,
    Roll,
    StreakDays,
    VariableId,
    Visits,
)
from diana_engine.expressions.types import (
    FlagType,
    NumberType,
    PointsType,
    TextType,
    UnknownType,
    WordType,
)

__all__ = ["check_number"]

_SYSTEM_WORDS = frozenset({"level", "streak", "vip", "stage"})
_FUNCTIONS = ("visits", "count", "chance", "roll", "hours_since")
_BY_NAME = "Ask about it by its name alone: `{word}` or `not {word}`."


def check_number(syntax: Expression, checking: Checking, *, rolls: bool = False) -> Number | None:
    """Return the number that `syntax` states, or `None` when something in it was reported.

    `rolls` says whether dice may be thrown here: in effects, where what comes of it is kept.
    """
    match syntax:
        case NumberSyntax(value):
            return Constant(value)
        case NameSyntax():
            return _name(syntax, checking)
        case CallSyntax():
            return _call(syntax, checking, rolls)
        case ArithmeticSyntax(operator, left, right):
            first = check_number(left, checking, rolls=rolls)
            second = check_number(right, checking, rolls=rolls)
            return None if first is None or second is None else Arithmetic(operator, first, second)
        case QuotedSyntax():
            help = "A number stands without quotes."
            checking.report("DIA302", syntax, "This is a text, and I expected a number here.", help)
        case RangeSyntax():
            help = "Write a single number; to ask for a range, `x between 1 and 6`."
            checking.report("DIA302", syntax, "A range can stand in `roll(1 to 6)` only.", help)
        case _:
            checking.report(
                "DIA302",
                syntax,
                f"`{checking.words(syntax)}` is a yes or no, and I expected a number here.",
                "Write digits, a number variable, or `count(…)` or `visits(…)`.",
            )
    return None


def _name(name: NameSyntax, checking: Checking) -> Number | None:
    word = name.text
    match checking.scope.type_of(word):
        case NumberType() | PointsType():
            return NumberOf(VariableId(word))
        case FlagType() | WordType() | TextType() as type_:
            checking.report(
                "DIA302",
                name,
                f"`{word}` is {named_type(type_)}, and I expected a number here.",
                _asked_about(word, type_),
            )
        case UnknownType():
            pass
        case None if checking.scope.is_condition(word):
            checking.report(
                "DIA302",
                name,
                f"`{word}` is a condition, and I expected a number here.",
                _BY_NAME.format(word=word),
            )
        case None if word in _SYSTEM_WORDS:
            return _system(name, checking)
        case None:
            if not wrong_kind(checking, name):
                checking.scope.missing("variable", word, checking.span(name))
    return None


def _system(name: NameSyntax, checking: Checking) -> Number | None:
    """Return the number that a word of the language stands for by itself."""
    word, systems = name.text, checking.scope.systems
    match word:
        case "level" if systems.level is not None:
            return systems.level if systems.level.thresholds else None
        case "streak" if systems.streak:
            return StreakDays()
        case "level" | "streak":
            checking.scope.missing("section", word, checking.span(name))
        case "vip":
            message = "`vip` is a yes or no, and I expected a number here."
            checking.report("DIA302", name, message, _BY_NAME.format(word=word))
        case _:
            help = "Write `stage is …`, with the name of a stage."
            checking.report(
                "DIA302", name, "`stage` is a word, and I expected a number here.", help
            )
    return None


def _asked_about(word: str, type_: FlagType | WordType | TextType) -> str:
    match type_:
        case FlagType():
            return _BY_NAME.format(word=word)
        case WordType((first, *_)):
            return f"Ask about it with `is`, as in `{word} is {first}`."
        case _:
            return f'Ask about it with `is`, as in `{word} is "…"`.'


def _call(syntax: CallSyntax, checking: Checking, rolls: bool) -> Number | None:
    match syntax.function.text:
        case "visits":
            return _of_fragment(Visits, syntax, checking)
        case "hours_since":
            return _of_fragment(HoursSince, syntax, checking)
        case "count":
            return _count(syntax, checking)
        case "roll" if rolls:
            return _roll(syntax, checking)
        case "roll":
            help = "To ask for luck write `chance(30)`; to keep a throw, add it to a variable in an effect first."
            checking.report(
                "DIA308",
                syntax,
                "Dice are thrown in effects, where what comes of it is kept.",
                help,
            )
        case "chance":
            checking.report(
                "DIA302",
                syntax,
                "`chance` is a yes or no, and I expected a number here.",
                "Ask `chance(30)` by itself: it is true in 30 of 100 draws.",
            )
        case unknown:
            known = closest(unknown, _FUNCTIONS)
            help = (
                f"Did you mean `{known}`?"
                if known
                else "There are `visits`, `hours_since`, `count`, `chance` and `roll`."
            )
            checking.report("DIA209", syntax.function, f"There is no function `{unknown}`.", help)
    return None


def _of_fragment(
    made: type[Visits | HoursSince], syntax: CallSyntax, checking: Checking
) -> Number | None:
    name, function = syntax.argument, syntax.function.text
    if not isinstance(name, NameSyntax):
        checking.report(
            "DIA302",
            name or syntax,
            f"`{function}` takes the id of a fragment.",
            f"Write `{function}(garden.gate)`.",
        )
        return None
    fragment = checking.scope.fragment(name.text)
    if fragment is None:
        checking.scope.missing("fragment", name.text, checking.span(name))
        return None
    return made(fragment)


def _count(syntax: CallSyntax, checking: Checking) -> Number | None:
    name, scope = syntax.argument, checking.scope
    if not isinstance(name, NameSyntax):
        help = "Write `count(map_piece) >= 3`."
        checking.report(
            "DIA302", name or syntax, "`count` takes a category of items, or an item.", help
        )
        return None
    items = scope.items_of(name.text)
    if items is not None:
        return Count(items)
    if scope.is_item(name.text):
        return Count((ItemId(name.text),))
    if (type_ := scope.type_of(name.text)) is None:
        scope.missing("category", name.text, checking.span(name))
    elif not isinstance(type_, UnknownType):
        help = "A variable is asked about by its name."
        checking.report(
            "DIA312", name, f"`{name.text}` is {named_type(type_)}, not a category of items.", help
        )
    return None


def _roll(syntax: CallSyntax, checking: Checking) -> Number | None:
    match syntax.argument:
        case RangeSyntax(NumberSyntax(low), NumberSyntax(high)) if low <= high:
            return Roll(low, high, checking.draw())
        case RangeSyntax(NumberSyntax(low), NumberSyntax(high)) as range_:
            help = f"Write `roll({high} to {low})`."
            checking.report("DIA307", range_, "This range ends before it begins.", help)
        case _:
            help = "Write it with two whole numbers, as in `roll(1 to 6)`."
            checking.report("DIA307", syntax.argument or syntax, "`roll` takes a range.", help)
    return None
