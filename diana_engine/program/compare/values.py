"""Variables and items in two versions: what became of what players have."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.expressions.terms import ItemId, Value, VariableId
from diana_engine.program.compare.match import Match
from diana_engine.program.compare.model import Change, Holding, Valued
from diana_engine.program.model import (
    Flag,
    Item,
    OneOf,
    Points,
    Variable,
    WholeNumber,
    Words,
)

__all__ = ["compare_items", "compare_variables", "converted", "fits"]

_KINDS = {
    WholeNumber: "a number", Points: "points", Flag: "a flag", OneOf: "one of some words", Words: "a text",
}  # fmt: skip


def fits(variable: Variable, value: Value) -> bool:
    """Return whether a variable can hold `value`."""
    match variable:
        case WholeNumber(_, low, high):
            return type(value) is int and low <= value <= high
        case Points(_, most):
            return type(value) is int and 0 <= value <= most
        case Flag():
            return type(value) is bool
        case OneOf(values):
            return value in values
        case Words(_, longest):
            return isinstance(value, str) and len(value) <= longest


def converted(variable: Variable, value: Value) -> Value:
    """Return what a variable holds that held `value` in another version.

    Numbers are brought into the range, texts cut to their length; what cannot be kept becomes what new plays begin with.
    """
    match variable:
        case WholeNumber(_, low, high) if type(value) is int:
            return max(low, min(value, high))
        case Points(_, most) if type(value) is int:
            return max(0, min(value, most))
        case Words(_, longest) if isinstance(value, str):
            return value[:longest]
        case _:
            return value if fits(variable, value) else variable.initial


def compare_variables(match: Match) -> Iterator[Change]:
    """Yield what became of the variables."""
    old, new = match.old.variables, match.new.variables
    for name, before in old.items():
        to = match.variables.get(name)
        if to is None:
            words = (
                f"The variable `{name}` is gone, and what players have in it. If it is only called otherwise now, "
                f"write its new name under `renamed:`."
            )
            yield Change("variable", name, "removed", "breaking", words, Valued(name))
            continue
        if to != name:
            words = f"The variable `{name}` is called `{to}` now; players keep what they have."
            yield Change("variable", name, "renamed", "safe", words, Valued(name), to)
        if before != new[to]:
            yield _changed(name, before, new[to])
    for name in sorted(new.keys() - set(match.variables.values())):
        words = f"The variable `{name}` is new; who is in the story has what new plays begin with."
        yield Change("variable", name, "added", "safe", words)


def _changed(name: VariableId, old: Variable, new: Variable) -> Change:
    if type(old) is not type(new):
        words = (
            f"The variable `{name}` was {_KINDS[type(old)]} and is {_KINDS[type(new)]} now; what does not fit becomes "
            f"what new plays begin with."
        )
        return Change("variable", name, "changed", "breaking", words, Valued(name, new))
    if lost := _narrowed(old, new):
        words = f"The variable `{name}` {lost}"
        return Change("variable", name, "changed", "breaking", words, Valued(name, new))
    words = f"The variable `{name}` begins otherwise, or can hold more; what players have stays."
    return Change("variable", name, "changed", "safe", words)


def _narrowed(old: Variable, new: Variable) -> str | None:
    match old, new:
        case WholeNumber(_, low, high), WholeNumber(_, least, most) if least > low or most < high:
            return f"goes from {least} to {most} now; what players have is brought into that range."
        case Points(_, high), Points(_, most) if most < high:
            return f"goes up to {most} now; whoever has more keeps {most}."
        case OneOf(before), OneOf(after) if gone := [one for one in before if one not in after]:
            return f"can no longer be {_listed(gone)}; who has that gets what new plays begin with."
        case Words(_, long), Words(_, longest) if longest < long:
            return f"has {longest} characters at most now; what is longer is cut."
        case _:
            return None


def _listed(words: list[str]) -> str:
    return " or ".join(f"`{one}`" for one in words)


def compare_items(match: Match) -> Iterator[Change]:
    """Yield what became of the items."""
    old, new = match.old.items, match.new.items
    for name, before in old.items():
        to = match.items.get(name)
        if to is None:
            words = (
                f"The item `{name}` is gone, and players who hold it lose it. If it is only called otherwise now, "
                f"write its new name under `renamed:`."
            )
            yield Change("item", name, "removed", "breaking", words, Holding(name))
            continue
        if to != name:
            words = f"The item `{name}` is called `{to}` now; players keep theirs."
            yield Change("item", name, "renamed", "safe", words, Holding(name), to)
        if before != new[to]:
            yield _changed_item(name, before, new[to])
    for name in sorted(new.keys() - set(match.items.values())):
        yield Change("item", name, "added", "safe", f"The item `{name}` is new.")


def _changed_item(name: ItemId, old: Item, new: Item) -> Change:
    if new.maximum < old.maximum:
        words = (
            f"Of the item `{name}` {new.maximum} can be held now; whoever holds more keeps so many."
        )
        return Change("item", name, "changed", "breaking", words, Holding(name, new.maximum))
    if new.maximum > old.maximum:
        words = f"Of the item `{name}` more can be held now."
        return Change("item", name, "changed", "safe", words)
    words = f"The item `{name}` is described otherwise."
    return Change("item", name, "reworded", "safe", words)
