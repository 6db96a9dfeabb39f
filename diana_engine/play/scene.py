"""The scene as the player sees it: a pure function of program and state."""

from __future__ import annotations

from diana_engine.expressions.reading import read
from diana_engine.expressions.terms import ChoiceKey, fragment_of
from diana_engine.expressions.text import Rich, Text
from diana_engine.play.choices import balance, choices_at, refusal
from diana_engine.play.decks import nothing_dealt
from diana_engine.play.events import Refusal
from diana_engine.play.state import Moment, PlayerState
from diana_engine.play.view import AskView, ChoiceView, Lock, Price, View, WaitView
from diana_engine.play.waits import reminder_at, way_ahead
from diana_engine.play.walk import Walk
from diana_engine.program.exits import choices_of
from diana_engine.program.model import (
    NUMBER_LIMIT,
    Ask,
    Call,
    Choice,
    Cost,
    Deck,
    Ending,
    Next,
    OneOf,
    Program,
    Return,
    WholeNumber,
    Words,
)

__all__ = ["can_continue", "look", "offered", "reminder", "scene"]


def look(program: Program, state: PlayerState, moment: Moment) -> View:
    """Return what the player sees: at one moment the same however often one looks.

    A choice that was taken and can be taken once is hidden. One whose requirement is not met, or whose effects would
    need what the player does not have, is locked with the writer's reason, and hidden where the writer gives none.
    One that only cannot be paid is locked with its price.
    """
    return scene(Walk(program, state, moment.now))


def scene(walk: Walk) -> View:
    """Return what a player sees who stands where a walk has come to, as `look` does."""
    program = walk.program
    fragment = program.fragments[walk.fragment]
    if walk.waiting is not None and walk.waiting.choice is not None:
        return _under_way(walk)
    onward = fragment.exit
    ask = onward.ask if isinstance(onward, Next) else None
    wait = _wait(walk)
    return View(
        fragment.id,
        _read(fragment.text, walk),
        fragment.title,
        _speaker(program, fragment.speaker),
        _said(walk),
        _choices(walk),
        can_continue(walk) and wait is None,
        onward.name if isinstance(onward, Ending) else None,
        _ask(ask, walk) if ask is not None else None,
        wait,
        fragment.media,
    )


def offered(program: Program, state: PlayerState, moment: Moment, number: int) -> ChoiceKey | None:
    """Return which of the choices that `look` shows has a number, counted from 0: for who only counts buttons.

    No text is read, and no choice after that one is looked at.
    """
    walk = Walk(program, state, moment.now)
    if walk.waiting is not None and walk.waiting.choice is not None:
        return None
    for choice in choices_at(walk):
        if not _is_hidden(choice, refusal(choice, walk)):
            if number == 0:
                return choice.key
            number -= 1
    return None


def can_continue(walk: Walk) -> bool:
    """Return whether the player goes on from here without choosing, if need be after a wait."""
    match walk.program.fragments[walk.fragment].exit:
        case Next(_, ask):
            return ask is None
        case Call():
            return True
        case Return():
            return bool(walk.calls)
        case Deck() as deck:
            return deck.otherwise is not None and nothing_dealt(walk, deck)
        case _:
            return False


def reminder(program: Program, state: PlayerState, moment: Moment) -> Rich:
    """Return what a player is told whose `remind_at` has come; nothing where the story has lost it since."""
    remind = reminder_at(program, state.fragment, state.waiting)
    return _read(remind.text, Walk(program, state, moment.now)) if remind is not None else ()


def _under_way(walk: Walk) -> View:
    """Return what is seen on the way of a choice that takes time."""
    wait = _wait(walk)
    return View(walk.fragment, (), said=_said(walk), can_continue=wait is None, wait=wait)


def _wait(walk: Walk) -> WaitView | None:
    waiting = walk.waiting
    if waiting is None or waiting.due <= walk.now:
        return None
    wait = way_ahead(walk.program, walk.fragment, waiting)
    skip = wait.skip if wait is not None else None
    return WaitView(waiting.due - walk.now, _priced(skip, walk) if skip is not None else None)


def _ask(ask: Ask, walk: Walk) -> AskView:
    retry = _read(ask.retry or (), walk)
    match walk.program.variables[ask.into]:
        case WholeNumber(_, low, high):
            least = low if low > -NUMBER_LIMIT else None
            return AskView(retry, low=least, high=high if high < NUMBER_LIMIT else None)
        case OneOf(values):
            return AskView(retry, values)
        case Words(_, longest):
            return AskView(retry, longest=longest)
        case other:
            raise TypeError(f"{ask.into} cannot be asked for: it is {other}")


def _speaker(program: Program, speaker: str | None) -> str | None:
    """Return the name of a character of the story, or the words of the writer for anybody else."""
    character = program.characters.get(speaker) if speaker is not None else None
    return character.name if character is not None else speaker


def _said(walk: Walk) -> Rich:
    """Return the reply that is on the screen, as it reads now; none where the story has lost it since."""
    if walk.combined is not None:
        known = (one for one in walk.program.combinations if one.id == walk.combined)
        return _read(next((one.say for one in known if one.say is not None), ()), walk)
    if walk.said is None:
        return ()
    fragment = walk.program.fragments.get(fragment_of(walk.said))
    if fragment is not None:
        for choice in choices_of(fragment.exit):
            if choice.key == walk.said:
                return _read(choice.say or (), walk)
    return ()


def _choices(walk: Walk) -> tuple[ChoiceView, ...]:
    views = [_choice(choice, walk) for choice in choices_at(walk)]
    return tuple([view for view in views if view is not None])


def _choice(choice: Choice, walk: Walk) -> ChoiceView | None:
    why = refusal(choice, walk)
    if _is_hidden(choice, why):
        return None
    price = _price(choice, walk)
    lock = None
    if why == "cost":
        lock = Lock(price=price)
    elif why is not None:
        lock = Lock(_read(choice.locked or (), walk))
    return ChoiceView(choice.key, _read(choice.text, walk), price, lock)


def _is_hidden(choice: Choice, why: Refusal | None) -> bool:
    return why == "already taken" or (why in ("requirement", "effects") and choice.locked is None)


def _price(choice: Choice, walk: Walk) -> Price | None:
    return None if choice.cost is None else _priced(choice.cost, walk)


def _priced(cost: Cost, walk: Walk) -> Price:
    return Price(cost.points, cost.amount, balance(cost, walk))


def _read(text: Text, walk: Walk) -> Rich:
    return read(text, walk, walk.program.conditions)
