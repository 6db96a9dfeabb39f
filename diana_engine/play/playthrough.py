"""A playthrough: one way through a story, and what must be seen on it.

It is played by the rules of play like anything else. What it expects and does not find is a `Finding`, which is a
value; an expectation that fails does not end the run, because what follows can still be played and may tell more. A
choice that cannot be taken does end it: nobody knows where the writer would be now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from diana_engine.diagnostics.suggest import closest
from diana_engine.expressions.durations import spelled
from diana_engine.expressions.text import Plain
from diana_engine.play.actions import Action, Answer, Choose, Combine, Continue, Skip, Start
from diana_engine.play.expectations import Expect, Finding, Written, ending_findings, findings
from diana_engine.play.naming import hidden, listed, meant, one_line, shown
from diana_engine.play.rules import EndlessPassage, step
from diana_engine.play.scene import look
from diana_engine.play.state import Moment, PlayerState
from diana_engine.play.view import ChoiceView, Lock, View
from diana_engine.program.model import Program
from diana_engine.program.systems import CombinationId
from diana_engine.records import dataclass
from diana_engine.source import Span

__all__ = [
    "Expect",
    "Finding",
    "Join",
    "Let",
    "Move",
    "Pay",
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
class Let:
    """Let time pass. A playthrough begins at the time 0, and nothing else takes time in it."""

    seconds: int
    where: Span | None = None


@dataclass(frozen=True, slots=True)
class Pay:
    """Pay for not waiting."""

    where: Span | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """Put items together: make the combination of that name."""

    combination: str
    where: Span | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Be at the ending of that name: the playthrough's last demand."""

    ending: Written


Move = Take | Press | Reply | Let | Pay | Join
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
    now: int = 0
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
        now = _play(program, one, replace(now, step=one, taken=None, findings=()))
        yield now
        if now.findings and isinstance(one, Move):
            return


def _play(program: Program, one: Step, before: Played) -> Played:
    """Return what comes of a step; `before` is where it is done."""
    match one:
        case Take():
            return _take(program, one, before)
        case Press():
            return _press(program, one, before)
        case Reply(typed):
            if before.view.ask is None:
                return _fails(before, f"Nothing is asked in `{before.view.fragment}`.")
            return _act(program, Answer(typed), before)
        case Pay():
            if before.view.wait is None and shown("skip", before.view):
                return _take(program, Take("skip", one.where), before)
            if before.view.wait is None or before.view.wait.skip is None:
                return _fails(before, f"There is no wait to pay for in `{before.view.fragment}`.")
            return _act(program, Skip(), before)
        case Join(combination):
            return _join(program, combination, before)
        case Let(seconds):
            later = before.now + seconds
            return replace(before, now=later, view=look(program, before.state, Moment(later)))
        case Expect():
            found = findings(one, program, before.state, before.view)
            return replace(before, findings=tuple(found))
        case Reach(ending):
            return replace(before, findings=tuple(ending_findings(ending, program, before.view)))
        case _:
            assert_never(one)


def _fails(before: Played, why: str, help_: str | None = None) -> Played:
    where = None if before.step is None or isinstance(before.step, Reach) else before.step.where
    return replace(before, findings=(Finding(why, where, help_ or listed(before.view)),))


def _take(program: Program, one: Take, before: Played) -> Played:
    view = before.view
    candidates = shown(one.name, view)
    if len(candidates) == 1 and candidates[0].lock is None:
        return _act(program, Choose(candidates[0].key), replace(before, taken=candidates[0]))
    if len(candidates) > 1:
        why = f"More than one choice of `{view.fragment}` reads `{one.name}`."
        return _fails(before, why, f"Name it by its number or an id. {listed(view)}")
    if candidates:
        why = _reason(candidates[0].lock)
        return _fails(before, f"The choice `{one.name}` of `{view.fragment}` is locked: {why}")
    return _fails(before, *_unknown(program, one.name, view))


def _press(program: Program, one: Press, before: Played) -> Played:
    if before.view.can_continue:
        return _act(program, Continue(), before)
    if shown("continue", before.view):
        return _take(program, Take("continue", one.where), before)
    if before.view.wait is not None:
        left = spelled(before.view.wait.left)
        return _fails(before, f"At `{before.view.fragment}` there is still {left} to wait.")
    return _fails(before, f"There is nothing to continue in `{before.view.fragment}`.")


def _join(program: Program, name: str, before: Played) -> Played:
    known = [one.id for one in program.combinations]
    if name not in known:
        guess = closest(name, known)
        help_ = f"Did you mean `{guess}`?" if guess else "They stand in `story.yaml`."
        return _fails(before, f"There is no combination `{name}`.", help_)
    return _act(program, Combine(CombinationId(name)), before)


def _act(program: Program, action: Action, before: Played) -> Played:
    """Do what was found possible; an answer may not fit, and in a draft the passage that follows may still fail."""
    try:
        outcome = step(program, before.state, action, Moment(before.now))
    except EndlessPassage as error:
        return _fails(before, str(error))
    match outcome.refused, action:
        case None, _:
            return replace(before, state=outcome.state, view=outcome.view)
        case _, Answer(typed):
            said = one_line((Plain(typed),))
            return _fails(before, f"`{said}` is no answer to what `{before.view.fragment}` asks.")
        case refused, Skip():
            assert refused is not None
            return _fails(before, "The player cannot pay for not waiting.")
        case _, Combine(id):
            why = f"`{id}` cannot be put together at `{before.view.fragment}`: "
            return _fails(before, why + _missing(program, id, before))
        case refused, _:
            raise AssertionError(f"what was shown was refused: {refused}")


def _missing(program: Program, id: CombinationId, before: Played) -> str:
    if before.view.ending is not None:
        return "the story is over."
    wanted = next(one for one in program.combinations if one.id == id)
    lacking = [item for item in wanted.of if not before.state.items.get(item)]
    if lacking:
        return f"the player does not hold `{lacking[0]}`."
    return "not all that it takes is there, or no more of what it gives can be held."


def _unknown(program: Program, name: str, view: View) -> tuple[str, str]:
    if view.ending is not None:
        return f"The story is over at `{view.fragment}`, so `{name}` cannot be taken.", listed(view)
    if view.wait is not None:
        return f"The player waits at `{view.fragment}`, and `{name}` cannot be taken.", listed(view)
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
