"""What can still happen to a player who is past every ending: where they come to, and what stays shut for them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cached_property

from diana_engine.compiler.analysis.proofs.onwards import Onwards
from diana_engine.compiler.analysis.proofs.replies import uses_of_program
from diana_engine.compiler.analysis.states.reductions.moves import Moves, TooMuchLuck
from diana_engine.compiler.analysis.states.results.played import Played
from diana_engine.compiler.analysis.states.results.report import Way
from diana_engine.expressions.terms import FragmentId
from diana_engine.play.state import PlayerState
from diana_engine.program.model import Choices, Ending, Exit, Next, Program

__all__ = ["Aftermath", "Aftermaths", "by_moves", "by_play"]

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


class Aftermaths:
    """What can follow plays of a program; what it takes to look is made when it is first needed."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def of(self, stand: Played) -> Aftermath:
        """Return what can follow where a play stands."""
        if self._is_plain:
            return by_moves(self._moves, stand)
        if self._knows_time:
            return Aftermath(complete=False, ends=False, players={}, opened=frozenset(), stuck=())
        return by_play(self._onwards, stand)

    @cached_property
    def _moves(self) -> Moves:
        return Moves(self.program)

    @cached_property
    def _onwards(self) -> Onwards:
        return Onwards(self.program)

    @cached_property
    def _is_plain(self) -> bool:
        """Whether all that the program has is among the moves of single states; later constructs are not."""
        program = self.program
        if program.settles or program.combinations or program.timed or program.around.income:
            return False
        uses = uses_of_program(program)
        return not (uses.asks_vip or uses.asks_streak) and all(
            _is_plain(fragment.exit) for fragment in program.fragments.values()
        )

    @cached_property
    def _knows_time(self) -> bool:
        program = self.program
        return (
            bool(program.timed)
            or uses_of_program(program).asks_streak
            or any(one.cooldown or one.expires is not None for one in program.missions)
        )


def _is_plain(way: Exit) -> bool:
    match way:
        case Choices(choices):
            return all(choice.wait is None for choice in choices)
        case Next(_, None, None) | Ending():
            return True
        case _:
            return False


class _Found:
    """What was found so far."""

    def __init__(self) -> None:
        self.players: dict[FragmentId, list[PlayerState]] = {}
        self.opened: set[Way] = set()
        self.stuck: dict[FragmentId, None] = {}
        self.complete, self.ends = True, False

    def meet(self, program: Program, player: PlayerState) -> bool:
        """Note a player; return whether something may follow."""
        samples = self.players.setdefault(player.fragment, [])
        if len(samples) < _SAMPLES:
            samples.append(player)
        is_ending = isinstance(program.fragments[player.fragment].exit, Ending)
        self.ends = self.ends or is_ending
        return not is_ending

    def aftermath(self) -> Aftermath:
        """Return it all."""
        opened, stuck = frozenset(self.opened), tuple(self.stuck)
        return Aftermath(self.complete, self.ends, self.players, opened, stuck)


def by_moves(moves: Moves, stand: Played) -> Aftermath:
    """Return what can follow in a story of choices and branches, with only what can still matter of a player."""
    begin = moves.stand(stand.state, {place: value for (_, place), value in stand.drawn.items()})
    found, seen, waiting = _Found(), {begin}, deque([begin])
    while waiting:
        state = waiting.popleft()
        if not found.meet(moves.program, moves.restored(state)):
            continue
        try:
            step = moves.step(state)
        except TooMuchLuck:
            found.complete = False
            continue
        found.opened.update((state.fragment, number) for number in step.open)
        if not step.open:
            found.stuck[state.fragment] = None
        fresh = dict.fromkeys(move.to for move in step.moves if move.to not in seen)
        if len(seen) + len(fresh) > _MOST:
            found.complete = False
            continue
        seen.update(fresh)
        waiting.extend(fresh)
    return found.aftermath()


def by_play(onwards: Onwards, played: Played) -> Aftermath:
    """Return what can follow in any story in which no time is asked, with whole players."""
    begin = onwards.stand(played)
    found, seen, waiting = _Found(), {begin.key}, deque([begin])
    while waiting:
        stand = waiting.popleft()
        id = stand.player.fragment
        if not found.meet(onwards.program, stand.player):
            continue
        step = onwards.step(stand)
        found.complete = found.complete and step.is_all
        found.opened.update(step.opened)
        for passed in step.entered:
            found.players.setdefault(passed, [])
        if not step.can_act:
            found.stuck[id] = None
        fresh = [one for one in step.stands if one.key not in seen]
        if len(seen) + len(fresh) > _MOST:
            found.complete = False
            continue
        seen.update(one.key for one in fresh)
        waiting.extend(fresh)
    return found.aftermath()
