"""What can still happen to a player who is past every ending: where they come to, and what stays shut for them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from diana_engine.compiler.analysis.proofs.replies import uses_of_program
from diana_engine.compiler.analysis.states.moves import Moves, State, TooMuchLuck
from diana_engine.compiler.analysis.states.played import Played
from diana_engine.compiler.analysis.states.report import Way
from diana_engine.expressions.terms import FragmentId
from diana_engine.play.state import PlayerState
from diana_engine.program.model import Choices, Ending, Exit, Next, Program

__all__ = ["Aftermath", "aftermath"]

_MOST = 300
"""How many states are looked at after a point of no return; where there are more, less is told."""
_SAMPLES = 40
"""How many states of one fragment are kept, to find out which part of a requirement is never met."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What can follow: the fragments with players who may stand there, the ways that are open, and where one is stuck.

    If `complete`, nothing else can follow. `ends` says whether an ending is among it.
    """

    complete: bool
    ends: bool
    players: dict[FragmentId, list[PlayerState]]
    opened: frozenset[Way]
    stuck: tuple[FragmentId, ...]


def _is_followed(program: Program) -> bool:
    """Return whether all that a program has is among the moves of single states; later constructs are not."""
    if program.settles or program.combinations or program.timed:
        return False
    uses = uses_of_program(program)
    return not (uses.asks_vip or uses.asks_streak) and all(
        _is_plain(fragment.exit) for fragment in program.fragments.values()
    )


def _is_plain(way: Exit) -> bool:
    match way:
        case Choices(choices):
            return all(choice.wait is None for choice in choices)
        case Next(_, None, None) | Ending():
            return True
        case _:
            return False


def aftermath(moves: Moves, stand: Played) -> Aftermath:
    """Return what can follow where a play stands."""
    if not _is_followed(moves.program):
        return Aftermath(complete=False, ends=False, players={}, opened=frozenset(), stuck=())
    begin = moves.stand(stand.state, {place: value for (_, place), value in stand.drawn.items()})
    seen: set[State] = {begin}
    waiting: deque[State] = deque(seen)
    players: dict[FragmentId, list[PlayerState]] = {}
    opened: set[Way] = set()
    stuck: dict[FragmentId, None] = {}
    complete, ends = True, False
    while waiting:
        state = waiting.popleft()
        samples = players.setdefault(state.fragment, [])
        if len(samples) < _SAMPLES:
            samples.append(moves.restored(state))
        if isinstance(moves.program.fragments[state.fragment].exit, Ending):
            ends = True
            continue
        try:
            step = moves.step(state)
        except TooMuchLuck:
            complete = False
            continue
        opened.update((state.fragment, number) for number in step.open)
        if not step.open:
            stuck[state.fragment] = None
        fresh = dict.fromkeys(move.to for move in step.moves if move.to not in seen)
        if len(seen) + len(fresh) > _MOST:
            complete = False
            continue
        seen.update(fresh)
        waiting.extend(fresh)
    return Aftermath(complete, ends, players, frozenset(opened), tuple(stuck))
