"""Playing without a person: a list of choices, or a playthrough, told as a transcript."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from diana_engine.adapters.terminal.commands import Pick, read_command
from diana_engine.adapters.terminal.screen import Look, scene, taken
from diana_engine.adapters.terminal.session import Move, Pass, Session
from diana_engine.errors import DianaError
from diana_engine.play.actions import Answer, Choose, Continue, Skip
from diana_engine.play.naming import listed, spoken
from diana_engine.play.playthrough import Expect, Join, Let, Pay, Played, Press, Reach, Reply, Take
from diana_engine.play.view import AskView, View

__all__ = ["ScriptMove", "ending_line", "play_choices", "read_choices", "transcript"]

ScriptMove = Pick | None
"""A choice by its number, or `None` to continue."""


def read_choices(written: str) -> tuple[ScriptMove, ...]:
    """Return what a list like ``1,3,c`` says: numbers from 1, and ``c`` or ``0`` to continue.

    Raises:
        ValueError: something else stands in it; the message names that.
    """
    found: list[ScriptMove] = []
    for part in written.split(","):
        match read_command(part):
            case Pick() as pick:
                found.append(pick)
            case "continue" if part.strip():
                found.append(None)
            case _:
                raise ValueError(part.strip() or written)
    return tuple(found)


def play_choices(
    session: Session, moves: Iterable[ScriptMove], tell: Callable[[str], None], look: Look
) -> Session:
    """Play `moves` and tell each step; return the game after the last one.

    Raises:
        DianaError: one of them cannot be taken; the message says which, and what there was instead.
    """
    tell(scene(session.view, look))
    for place, script_move in enumerate(moves, start=1):
        view = session.view
        if script_move is None and view.wait is not None:
            session, _ = session.act(Pass(view.wait.left))
            view = session.view
        move = _move(script_move, view, place)
        number = script_move.number if script_move is not None else None
        typed = move.typed if isinstance(move, Answer) else None
        chosen = view.choices[number - 1] if isinstance(move, Choose) and number else None
        if isinstance(move, Skip):
            typed = look.words.phrases.do_not_wait
        tell(taken(number if typed is None else None, chosen, look, typed))
        session, outcome = session.act(move)
        if outcome.refused is not None:
            assert typed is not None, f"what was shown was refused: {outcome.refused}"
            raise DianaError(
                f"Number {place} of the choices is {typed}, which is no answer at `{view.fragment}`. {listed(view)}"
            )
        tell(scene(outcome.view, look))
    return session


def transcript(played: Iterable[Played], look: Look) -> Iterator[tuple[str, Played]]:
    """Yield each step of a playthrough with what is told of it, which may be nothing."""
    before: View | None = None
    for one in played:
        yield _told(one, before, look), one
        before = one.view


def ending_line(view: View) -> str | None:
    """Return the line by which scripts know an ending, the same in every language."""
    return None if view.ending is None else f"\nEnding reached: {view.ending}\n"


def _move(script_move: ScriptMove, view: View, place: int) -> Move:
    which = f"Number {place} of the choices"
    if script_move is None:
        if view.can_continue:
            return Continue()
        raise DianaError(
            f"{which} is to continue, and that is not possible at `{view.fragment}`. {listed(view)}"
        )
    number = script_move.number
    if view.wait is not None:
        if number == 1 and view.wait.skip is not None and view.wait.skip.payable:
            return Skip()
        raise DianaError(
            f"{which} is {number}, and there is only to wait at `{view.fragment}`: `c` does."
        )
    if view.ask is not None:
        return _reply(view.ask, number, which, view)
    if not 1 <= number <= len(view.choices):
        raise DianaError(
            f"{which} is {number}, which is not there at `{view.fragment}`. {listed(view)}"
        )
    choice = view.choices[number - 1]
    if choice.lock is not None:
        raise DianaError(
            f"{which} is {number}, {spoken(choice)}, which is locked at `{view.fragment}`. {listed(view)}"
        )
    return Choose(choice.key)


def _reply(ask: AskView, number: int, which: str, view: View) -> Move:
    """Return a number as an answer: the number itself, or the option that it counts."""
    if ask.longest is not None:
        raise DianaError(
            f"{which} is {number}, and `{view.fragment}` asks for words. A playthrough can say them: `- answer: …`."
        )
    in_list = 1 <= number <= len(ask.options)
    return Answer(ask.options[number - 1] if in_list else str(number))


def _told(played: Played, before: View | None, look: Look) -> str:
    match played.step:
        case None:
            return scene(played.view, look)
        case Expect() | Reach():
            return ""
        case Take() | Press() | Reply() | Pay() | Join() if played.findings:
            return ""
        case Let(seconds):
            passed = f"⏳ {look.words.phrases.say_time(seconds)}"
            return taken(None, None, look, passed) + scene(played.view, look)
        case Pay():
            paid = look.words.phrases.do_not_wait
            return taken(None, None, look, paid) + scene(played.view, look)
        case Reply(typed) | Join(typed):
            return taken(None, None, look, typed) + scene(played.view, look)
        case Take() | Press():
            return taken(_number(played, before), played.taken, look) + scene(played.view, look)
        case _:
            assert_never(played.step)


def _number(played: Played, before: View | None) -> int | None:
    if played.taken is None or before is None:
        return None
    return 1 + [choice.key for choice in before.choices].index(played.taken.key)
