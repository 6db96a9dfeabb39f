"""All that can follow where a play stands, made by the rules of play alone: whatever a story is written with.

`Moves` look at a story of choices and branches with less, and so see further. Here a player is whole, with missions, calls
and waits; chance comes out every way, answers are those that the story tells apart, and no time passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from diana_engine.compiler.analysis.proofs.replies import possible
from diana_engine.compiler.analysis.states.lowering.asked import Asked
from diana_engine.compiler.analysis.states.plays.tape import Tape, Trying
from diana_engine.compiler.analysis.states.results.played import Played
from diana_engine.compiler.analysis.states.results.report import Way
from diana_engine.expressions.terms import NUMBER_LIMIT, FragmentId, Value
from diana_engine.play.actions import Answer, Choose, Combine, Continue, Earn, Skip
from diana_engine.play.decks import key_of
from diana_engine.play.events import Event, FragmentEntered, TurnedAway
from diana_engine.play.rules import EndlessPassage, act
from diana_engine.play.state import PlayerState
from diana_engine.play.walk import Walk
from diana_engine.program.exits import Dealt, Otherwise, ask_of, ways_of
from diana_engine.program.model import Branch, Call, Choice, Program, Return

__all__ = ["Onwards", "Stand", "Stepped"]

_MOST = 500
"""How many steps are tried where one player stands."""

_Move = Choose | Continue | Answer | Combine | Skip | Earn
_Known = Mapping[tuple[int, str, int], int]


@dataclass(frozen=True, slots=True)
class Stand:
    """A player who rests somewhere, and what is drawn there already; `key` is the same where nothing tells them apart."""

    player: PlayerState
    known: _Known
    key: object


@dataclass(frozen=True, slots=True)
class Stepped:
    """Where one step leads, over which ways, and what was entered; `is_all` is false where not all was tried.

    The player `can_act` who can do anything in the story itself.
    """

    stands: tuple[Stand, ...]
    opened: frozenset[Way]
    entered: tuple[FragmentId, ...]
    is_all: bool
    can_act: bool


class Onwards:
    """The steps of a program from whole players."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._tape = Tape(program)
        self._seed = Trying(0, {})
        self._seed.tape = self._tape
        self._asked = Asked(program)
        self._counts = any(one.repeat for one in program.missions)

    def stand(self, played: Played) -> Stand:
        """Return where a play stands."""
        drawn = {place: value for (_, place), value in played.drawn.items()}
        known = {
            (0, place, size): drawn[place] for place, size in self._tape.values if place in drawn
        }
        return self._stand(played.state, known)

    def step(self, stand: Stand) -> Stepped:
        """Return all that can come of the next thing that the player does."""
        stands: dict[object, Stand] = {}
        opened: set[Way] = set()
        # In their order, so that a finding is the same every time.
        entered: dict[FragmentId, None] = {}
        tried, can_act = 0, False
        for number, move in self._moves(stand.player):
            for walk in self._tried(stand, move):
                tried += 1
                if walk is None:
                    continue
                can_act = can_act or not isinstance(move, Earn)
                opened.update([(stand.player.fragment, number)] if number else [])
                opened.update(_passed(self.program, stand.player.fragment, walk.events))
                entered.update(_entered(walk.events))
                after = self._stand(walk.state(), self._tape.remembered(walk.entry))
                stands.setdefault(after.key, after)
                if tried > _MOST:
                    break
        return Stepped(
            tuple(stands.values()), frozenset(opened), tuple(entered), tried <= _MOST, can_act
        )

    def _tried(self, stand: Stand, move: _Move) -> Iterator[Walk | None]:
        """Yield the play after a move, once for each way in which its draws come out; nothing where it is not possible."""
        self._tape.recall(stand.known)
        for _ in self._tape.runs():
            walk = Walk(self.program, replace(stand.player, seed=self._seed))
            try:
                yield walk if act(walk, move) is None else None
            except EndlessPassage:
                yield None

    def _moves(self, player: PlayerState) -> Iterator[tuple[int, _Move]]:
        """Yield what the player may try, each with the number of the way that it surely is; 0 where it may be several."""
        program = self.program
        if player.waiting is not None:
            yield from ((0, Continue()), (0, Skip()))
        else:
            yield from self._onward(player.fragment)
        for one in program.combinations:
            yield 0, Combine(one.id)
        for source in program.around.income:
            yield 0, Earn(source)

    def _onward(self, id: FragmentId) -> Iterator[tuple[int, _Move]]:
        exit_ = self.program.fragments[id].exit
        if (ask := ask_of(exit_)) is not None:
            for typed in possible(self.program, ask.into):
                yield 0, Answer(typed)
            return
        goes_on = False
        for number, way in enumerate(ways_of(exit_), start=1):
            match way:
                case Choice(key):
                    yield number, Choose(key)
                case Dealt(storylet):
                    yield number, Choose(key_of(id, storylet))
                case Branch() | Call() | Return() | Otherwise():
                    goes_on = True
        if goes_on:
            yield 0, Continue()

    def _stand(self, player: PlayerState, known: _Known) -> Stand:
        waiting = player.waiting
        bare = replace(
            player,
            seed=0,
            entry=0,
            said=None,
            combined=None,
            entered={},
            incomes={},
            remind_at=None,
            vip_until=NUMBER_LIMIT if player.vip_until else 0,
            waiting=None if waiting is None else replace(waiting, due=0),
        )
        kept = {(0, place, size): value for (_, place, size), value in known.items()}
        return Stand(bare, kept, (*sorted(kept.items()), *self._told_apart(bare)))

    def _told_apart(self, player: PlayerState) -> Iterator[object]:
        """Yield all of a player that the story asks for, in a form that can be a key."""
        yield from (player.fragment, player.calls, player.waiting, player.level, player.vip_until)
        yield self._part("value", player.values)
        yield self._part("item", player.items)
        yield self._part("visits", player.visits)
        yield self._part("chosen", {key: count > 0 for key, count in player.chosen.items()})
        yield self._part("earned", player.earned)
        yield self._part("tally", player.tally)
        yield frozenset(player.achieved)
        for id, run in sorted(player.missions.items()):
            yield id, run.active, run.times > 0, tuple(sorted(run.before.items()))

    def _part(self, kind: str, table: Mapping[Any, Value]) -> object:
        """Return what is asked of one kind; what is beyond all that is asked is alike."""
        slots, most = self._asked.slots, self._asked.largest + 1
        # Missions that begin anew count visits and events from where they began.
        every = kind in ("visits", "tally") and self._counts
        return tuple(
            sorted(
                (name, min(value, most) if isinstance(value, int) and kind != "value" else value)
                for name, value in table.items()
                if every or (kind, name) in slots
            )
        )


def _entered(events: list[Event]) -> dict[FragmentId, None]:
    return {one.fragment: None for one in events if isinstance(one, FragmentEntered)}


def _passed(program: Program, id: FragmentId, events: list[Event]) -> Iterator[Way]:
    """Yield the ways that are no choices, and that a step from the fragment `id` took."""
    for one in events:
        match one:
            case FragmentEntered(to):
                yield from _ways_to(program, id, to)
                id = to
            case TurnedAway(to):
                yield from _ways_to(program, id, to)
                return
            case _:
                pass


def _ways_to(program: Program, id: FragmentId, to: FragmentId) -> Iterator[Way]:
    for number, way in enumerate(ways_of(program.fragments[id].exit), start=1):
        match way:
            case Branch(target) | Call(target) | Otherwise(target) if target == to:
                yield id, number
            case Return():
                yield id, number
            case _:
                pass
