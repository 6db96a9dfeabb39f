"""Types of effects: from a syntax tree to a term, with every name resolved."""

from __future__ import annotations

import re

from diana_engine.expressions.checking.context import Checking, named_type
from diana_engine.expressions.checking.numbers import check_number
from diana_engine.expressions.checking.words import check_word
from diana_engine.expressions.durations import seconds_of
from diana_engine.expressions.syntax import (
    ChangeSyntax,
    EffectSyntax,
    GrantSyntax,
    MoveSyntax,
    NameSyntax,
)
from diana_engine.expressions.terms import (
    AchievementId,
    AddTo,
    Arithmetic,
    Assign,
    Constant,
    Effect,
    Emit,
    Give,
    GrantVip,
    ItemId,
    MissionId,
    Number,
    SetFlag,
    SetWord,
    StartMission,
    Take,
    Unlock,
    VariableId,
)
from diana_engine.expressions.types import (
    FlagType,
    NameKind,
    NumberType,
    PointsType,
    TextType,
    UnknownType,
    VariableType,
    WordType,
)

__all__ = ["check_effect"]

_ID = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


def check_effect(syntax: EffectSyntax, checking: Checking) -> Effect | None:
    """Return the effect that `syntax` states, or `None` when something in it was reported."""
    match syntax:
        case MoveSyntax("give" | "take"):
            return _move(syntax, checking)
        case MoveSyntax("set" | "clear"):
            return _set_flag(syntax, checking)
        case MoveSyntax():
            return _system(syntax, checking)
        case GrantSyntax():
            return _grant(syntax, checking)
        case ChangeSyntax():
            return _change(syntax, checking)


def _move(syntax: MoveSyntax, checking: Checking) -> Effect | None:
    name, scope = syntax.target, checking.scope
    if scope.is_item(name.text):
        item = ItemId(name.text)
        return Give(item) if syntax.word == "give" else Take(item)
    type_ = scope.type_of(name.text)
    if type_ is None:
        scope.missing("item", name.text, checking.span(name))
    elif not isinstance(type_, UnknownType):
        help = f"`{syntax.word}` moves items; write `{_change_of(name.text, type_)}`."
        checking.report("DIA312", name, f"`{name.text}` is {named_type(type_)}, not an item.", help)
    return None


def _change_of(name: str, type_: VariableType) -> str:
    if isinstance(type_, FlagType):
        return f"set {name}"
    return f"{name} += 1" if _counts(type_) else f"{name} = …"


def _system(syntax: MoveSyntax, checking: Checking) -> Effect | None:
    name, systems = syntax.target, checking.scope.systems
    if syntax.word == "emit":
        return _emit(name, checking)
    if syntax.word == "start" and name.text in systems.missions:
        return StartMission(MissionId(name.text))
    if syntax.word == "unlock" and name.text in systems.achievements:
        return Unlock(AchievementId(name.text))
    kind: NameKind = "mission" if syntax.word == "start" else "achievement"
    checking.scope.missing(kind, name.text, checking.span(name))
    return None


def _emit(name: NameSyntax, checking: Checking) -> Effect | None:
    if _ID.match(name.text):
        return Emit(name.text)
    help = "Use small letters from a to z, digits and `_`, beginning with a letter."
    checking.report("DIA342", name, f"`{name.text}` cannot be the name of an event.", help)
    return None


def _grant(syntax: GrantSyntax, checking: Checking) -> Effect | None:
    words = syntax.duration.text
    seconds = seconds_of(words)
    if seconds is not None:
        return GrantVip(seconds)
    help = "Write a number and `m`, `h`, `d` or `w` for minutes, hours, days or weeks, as in `grant vip 7d`."
    checking.report("DIA341", syntax.duration, f"`{words}` does not say how long.", help)
    return None


def _counts(type_: object) -> bool:
    return isinstance(type_, (NumberType, PointsType))


def _set_flag(syntax: MoveSyntax, checking: Checking) -> Effect | None:
    name = syntax.target
    match checking.scope.type_of(name.text):
        case FlagType():
            return SetFlag(VariableId(name.text), syntax.word == "set")
        case UnknownType():
            pass
        case None:
            _nothing_to_change(name, checking)
        case type_:
            help = f"Write `{name.text} = …`."
            checking.report(
                "DIA305",
                name,
                f"`{syntax.word}` works on flags, and `{name.text}` is {named_type(type_)}.",
                help,
            )
    return None


def _nothing_to_change(name: NameSyntax, checking: Checking) -> None:
    if checking.scope.is_item(name.text):
        help = f"Write `give {name.text}` or `take {name.text}`."
        checking.report("DIA312", name, f"`{name.text}` is an item, not a variable.", help)
    elif checking.scope.is_condition(name.text):
        help = "A condition follows from other things; change those."
        checking.report(
            "DIA312", name, f"`{name.text}` is a condition, and cannot be changed.", help
        )
    else:
        checking.scope.missing("variable", name.text, checking.span(name))


def _change(syntax: ChangeSyntax, checking: Checking) -> Effect | None:
    name = syntax.target
    variable = VariableId(name.text)
    match checking.scope.type_of(name.text):
        case NumberType() | PointsType():
            value = check_number(syntax.value, checking, rolls=True)
            return None if value is None else _number_change(variable, syntax.operator, value)
        case WordType() | TextType() as type_ if syntax.operator == "=":
            word = check_word(name.text, type_, syntax.value, checking)
            if word is None or _is_too_long(word, type_, syntax, checking):
                return None
            return SetWord(variable, word)
        case WordType() | TextType() as type_:
            help = f"Write `{name.text} = …`."
            checking.report(
                "DIA305",
                name,
                f"`{name.text}` is {named_type(type_)}; nothing can be added to it.",
                help,
            )
        case FlagType():
            help = f"Write `set {name.text}` or `clear {name.text}`."
            checking.report("DIA305", name, f"`{name.text}` is a flag.", help)
        case UnknownType():
            pass
        case None:
            _nothing_to_change(name, checking)
    return None


def _is_too_long(
    word: str, type_: WordType | TextType, syntax: ChangeSyntax, checking: Checking
) -> bool:
    limit = type_.max_length if isinstance(type_, TextType) else None
    if limit is None or len(word) <= limit:
        return False
    message = f"This has {len(word)} characters, and `{syntax.target.text}` holds at most {limit}."
    help = "Write fewer, or declare a larger `max_length`."
    checking.report("DIA316", syntax.value, message, help)
    return True


def _number_change(variable: VariableId, operator: str, value: Number) -> Effect:
    if operator == "=":
        return Assign(variable, value)
    return AddTo(variable, value if operator == "+=" else _negated(value))


def _negated(value: Number) -> Number:
    return (
        Constant(-value.value)
        if isinstance(value, Constant)
        else Arithmetic("-", Constant(0), value)
    )
