"""A game in the terminal: a program, and the actions that were taken in it.

The actions are the truth, and the state is what they lead to. So a game is saved in a few words, a step is taken back by
leaving the last one out, and a save outlives a change of the story as far as its actions still fit.

Time in a game passes only when the player lets it: it is 0 at the beginning, and what is done takes no time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from diana_engine.play.actions import Continue, Move, Pass, Start
from diana_engine.play.outcome import Outcome
from diana_engine.play.rules import EndlessPassage, act, advance, step
from diana_engine.play.scene import look
from diana_engine.play.state import Moment, PlayerState
from diana_engine.play.view import View
from diana_engine.play.walk import Walk
from diana_engine.program.model import Program

__all__ = ["Move", "Pass", "Session", "begin", "passed", "resume"]


@dataclass(frozen=True, slots=True)
class Session:
    """One game. `moves` led from the beginning, with `seed`, to `state` at the time `now`.

    `before` is the game that was given up for it.
    """

    program: Program
    seed: int
    moves: tuple[Move, ...]
    state: PlayerState
    now: int = 0
    before: Session | None = None

    @property
    def view(self) -> View:
        """What the player sees now."""
        return look(self.program, self.state, Moment(self.now))

    def act(self, move: Move) -> tuple[Session, Outcome]:
        """Return the game after `move`, the same one where it is refused, and what came of it.

        Raises:
            EndlessPassage: the story, a draft, never comes to rest after it; nothing has changed.
        """
        if isinstance(move, Pass):
            state = passed(self.state, move)
            later = replace(
                self, moves=(*self.moves, move), state=state, now=self.now + move.seconds
            )
            return later, Outcome(state, (), later.view)
        outcome = step(self.program, self.state, move, Moment(self.now))
        if outcome.refused is not None:
            return self, outcome
        return replace(self, moves=(*self.moves, move), state=outcome.state), outcome

    def undo(self) -> Session | None:
        """Return the game before its last move, or the one that was begun anew, or `None` at the very beginning."""
        if not self.moves:
            return self.before
        *kept, last = self.moves
        if isinstance(last, Continue) and kept and isinstance(kept[-1], Pass):
            # Waiting and going on was one step of the player.
            kept.pop()
        return replace(resume(self.program, self.seed, kept), before=self.before)

    def anew(self, seed: int) -> Session:
        """Return a new game; this one is kept, so that beginning anew can be undone too."""
        return replace(begin(self.program, seed), before=replace(self, before=None))


def begin(program: Program, seed: int, *, vip_until: int = 0) -> Session:
    """Return a new game of a player who is VIP until then.

    Raises:
        EndlessPassage: the story, a draft, never comes to rest at its beginning.
    """
    before = PlayerState(seed, program.start, vip_until=vip_until) if vip_until else None
    state, _ = advance(program, before, Start(seed), Moment())
    return Session(program, seed, (), state)


def passed(state: PlayerState, move: Pass) -> PlayerState:
    """Return a player for whom time has passed: only the streak may have changed."""
    return state if move.streak is None else replace(state, streak=move.streak)


def resume(program: Program, seed: int, moves: Iterable[Move]) -> Session:
    """Return the game to which `moves` lead; where the story has changed, as far as they are still possible."""
    session = begin(program, seed)
    walk, state, kept = Walk(program, session.state), session.state, list[Move]()
    for move in moves:
        if isinstance(move, Pass):
            walk.now += move.seconds
            walk.streak = walk.streak if move.streak is None else move.streak
            state = passed(state, move)
        else:
            try:
                refused = act(walk, move)
            except EndlessPassage:
                break
            if refused is not None:
                break
            state = walk.state()
        kept.append(move)
    return replace(session, moves=tuple(kept), state=state, now=walk.now)
