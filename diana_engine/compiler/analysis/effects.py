"""Effects that do nothing, and choices whose price or effects are more than anybody can ever have.

A choice's effects happen right after its `requires:` was found to hold, in their order: so what it requires is known of
the first effect on each thing. Nothing is known when `on_enter:` begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diana_engine.compiler.analysis.ranges import range_of
from diana_engine.compiler.analysis.together import can_hold, denied
from diana_engine.compiler.analysis.uses import Uses
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.syntax.story import ParsedChoice, ParsedEffect
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import (
    AddTo,
    Assign,
    Compare,
    Constant,
    Count,
    Effect,
    FlagIs,
    Give,
    Has,
    ItemId,
    NumberOf,
    Requirement,
    SetFlag,
    SetWord,
    Take,
    VariableId,
    WordIs,
)
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Choice, Points
from diana_engine.source import Span

__all__ = ["effects_in_vain"]


def effects_in_vain(story: CheckedStory) -> Iterator[Diagnostic]:
    """Yield a finding for each effect without effect, and for each choice that nobody can ever afford."""
    for id, fragment in story.fragments.items():
        place = story.places[id]
        yield from _idle(place.on_enter, fragment.on_enter, (), story)
        choices = zip(choices_of(fragment.exit), place.choices or (), strict=False)
        for choice, parsed in choices:
            if choice.effects or choice.cost is not None:
                known = () if choice.requires is None else (choice.requires,)
                impossible = list(_never(choice, parsed, known, story))
                yield from impossible or _idle(parsed.effects, choice.effects, known, story)


# Effects without effect ---------------------------------------------------------------------------------------------


def _idle(
    places: Sequence[ParsedEffect],
    effects: Sequence[Effect],
    known: tuple[Requirement, ...],
    story: CheckedStory,
) -> Iterator[Diagnostic]:
    touched: set[str] = set()
    for index, (place, effect) in enumerate(zip(places, effects, strict=False)):
        target = _target(effect)
        if target is None:
            continue
        why = _adds_nothing(effect) or (
            _already_so(effect, known, story) if target not in touched else None
        )
        if why is not None:
            yield _in_vain(place, why)
        elif (after := _overwritten_by(index, effects, story)) is not None:
            why = f"`{places[after].source.text}` follows, and what was before is lost"
            label = Label(places[after].source.whole, "this follows")
            yield _in_vain(place, why, label)
        touched.add(target)


def _in_vain(place: ParsedEffect, why: str, *labels: Label) -> Diagnostic:
    return diagnose(
        "DIA328",
        place.source.whole,
        f"`{place.source.text}` does nothing here: {why}.",
        labels=labels,
        help="Leave it out, or write what you meant to change.",
    )


def _target(effect: Effect) -> str | None:
    match effect:
        case AddTo(variable) | Assign(variable) | SetFlag(variable) | SetWord(variable):
            return variable
        case Give(item) | Take(item):
            return item
        case _:
            return None


def _adds_nothing(effect: Effect) -> str | None:
    match effect:
        case AddTo(_, Constant(0)):
            return "nothing is added"
        case Assign(variable, NumberOf(source)) if source == variable:
            return "it is that already"
        case _:
            return None


def _already_so(effect: Effect, known: tuple[Requirement, ...], story: CheckedStory) -> str | None:
    """Whether what the choice requires says that the effect changes nothing."""
    if all(_speaks_of(one) not in (None, _target(effect)) for one in known):
        return None
    after = _after(effect, story)
    if after is None or can_hold([*known, denied(after)], story):
        return None
    # What can never be asked for is told elsewhere.
    return "the choice requires it to be so already" if can_hold(known, story) else None


def _speaks_of(requirement: Requirement) -> str | None:
    """Return the one thing that a simple requirement asks for; `None` where it may be any."""
    match requirement:
        case FlagIs(name) | WordIs(name) | Has(name) | Compare(_, NumberOf(name), Constant()):
            return name
        case _:
            return None


def _after(effect: Effect, story: CheckedStory) -> Requirement | None:
    """Return what, if it holds before the effect, makes it one that changes nothing."""
    match effect:
        case SetFlag(variable, value):
            return FlagIs(variable) if value else denied(FlagIs(variable))
        case SetWord(variable, word):
            return WordIs(variable, word)
        case Assign(variable, Constant() as value):
            return Compare("==", NumberOf(variable), value)
        case AddTo(variable, Constant(amount)) if not isinstance(story.variables[variable], Points):
            extent = range_of(NumberOf(variable), story)
            end = Constant(extent.high if amount > 0 else extent.low)
            return Compare("==", NumberOf(variable), end)
        case Give(item):
            return Compare(">=", Count((item,)), Constant(story.items[item].maximum))
        case _:
            return None


def _overwritten_by(index: int, effects: Sequence[Effect], story: CheckedStory) -> int | None:
    """Return the later effect that makes this one forgotten before anything could read it."""
    effect = effects[index]
    variable = _overwritable(effect, story)
    if variable is None:
        return None
    for later in range(index + 1, len(effects)):
        reads = Uses()
        reads.effect(effects[later])
        match effects[later]:
            case Assign(written, value) if written == variable:
                inside = Uses()
                inside.number(value)
                return None if variable in inside.read else later
            case SetFlag(written) | SetWord(written) if written == variable:
                return later
            case AddTo(written) if written == variable:
                return None
            case _:
                if variable in reads.read:
                    return None
    return None


def _overwritable(effect: Effect, story: CheckedStory) -> VariableId | None:
    """Points keep account of every change, so that none of theirs is ever without trace."""
    match effect:
        case SetFlag(variable) | SetWord(variable):
            return variable
        case Assign(variable) | AddTo(variable):
            return None if isinstance(story.variables[variable], Points) else variable
        case _:
            return None


# More than anybody has ----------------------------------------------------------------------------------------------


def _never(
    choice: Choice, parsed: ParsedChoice, known: tuple[Requirement, ...], story: CheckedStory
) -> Iterator[Diagnostic]:
    found = _beyond_all(choice, parsed, known, story)
    # What can never be asked for is told elsewhere.
    if found is not None and (not known or can_hold(known, story)):
        yield found


def _beyond_all(
    choice: Choice, parsed: ParsedChoice, known: tuple[Requirement, ...], story: CheckedStory
) -> Diagnostic | None:
    if choice.cost is not None and parsed.cost is not None:
        points, amount = choice.cost.points, choice.cost.amount
        needed = Compare(">=", NumberOf(points), Constant(amount))
        if not can_hold([*known, needed], story):
            return _unaffordable(f"`{amount} {points}`", known, parsed.cost.source.whole)
    return _takes_too_much(choice, parsed, known, story)


def _takes_too_much(
    choice: Choice, parsed: ParsedChoice, known: tuple[Requirement, ...], story: CheckedStory
) -> Diagnostic | None:
    """Count for each item what must be there at first; what was given before it is taken again need not be."""
    held: dict[ItemId, int] = {}
    for place, effect in zip(parsed.effects, choice.effects, strict=False):
        match effect:
            case Give(item):
                held[item] = held.get(item, 0) + 1
            case Take(item):
                held[item] = held.get(item, 0) - 1
                needed = Compare(">=", Count((item,)), Constant(-held[item]))
                if held[item] < 0 and not can_hold([*known, needed], story):
                    return _unaffordable(f"`{place.source.text}`", known, place.source.whole)
            case _:
                pass
    return None


def _unaffordable(what: str, known: tuple[Requirement, ...], span: Span) -> Diagnostic:
    who = "Who meets what this choice requires" if known else "Nobody"
    never = "never has" if known else "ever has"
    return diagnose(
        "DIA317",
        span,
        f"{who} {never} what {what} takes, so the choice can never be taken.",
        help="Take less, declare a larger `max:`, or require something that fits.",
    )
