"""A game in the terminal: a program, and the actions that were taken in it.

The actions are the truth, and the state is what they lead to. So a game is saved in a few words, a step is taken back by
leaving the last one out, and a save outlives a change of the story as far as its actions still fit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from diana_engine.play.actions import Action, Answer, Choose, Continue, Start
from diana_engine.play.events import Refused
from diana_engine.play.outcome import Outcome
from diana_engine.play.rules import EndlessPassage, advance, replay, step
from diana_engine.play.scene import look
from diana_engine.play.state import Moment, PlayerState
from diana_engine.play.view import View
from diana_engine.program.model import Program

__all__ = ["Move", "Session", "begin", "resume"]

Move = Choose | Continue | Answer
"""What a player does once the story has begun."""


@dataclass(frozen=True, slots=True)
class Session:
    """One game. `moves` led from the beginning, with `seed`, to `state`; `before` is the game that was given up for it."""

    program: Program
    seed: int
    moves: tuple[Move, ...]
    state: PlayerState
    before: Session | None = None

    @property
    def view(self) -> View:
        """What the player sees now."""
        return look(self.program, self.state)

    def act(self, move: Move) -> tuple[Session, Outcome]:
        """Return the game after `move`, the same one where it is refused, and what came of it.

        Raises:
            EndlessPassage: the story, a draft, never comes to rest after it; nothing has changed.
        """
        outcome = step(self.program, self.state, move, Moment())
        if outcome.refused is not None:
            return self, outcome
        return replace(self, moves=(*self.moves, move), state=outcome.state), outcome

    def undo(self) -> Session | None:
        """Return the game before its last move, or the one that was begun anew, or `None` at the very beginning."""
        if not self.moves:
            return self.before
        kept = self.moves[:-1]
        actions: tuple[Action, ...] = (Start(self.seed), *kept)
        return replace(self, moves=kept, state=replay(self.program, actions))

    def anew(self, seed: int) -> Session:
        """Return a new game; this one is kept, so that beginning anew can be undone too."""
        return replace(begin(self.program, seed), before=replace(self, before=None))


def begin(program: Program, seed: int) -> Session:
    """Return a new game.

    Raises:
        EndlessPassage: the story, a draft, never comes to rest at its beginning.
    """
    state, _ = advance(program, None, Start(seed), Moment())
    return Session(program, seed, (), state)


def resume(program: Program, seed: int, moves: Iterable[Move]) -> Session:
    """Return the game to which `moves` lead; where the story has changed, as far as they are still possible."""
    session = begin(program, seed)
    state, kept = session.state, list[Move]()
    for move in moves:
        try:
            after, events = advance(program, state, move, Moment())
        except EndlessPassage:
            break
        if isinstance(events[0], Refused):
            break
        state = after
        kept.append(move)
    return replace(session, moves=tuple(kept), state=state)
