"""Variables that do nothing: never used, never changed, never read, and words that none of them ever becomes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from diana_engine.compiler.analysis.uses import Uses
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.syntax.story import ParsedVariable
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import VariableId
from diana_engine.program.model import Flag, OneOf, Points, Variable, WholeNumber, Words

__all__ = ["idle_variables"]


def idle_variables(story: CheckedStory, uses: Uses) -> Iterator[Diagnostic]:
    """Yield one finding for each variable that does not do what it was declared for."""
    for parsed in story.manifest.variables:
        id = VariableId(parsed.id.text)
        variable = story.variables[id]
        read = id in uses.read or id in uses.paid
        if not read and id not in uses.written:
            yield _unused(parsed)
        elif not read:
            yield _never_read(parsed)
        elif not _changes(id, variable, uses):
            yield _never_changes(parsed, variable)
        elif isinstance(variable, OneOf) and id not in uses.asked_for:
            yield from _never_so(id, parsed, variable, uses)


def _changes(id: VariableId, variable: Variable, uses: Uses) -> bool:
    """A price takes from what is there: where nothing is there at first, it alone never changes anything."""
    spent = id in uses.paid and isinstance(variable, Points) and variable.initial > 0
    return id in uses.written or spent


def _unused(parsed: ParsedVariable) -> Diagnostic:
    return diagnose(
        "DIA220",
        parsed.id.whole,
        f"The variable `{parsed.id.text}` is declared, and nothing uses it.",
        help="Remove it, or use it in a requirement, an effect or a text.",
    )


def _never_changes(parsed: ParsedVariable, variable: Variable) -> Diagnostic:
    name = parsed.id.text
    return diagnose(
        "DIA224",
        parsed.id.whole,
        f"Nothing ever changes `{name}`: it is {_initial(variable)}.",
        help=f"Change it in `effects:` or `on_enter:`, as in `{_example(name, variable)}`.",
    )


def _never_read(parsed: ParsedVariable) -> Diagnostic:
    return diagnose(
        "DIA225",
        parsed.id.whole,
        f"`{parsed.id.text}` is changed, and nothing ever asks about it or shows it.",
        help="Ask about it in a requirement, show it in a text, or remove it with its effects.",
    )


def _never_so(
    id: VariableId, parsed: ParsedVariable, variable: OneOf, uses: Uses
) -> Iterator[Diagnostic]:
    for value in parsed.values:
        word = (id, value.text)
        if value.text != variable.initial and word in uses.words_asked - uses.words_set:
            yield diagnose(
                "DIA228",
                value.whole,
                f"`{id}` is asked whether it is `{value.text}`, and never becomes it.",
                help=f"Set it somewhere with `{id} = {value.text}`, or ask about another value.",
            )


def _initial(variable: Variable) -> str:
    match variable:
        case WholeNumber(initial) | Points(initial):
            return f"always {initial}"
        case Flag(initial=held):
            return "always set" if held else "never set"
        case OneOf(initial=word):
            return f"always `{word}`"
        case Words(initial=words):
            return f"always “{words}”" if words else "always empty"
        case _:
            assert_never(variable)


def _example(name: str, variable: Variable) -> str:
    match variable:
        case WholeNumber() | Points():
            return f"{name} += 1"
        case Flag(initial=held):
            return f"clear {name}" if held else f"set {name}"
        case OneOf(values, initial):
            other = next((value for value in values if value != initial), initial)
            return f"{name} = {other}"
        case Words():
            return f'{name} = "…"'
        case _:
            assert_never(variable)
