"""Types of requirements: from a syntax tree to a term, with every name resolved."""

from __future__ import annotations

from diana_engine.expressions.checking.context import Checking, named_type, wrong_kind
from diana_engine.expressions.checking.numbers import check_number
from diana_engine.expressions.checking.words import check_word
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
from diana_engine.expressions.terms import (
    Achieved,
    AchievementId,
    All,
    Any,
    Between,
    Chance,
    Chose,
    Compare,
    ConditionId,
    Feels,
    FlagIs,
    Has,
    Holds,
    IsVip,
    ItemId,
    MissionId,
    MissionIs,
    Not,
    Requirement,
    VariableId,
    Visited,
    WordIs,
)
from diana_engine.expressions.types import (
    FlagType,
    NameKind,
    NumberType,
    PointsType,
    TextType,
    UnknownType,
    WordType,
)

__all__ = ["check_requirement"]


def check_requirement(syntax: Expression, checking: Checking) -> Requirement | None:
    """Return the requirement that `syntax` states, or `None` when something in it was reported."""
    match syntax:
        case NameSyntax():
            return _name(syntax, checking)
        case PrefixSyntax():
            return _prefix(syntax, checking)
        case MissionSyntax():
            return _mission(syntax, checking)
        case NotSyntax(operand):
            inner = check_requirement(operand, checking)
            return None if inner is None else Not(inner)
        case AndSyntax(operands):
            parts = _all(operands, checking)
            return None if parts is None else All(parts)
        case OrSyntax(operands):
            parts = _all(operands, checking)
            return None if parts is None else Any(parts)
        case CompareSyntax():
            return _compare(syntax, checking)
        case BetweenSyntax(value, low, high):
            numbers = [check_number(part, checking) for part in (value, low, high)]
            if numbers[0] is None or numbers[1] is None or numbers[2] is None:
                return None
            return Between(numbers[0], numbers[1], numbers[2])
        case IsSyntax():
            return _is(syntax, checking)
        case CallSyntax():
            return _call(syntax, checking)
        case NumberSyntax() | ArithmeticSyntax():
            _number_alone(syntax, checking)
        case QuotedSyntax():
            help = 'Compare it with a variable: `name is "Ana"`.'
            checking.report(
                "DIA301", syntax, "This is a text, and a requirement is a yes or no.", help
            )
        case RangeSyntax():
            checking.report(
                "DIA301",
                syntax,
                "A range can stand in `roll(1 to 6)` only.",
                "Write `x between 1 and 6`.",
            )
    return None


def _all(operands: tuple[Expression, ...], checking: Checking) -> tuple[Requirement, ...] | None:
    parts = [check_requirement(operand, checking) for operand in operands]
    whole = tuple(part for part in parts if part is not None)
    return whole if len(whole) == len(parts) else None


def _name(name: NameSyntax, checking: Checking) -> Requirement | None:
    word = name.text
    match checking.scope.type_of(word):
        case FlagType():
            return FlagIs(VariableId(word))
        case NumberType() | PointsType():
            _number_alone(name, checking)
        case WordType(values):
            help = f"Write `{word} is {values[0]}`." if values else None
            checking.report(
                "DIA301",
                name,
                f"`{word}` is one of some words, and a requirement is a yes or no.",
                help,
            )
        case TextType():
            help = f'Write `{word} is "…"`.'
            checking.report(
                "DIA301", name, f"`{word}` is a text, and a requirement is a yes or no.", help
            )
        case UnknownType():
            pass
        case None if checking.scope.is_condition(word):
            return Holds(ConditionId(word))
        case None if word == "vip":
            return IsVip()
        case None if word == "stage":
            help = "Write `stage is …`, with the name of a stage."
            checking.report("DIA301", name, "`stage` is a word, not a yes or no.", help)
        case None if word in ("level", "streak"):
            if check_number(name, checking) is not None:
                _number_alone(name, checking)
        case None:
            if not wrong_kind(checking, name):
                checking.scope.missing("variable", word, checking.span(name))
    return None


def _number_alone(syntax: Expression, checking: Checking) -> None:
    words = checking.words(syntax)
    help = f"Compare it: `{words} >= 1`."
    checking.report(
        "DIA301", syntax, f"`{words}` is a number, and a requirement is a yes or no.", help
    )


def _prefix(syntax: PrefixSyntax, checking: Checking) -> Requirement | None:
    name, scope = syntax.name, checking.scope
    match syntax.word:
        case "has":
            if scope.is_item(name.text):
                return Has(ItemId(name.text))
            if scope.type_of(name.text) is not None or scope.items_of(name.text) is not None:
                _not_an_item(name, checking)
            else:
                scope.missing("item", name.text, checking.span(name))
        case "visited":
            fragment = scope.fragment(name.text)
            if fragment is not None:
                return Visited(fragment)
            scope.missing("fragment", name.text, checking.span(name))
        case "chose":
            choice = scope.choice(name.text)
            if choice is not None:
                return Chose(choice)
            scope.missing("choice", name.text, checking.span(name))
        case "achieved":
            if name.text in scope.systems.achievements:
                return Achieved(AchievementId(name.text))
            scope.missing("achievement", name.text, checking.span(name))
        case "feels":
            return _feels(syntax, checking)
    return None


def _feels(syntax: PrefixSyntax, checking: Checking) -> Requirement | None:
    name, scope = syntax.name, checking.scope
    if not checking.shown:
        help = "Feelings may colour what is read: ask in a text, as in `{if feels curious: …}`."
        message = "What a player feels is a guess, and decides nothing in a story."
        checking.report("DIA340", syntax, message, help)
    elif name.text in scope.systems.feelings:
        return Feels(name.text)
    else:
        scope.missing("feeling", name.text, checking.span(name))
    return None


def _mission(syntax: MissionSyntax, checking: Checking) -> Requirement | None:
    name = syntax.mission
    if name.text in checking.scope.systems.missions:
        return MissionIs(
            MissionId(name.text), "active" if syntax.state.text == "active" else "done"
        )
    checking.scope.missing("mission", name.text, checking.span(name))
    return None


def _stage(syntax: IsSyntax, checking: Checking) -> Requirement | None:
    stages, asked = checking.scope.systems.stages, syntax.right
    if not isinstance(asked, NameSyntax):
        help = "Write `stage is …`, with the name of a stage."
        checking.report("DIA303", asked, "This is no stage of a relationship.", help)
        return None
    stage = stages.get(asked.text)
    if stage is None:
        kind: NameKind = "stage" if stages else "section"
        name = asked if stages else syntax.left
        checking.scope.missing(kind, checking.words(name), checking.span(name))
        return None
    return Not(Holds(stage)) if syntax.negated else Holds(stage)


def _not_an_item(name: NameSyntax, checking: Checking) -> None:
    type_ = checking.scope.type_of(name.text)
    if type_ is None:
        help = f"Write `count({name.text}) >= 1`."
        checking.report("DIA312", name, f"`{name.text}` is a category of items, not an item.", help)
    elif not isinstance(type_, UnknownType):
        help = "`has` asks about items; a variable is asked about by its name."
        checking.report("DIA312", name, f"`{name.text}` is {named_type(type_)}, not an item.", help)


def _compare(syntax: CompareSyntax, checking: Checking) -> Requirement | None:
    if syntax.operator in ("==", "!=") and _is_worded(syntax.left, checking):
        negated = syntax.operator == "!="
        return _is(IsSyntax(syntax.left, syntax.right, negated, syntax.start, syntax.end), checking)
    left, right = check_number(syntax.left, checking), check_number(syntax.right, checking)
    return None if left is None or right is None else Compare(syntax.operator, left, right)


def _is_worded(syntax: Expression, checking: Checking) -> bool:
    return isinstance(syntax, NameSyntax) and (
        syntax.text == "stage"
        or isinstance(checking.scope.type_of(syntax.text), WordType | TextType)
    )


def _is(syntax: IsSyntax, checking: Checking) -> Requirement | None:
    left, right = syntax.left, syntax.right
    if isinstance(left, NameSyntax) and left.text == "stage":
        return _stage(syntax, checking)
    type_ = checking.scope.type_of(left.text) if isinstance(left, NameSyntax) else None
    match type_:
        case WordType() | TextType():
            assert isinstance(left, NameSyntax)
            word = check_word(left.text, type_, right, checking)
            if word is None:
                return None
            held: Requirement = WordIs(VariableId(left.text), word)
            return Not(held) if syntax.negated else held
        case FlagType():
            assert isinstance(left, NameSyntax)
            help = f"Write `{left.text}` or `not {left.text}`."
            checking.report(
                "DIA301",
                syntax,
                f"`{left.text}` is a flag, and is asked about by its name alone.",
                help,
            )
            return None
        case UnknownType():
            return None
        case None if isinstance(left, NameSyntax) and left.text in ("level", "streak"):
            pass
        case None if isinstance(left, NameSyntax) and not checking.scope.is_condition(left.text):
            # Without its variable nothing can be said of the word beside it.
            check_number(left, checking)
            return None
        case NumberType() | PointsType() | None:
            pass
    numbers = check_number(left, checking), check_number(right, checking)
    if numbers[0] is None or numbers[1] is None:
        return None
    return Compare("!=" if syntax.negated else "==", numbers[0], numbers[1])


def _call(syntax: CallSyntax, checking: Checking) -> Requirement | None:
    if syntax.function.text != "chance":
        if check_number(syntax, checking) is not None:
            _number_alone(syntax, checking)
        return None
    match syntax.argument:
        case NumberSyntax(percent) if 0 <= percent <= 100:
            return Chance(percent, checking.draw())
        case NumberSyntax() as number:
            help = "`chance(30)` is true in 30 of 100 draws."
            checking.report(
                "DIA306",
                number,
                f"`{checking.words(number)}` is no percentage from 0 to 100.",
                help,
            )
        case _:
            help = "Write a whole number from 0 to 100, as in `chance(30)`."
            checking.report(
                "DIA306", syntax.argument or syntax, "`chance` takes a percentage.", help
            )
    return None
