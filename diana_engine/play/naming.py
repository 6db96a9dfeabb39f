"""Which choice somebody means by a word: its id, its text as players see it, or its number.

Ids come first, because they are what a writer made to be named; a storylet in a deck goes by the id of its fragment. A choice that is not shown has no text that anybody
sees: it goes by its id, or by the text in the file where that is the same for every player.
"""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.diagnostics.suggest import closest
from diana_engine.expressions.durations import spelled
from diana_engine.expressions.terms import ChoiceKey, fragment_of
from diana_engine.expressions.text import Rich, plain, unvarying
from diana_engine.play.decks import as_choices
from diana_engine.play.view import AskView, ChoiceView, View
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Choice, Deck, Program

__all__ = ["choice_id", "hidden", "listed", "meant", "one_line", "shown", "spoken"]

_DIGITS = 6
"""A longer number is nobody's choice, and Python refuses to read thousands of digits."""


def choice_id(key: ChoiceKey) -> str | None:
    """Return the id that the writer gave the choice, or `None` where the key is made of a hash."""
    rest = key.removeprefix(fragment_of(key))
    return rest[1:] if rest.startswith(".") else None


def _names(key: ChoiceKey) -> tuple[str | None, ...]:
    """Return what the choice goes by beside its text; a storylet of this chapter by its bare id too."""
    id_ = choice_id(key)
    chapter = fragment_of(key).partition(".")[0]
    return key, id_, id_.removeprefix(f"{chapter}.") if id_ is not None else None


def one_line(text: Rich) -> str:
    """Return the characters of `text` on one line, without formatting."""
    return " ".join(plain(text).split())


def shown(name: str, view: View) -> tuple[ChoiceView, ...]:
    """Return the choices of `view` that `name` may mean; more than one only where they read alike."""
    wanted = " ".join(name.split())
    for choice in view.choices:
        if wanted in _names(choice.key):
            return (choice,)
    alike = tuple(choice for choice in view.choices if one_line(choice.text) == wanted)
    if len(alike) > 1:
        # One that can be taken and one that cannot may well read alike: only the first can be meant.
        return tuple(choice for choice in alike if choice.lock is None) or alike[:1]
    return alike or _numbered(wanted, view)


def hidden(name: str, program: Program, view: View) -> Choice | None:
    """Return the choice of the fragment that `name` means and that is not shown."""
    wanted = " ".join(name.split())
    there = tuple(_hidden(program, view))
    for choice in there:
        if wanted in _names(choice.key):
            return choice
    return next((choice for choice in there if unvarying(choice.text) == wanted), None)


def meant(name: str, program: Program, view: View) -> str | None:
    """Return the name of a choice of the fragment that was most likely meant by `name`."""
    known: list[str] = []
    for choice in view.choices:
        known += filter(None, (choice_id(choice.key), one_line(choice.text)))
    for missing in _hidden(program, view):
        known += filter(None, (choice_id(missing.key), unvarying(missing.text)))
    return closest(" ".join(name.split()), known)


def spoken(choice: ChoiceView) -> str:
    """Return how to speak of a choice: its text, after its id where it has one."""
    id_ = choice_id(choice.key)
    return f"`{id_}` “{one_line(choice.text)}”" if id_ else f"“{one_line(choice.text)}”"


def listed(view: View) -> str:
    """Return which choices there are, in words."""
    if view.ending is not None:
        return "The story is over there."
    if view.can_continue:
        return "There is only `continue`."
    if view.wait is not None:
        skip = ", or `skip` to pay for not waiting" if view.wait.skip else ""
        return f"Write `wait:` with {spelled(view.wait.left)}, then `continue`{skip}."
    if view.ask is not None:
        return f"Write `answer:` with {_wanted(view.ask)}."
    if not view.choices:
        return "There are no choices."
    numbered = enumerate(view.choices, start=1)
    parts = [f"{n} {spoken(one)}{' (locked)' if one.lock else ''}" for n, one in numbered]
    return f"The choices are: {', '.join(parts)}."


def _wanted(ask: AskView) -> str:
    """Return what would be an answer, in words."""
    if ask.options:
        return f"one of {', '.join(f'`{option}`' for option in ask.options)}"
    if ask.longest is not None:
        return f"a text of 1 to {ask.longest} characters"
    least = "" if ask.low is None else f" from {ask.low}"
    return f"a whole number{least}{'' if ask.high is None else f' to {ask.high}'}"


def _numbered(name: str, view: View) -> tuple[ChoiceView, ...]:
    if not name.isdecimal() or len(name) > _DIGITS or not 1 <= int(name) <= len(view.choices):
        return ()
    return (view.choices[int(name) - 1],)


def _hidden(program: Program, view: View) -> Iterator[Choice]:
    way = program.fragments[view.fragment].exit
    offered = as_choices(program, view.fragment, way.storylets) if isinstance(way, Deck) else ()
    seen = {choice.key for choice in view.choices}
    yield from (choice for choice in offered + choices_of(way) if choice.key not in seen)
