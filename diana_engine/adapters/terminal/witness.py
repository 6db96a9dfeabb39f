"""A finding's play, made again in the terminal; and the same as a playthrough for a story's tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from diana_engine.adapters.terminal.screen import Look, scene, taken
from diana_engine.adapters.terminal.session import Session, begin, passed
from diana_engine.diagnostics.model import Diagnostic, Witness, WitnessStep
from diana_engine.diagnostics.witness import named
from diana_engine.errors import DianaError
from diana_engine.expressions.draw import Laid
from diana_engine.expressions.durations import spelled
from diana_engine.expressions.terms import NUMBER_LIMIT, ChoiceKey
from diana_engine.play.actions import Answer, Choose, Combine, Continue, Earn, Move, Pass, Skip
from diana_engine.play.decks import key_of
from diana_engine.play.earning import left_to_rest
from diana_engine.play.naming import choice_id, one_line, shown
from diana_engine.play.rules import step as step_of
from diana_engine.play.scene import look as look_at
from diana_engine.play.state import Moment
from diana_engine.play.view import ChoiceView, View
from diana_engine.program.exits import Dealt, ways_of
from diana_engine.program.model import Choice, Program
from diana_engine.program.systems import CombinationId

__all__ = ["Relived", "as_playthrough", "play_witness"]


@dataclass(frozen=True, slots=True)
class Relived:
    """A play that was made again: the game where it leads, and what was seen before each of its moves."""

    game: Session
    seen: tuple[View, ...]


def play_witness(
    program: Program, witness: Witness, tell: Callable[[str], None], look: Look
) -> Relived:
    """Play a witness and tell each step.

    Raises:
        DianaError: a step cannot be taken: the witness is not one of this program.
    """
    game = begin(program, _seed(witness), vip_until=NUMBER_LIMIT if witness.vip else 0)
    state, view, now = game.state, game.view, 0
    seen: list[View] = []
    moves: list[Move] = []
    tell(scene(view, look))
    for count, step in enumerate(witness.steps, start=1):
        if step.earned is not None and step.earned in program.around.income:
            left = left_to_rest(program, state.incomes, step.earned, now)
            if left:
                seen.append(view)
                moves.append(Pass(left))
                now += left
        choice = _choice(program, step, view)
        move = _move(step, choice)
        seen.append(view)
        moves.append(move)
        number = None if choice is None else 1 + view.choices.index(choice)
        tell(taken(number, choice, look, _said(step, look)))
        if isinstance(move, Pass):
            now += move.seconds
            state = passed(state, move)
            view = look_at(program, state, Moment(now))
            continue
        outcome = step_of(program, state, move, Moment(now))
        if outcome.refused is not None:
            raise DianaError(f"Step {count} of this play cannot be taken at `{step.fragment}`.")
        state, view = outcome.state, outcome.view
        tell(scene(view, look))
    # A game knows its moves in a tuple, so that making it move by move would take the square of a long play.
    return Relived(replace(game, moves=tuple(moves), state=state, now=now), tuple(seen))


def _said(step: WitnessStep, look: Look) -> str | None:
    """Return what is told of a step instead of the words of a choice."""
    if step.earned is not None or step.combines is not None:
        return step.earned or step.combines
    if step.waits:
        return f"{look.words.wait}: {spelled(step.waits)}"
    return look.words.phrases.do_not_wait if step.pays else step.typed


def _seed(witness: Witness) -> int:
    laid = {(entry, place): drawn for entry, place, drawn in witness.laid}
    return Laid(witness.seed, laid) if laid else witness.seed


def _move(step: WitnessStep, choice: ChoiceView | None) -> Move:
    if step.earned is not None:
        return Earn(step.earned)
    if step.combines is not None:
        return Combine(CombinationId(step.combines))
    if step.waits:
        return Pass(step.waits, step.streak)
    if step.pays:
        return Skip()
    if step.typed is not None:
        return Answer(step.typed)
    return Continue() if choice is None else Choose(choice.key)


def _choice(program: Program, step: WitnessStep, view: View) -> ChoiceView | None:
    """Return the choice that a step takes, as it is shown, or `None` where the player continues."""
    if view.fragment != step.fragment:
        raise DianaError(f"This play is at `{view.fragment}`, and should be at `{step.fragment}`.")
    key = _key(program, step, view)
    if key is None:
        return None
    for choice in view.choices:
        if choice.key == key and choice.lock is None:
            return choice
    raise DianaError(f"“{step.words}” cannot be taken at `{step.fragment}` in this play.")


def _key(program: Program, step: WitnessStep, view: View) -> ChoiceKey | None:
    """Return the key of the choice that a step takes, be it written or dealt."""
    if step.number == 0:
        return None
    match ways_of(program.fragments[view.fragment].exit)[step.number - 1]:
        case Choice(key):
            return key
        case Dealt(storylet):
            return key_of(view.fragment, storylet)
        case _:
            return None


# As a playthrough ---------------------------------------------------------------------------------------------------


def as_playthrough(found: Diagnostic, play: Relived) -> str:
    """Return the play of a finding as the text of a playthrough, which a story keeps in its folder `tests`.

    Raises:
        DianaError: the luck that it needs is that of no seed that was tried.
    """
    witness, name = found.witness, named(found)
    assert witness is not None, "a finding is asked for by its play"
    if witness.vip:
        raise DianaError(
            f"The play of {name} is one of a player who is VIP, and a playthrough is one of a player who is not."
        )
    if witness.laid:
        raise DianaError(
            f"The play of {name} needs luck that no seed which was tried brings, and a playthrough knows seeds only."
        )
    if any(step.earned is not None for step in witness.steps):
        raise DianaError(
            f"The play of {name} needs what is earned outside the story, and a playthrough knows none of that yet."
        )
    if any(step.streak is not None for step in witness.steps):
        raise DianaError(
            f"The play of {name} needs a streak, and a playthrough knows none of that yet."
        )
    return "\n".join(_lines(found, play)) + "\n"


def _lines(found: Diagnostic, play: Relived) -> Iterator[str]:
    name = (named(found) or found.code).lower().replace(":", "_")
    yield f"playthrough: {name}"
    yield f"about: {_quoted(found.message)}"
    yield f"seed: {int(play.game.seed)}"
    yield "steps:"
    for view, move in zip(play.seen, play.game.moves, strict=True):
        yield f"  - {_step(view, move)}"
    yield f"  - expect: {{at: {play.game.state.fragment}}}"


def _step(view: View, move: Move) -> str:
    """Return how a playthrough says a move, in the words that stay right longest."""
    if isinstance(move, Answer):
        return f"{{answer: {_quoted(move.typed)}}}"
    if isinstance(move, Pass):
        return f"wait: {spelled(move.seconds)}"
    if isinstance(move, Combine):
        return f"combine: {move.combination}"
    if isinstance(move, Skip):
        return "skip"
    if not isinstance(move, Choose):
        return "continue"
    number, choice = next(
        (number, one) for number, one in enumerate(view.choices, 1) if one.key == move.choice
    )
    for name in (choice_id(choice.key), one_line(choice.text)):
        if name and name != "continue" and shown(name, view) == (choice,):
            return _quoted(name)
    return _quoted(str(number))


def _quoted(text: str) -> str:
    """Return `text` between quotes, as YAML reads JSON's."""
    return json.dumps(text, ensure_ascii=False)
