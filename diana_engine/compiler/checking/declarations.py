"""Variables, as they were declared and as the program has them."""

from __future__ import annotations

import re

from diana_engine.compiler.syntax.story import ParsedVariable
from diana_engine.diagnostics.model import Diagnostic, Edit
from diana_engine.diagnostics.registry import diagnose
from diana_engine.diagnostics.suggest import closest
from diana_engine.expressions.terms import NUMBER_LIMIT
from diana_engine.program.model import Flag, OneOf, Points, Variable, WholeNumber, Words
from diana_engine.source import Located

__all__ = ["check_variable"]

_INTEGER = re.compile(r"[-+]?[0-9]{1,15}\Z")
_KEYS: dict[str, tuple[str, ...]] = {
    "number": ("min", "max"),
    "points": ("max",),
    "flag": (),
    "one_of": ("values",),
    "text": ("max_length",),
}
"""Which keys besides `type` and `initial` a type has."""


def check_variable(variable: ParsedVariable) -> tuple[Variable | None, list[Diagnostic]]:
    """Return what the program has of a variable; `None` where its declaration is not right."""
    if variable.type is None or variable.type.text not in _KEYS:
        return None, []
    found = _strange_keys(variable, variable.type.text)
    if found:
        return None, found
    match variable.type.text:
        case "number":
            return _number(variable)
        case "points":
            return _points(variable)
        case "flag":
            return _flag(variable)
        case "one_of":
            return _one_of(variable)
        case _:
            return _text(variable)


def _strange_keys(variable: ParsedVariable, type_: str) -> list[Diagnostic]:
    written = {
        "min": variable.minimum,
        "max": variable.maximum,
        "values": variable.values[0] if variable.values else None,
        "max_length": variable.max_length,
    }
    known = " and ".join(f"`{key}`" for key in ("initial", *_KEYS[type_]))
    return [
        diagnose(
            "DIA313",
            place.whole,
            f"`{key}` means nothing for a {type_}.",
            help=f"Leave it out: beside its type, a {type_} has only {known}.",
        )
        for key, place in written.items()
        if place is not None and key not in _KEYS[type_]
    ]


def _bad_initial(
    initial: Located, message: str, help: str | None = None, edit: str | None = None
) -> list[Diagnostic]:
    change = None if edit is None else Edit(initial.whole, edit)
    return [diagnose("DIA309", initial.whole, message, help=help, edit=change)]


def _outside(initial: Located, value: int, low: int, high: int) -> list[Diagnostic]:
    if low == -NUMBER_LIMIT:
        return _bad_initial(
            initial, f"{value} is more than {high}.", f"Write {high} or less, or a larger `max:`."
        )
    if high == NUMBER_LIMIT:
        return _bad_initial(initial, f"{value} is less than {low}.", f"Write {low} or more.")
    message = f"{value} does not lie from {low} to {high}."
    return _bad_initial(
        initial, message, f"Write a number from {low} to {high}, or declare a wider range."
    )


def _whole(place: Located | None, default: int) -> int:
    return default if place is None else int(place.text)


def _number(variable: ParsedVariable) -> tuple[Variable | None, list[Diagnostic]]:
    low, high = _whole(variable.minimum, -NUMBER_LIMIT), _whole(variable.maximum, NUMBER_LIMIT)
    if low > high:
        assert variable.maximum is not None or variable.minimum is not None
        place = variable.maximum or variable.minimum
        assert place is not None
        return None, [
            diagnose(
                "DIA310",
                place.whole,
                f"No number lies from {low} to {high}.",
                help=f"`min` is the smaller one: write `min: {high}` and `max: {low}`."
                if variable.minimum and variable.maximum
                else "Write both `min:` and `max:`, the smaller one first.",
            )
        ]
    value, found = _initial_number(variable, min(max(0, low), high))
    if value is not None and variable.initial is not None and not low <= value <= high:
        return None, _outside(variable.initial, value, low, high)
    return (None if value is None else WholeNumber(value, low, high)), found


def _initial_number(variable: ParsedVariable, default: int) -> tuple[int | None, list[Diagnostic]]:
    if variable.initial is None:
        return default, []
    if not _INTEGER.match(variable.initial.text):
        return None, _bad_initial(
            variable.initial,
            f"`{variable.initial.text}` is no whole number.",
            "Write it in digits, such as `initial: 3`.",
        )
    return int(variable.initial.text), []


def _points(variable: ParsedVariable) -> tuple[Variable | None, list[Diagnostic]]:
    high = _whole(variable.maximum, NUMBER_LIMIT)
    if high < 0:
        assert variable.maximum is not None
        return None, [
            diagnose(
                "DIA310",
                variable.maximum.whole,
                "Points are never below 0.",
                help="Write a `max:` from 0, or make it a `number`, which may be negative.",
            )
        ]
    value, found = _initial_number(variable, 0)
    if value is not None and variable.initial is not None and not 0 <= value <= high:
        return None, _outside(variable.initial, value, 0, high)
    return (None if value is None else Points(value, high)), found


def _flag(variable: ParsedVariable) -> tuple[Variable | None, list[Diagnostic]]:
    match variable.initial:
        case None:
            return Flag(), []
        case Located(text="true" | "false" as text):
            return Flag(text == "true"), []
        case other:
            meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(
                other.text.casefold()
            )
            return None, _bad_initial(
                other,
                f"A flag is `true` or `false`, not `{other.text}`.",
                f"Write `initial: {meant or 'true'}`, or leave it out for a flag that is not set at first.",
                meant,
            )


def _one_of(variable: ParsedVariable) -> tuple[Variable | None, list[Diagnostic]]:
    values = tuple(value.text for value in variable.values)
    if not values:
        help = "Write them as `values: [serene, curious, hurt]`."
        return None, [
            diagnose(
                "DIA314",
                variable.id.whole,
                f"`{variable.id.text}` does not say what it is one of.",
                help=help,
            )
        ]
    for index, value in enumerate(variable.values):
        if value.text in values[:index]:
            return None, [
                diagnose(
                    "DIA314",
                    value.whole,
                    f"`{value.text}` stands here twice.",
                    help="Remove one of the two.",
                )
            ]
    if variable.initial is None:
        return OneOf(values, values[0]), []
    if variable.initial.text not in values:
        near = closest(variable.initial.text, values)
        known = f"`{variable.id.text}` can be {', '.join(f'`{value}`' for value in values)}."
        help = f"Did you mean `{near}`? {known}" if near else known
        return None, _bad_initial(
            variable.initial, f"`{variable.initial.text}` is not one of its values.", help, near
        )
    return OneOf(values, variable.initial.text), []


def _text(variable: ParsedVariable) -> tuple[Variable | None, list[Diagnostic]]:
    limit = _whole(variable.max_length, Words().max_length)
    initial = "" if variable.initial is None else variable.initial.text
    if variable.initial is not None and len(initial) > limit:
        return None, _bad_initial(
            variable.initial,
            f"This has {len(initial)} characters, and at most {limit} are allowed.",
            f"Write fewer, or declare `max_length: {len(initial)}`.",
        )
    return Words(initial, limit), []
