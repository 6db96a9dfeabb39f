"""A playthrough: one way through a story, and what must be seen on it.

It is played by the rules of play like anything else. What it expects and does not find is a `Finding`, which is a
value; an expectation that fails does not end the run, because what follows can still be played and may tell more. A
choice that cannot be taken does end it: nobody knows where the writer would be now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import assert_never

from diana_engine.expressions.text import Plain
from diana_engine.play.actions import Action, Answer, Choose, Continue, Start
from diana_engine.play.expectations import Expect, Finding, Written, ending_findings, findings
from diana_engine.play.naming import hidden, listed, meant, one_line, shown
from diana_engine.play.rules import EndlessPassage, step
from diana_engine.play.state import Moment, PlayerState
from diana_engine.play.view import ChoiceView, Lock, View
from diana_engine.program.model import Program
from diana_engine.source import Span

__all__ = [
    "Expect",
    "Finding",
    "Played",
    "Playthrough",
    "Press",
    "Reach",
    "Reply",
    "Step",
    "Take",
    "Written",
    "run",
]


@dataclass(frozen=True, slots=True)
class Take:
    """Take the choice of that name: its id, its text as it is shown, or its number from 1."""

    name: str
    where: Span | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """Continue from a fragment that has no choices."""

    where: Span | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer what the story asks, with these words."""

    typed: str
    where: Span | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Be at the ending of that name: the playthrough's last demand."""

    ending: Written


Move = Take | Press | Reply
"""What a player does; where it cannot be done, the playthrough ends."""
Step = Move | Expect | Reach


@dataclass(frozen=True, slots=True)
class Playthrough:
    """One way through a story. `seed` fixes all chance; `ending`, where it is given, is reached after the steps."""

    id: str
    steps: tuple[Move | Expect, ...]
    about: str | None = None
    seed: int = 0
    ending: Written | None = None
    where: Span | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """A step and what came of it: where the player is now, and what was wrong.

    `step` is `None` for the beginning. `taken` is the choice that was taken, as it was shown then.
    """

    step: Step | None
    state: PlayerState
    view: View
    taken: ChoiceView | None = None
    findings: tuple[Finding, ...] = ()


def run(program: Program, playthrough: Playthrough) -> Iterator[Played]:
    """Play `playthrough`, step by step, from the beginning to its end or to the first step that cannot be taken.

    Raises:
        EndlessPassage: the story never comes to rest at its beginning, so there is nothing to see.
    """
    begun = step(program, None, Start(playthrough.seed), Moment())
    now = Played(None, begun.state, begun.view)
    yield now
    last = (Reach(playthrough.ending),) if playthrough.ending is not None else ()
    for one in (*playthrough.steps, *last):
        now = _play(program, one, now.state, now.view)
        yield now
        if now.findings and isinstance(one, Move):
            return


def _play(program: Program, one: Step, state: PlayerState, view: View) -> Played:
    match one:
        case Take():
            return _take(program, one, state, view)
        case Press():
            return _press(program, one, state, view)
        case Reply():
            return _reply(program, one, state, view)
        case Expect():
            return Played(one, state, view, findings=tuple(findings(one, program, state, view)))
        case Reach(ending):
            return Played(one, state, view, findings=tuple(ending_findings(ending, program, view)))
        case _:
            assert_never(one)


def _take(program: Program, one: Take, state: PlayerState, view: View) -> Played:
    candidates = shown(one.name, view)
    if len(candidates) == 1 and candidates[0].lock is None:
        action = Choose(candidates[0].key)
        return _act(program, action, Played(one, state, view, candidates[0]), one.where)
    if len(candidates) > 1:
        why = f"More than one choice of `{view.fragment}` reads `{one.name}`."
        help_ = f"Name it by its number or an id. {listed(view)}"
    elif candidates:
        why = (
            f"The choice `{one.name}` of `{view.fragment}` is locked: {_reason(candidates[0].lock)}"
        )
        help_ = listed(view)
    else:
        why, help_ = _unknown(program, one.name, view)
    return Played(one, state, view, findings=(Finding(why, one.where, help_),))


def _press(program: Program, one: Press, state: PlayerState, view: View) -> Played:
    if view.can_continue:
        return _act(program, Continue(), Played(one, state, view), one.where)
    if shown("continue", view):
        return _take(program, Take("continue", one.where), state, view)
    why = f"There is nothing to continue in `{view.fragment}`."
    return Played(one, state, view, findings=(Finding(why, one.where, listed(view)),))


def _reply(program: Program, one: Reply, state: PlayerState, view: View) -> Played:
    before = Played(one, state, view)
    if view.ask is not None:
        return _act(program, Answer(one.typed), before, one.where)
    why = f"Nothing is asked in `{view.fragment}`."
    return replace(before, findings=(Finding(why, one.where, listed(view)),))


def _act(program: Program, action: Action, before: Played, where: Span | None) -> Played:
    """Do what was found possible; an answer may not fit, and in a draft the passage that follows may still fail."""
    try:
        outcome = step(program, before.state, action, Moment())
    except EndlessPassage as error:
        finding = Finding(str(error), where)
        return Played(before.step, before.state, before.view, before.taken, (finding,))
    if outcome.refused is not None:
        assert isinstance(action, Answer), f"what was shown was refused: {outcome.refused}"
        why = f"`{one_line((Plain(action.typed),))}` is no answer to what `{before.view.fragment}` asks."
        return replace(before, findings=(Finding(why, where, listed(before.view)),))
    return Played(before.step, outcome.state, outcome.view, before.taken)


def _unknown(program: Program, name: str, view: View) -> tuple[str, str]:
    if view.ending is not None:
        return f"The story is over at `{view.fragment}`, so `{name}` cannot be taken.", listed(view)
    if view.ask is not None:
        return f"`{view.fragment}` asks something, and has no choices.", listed(view)
    if hidden(name, program, view) is not None:
        return f"The choice `{name}` of `{view.fragment}` is hidden here.", listed(view)
    guess = meant(name, program, view)
    did_you_mean = f"Did you mean `{guess}`? " if guess else ""
    return f"There is no choice `{name}` in `{view.fragment}`.", did_you_mean + listed(view)


def _reason(lock: Lock | None) -> str:
    reason = one_line(lock.reason) if lock is not None else ""
    if not reason and lock is not None and lock.price is not None:
        price = lock.price
        return f"it costs {price.amount} {price.points}, and the player has {price.balance}."
    return reason or "its requirement is not met."
