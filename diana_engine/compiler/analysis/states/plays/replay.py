"""Playing a witness on the rules of play: nothing is told of a play that they do not make.

`begin` and `act` of `diana_engine.play` make every move. Where chance decides, what can be drawn is tried in turn, until
the player comes to stand where the model says, with what it says; where a player types, what can be told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from diana_engine.compiler.analysis.states.graph.answers import possible_answers
from diana_engine.compiler.analysis.states.graph.guards import holds
from diana_engine.compiler.analysis.states.graph.model import (
    NOWHERE,
    Edge,
    Model,
    Variable,
    changed,
)
from diana_engine.compiler.analysis.states.lowering.values import since, value_of
from diana_engine.compiler.analysis.states.plays.hurry import unhurried
from diana_engine.compiler.analysis.states.plays.tape import Tape, Trying
from diana_engine.compiler.analysis.states.results.played import Played, Step
from diana_engine.compiler.analysis.states.results.report import (
    DAYS,
    PASSING,
    combination_of,
    number_of_streak,
    number_of_time,
    source_of,
)
from diana_engine.expressions.terms import NUMBER_LIMIT
from diana_engine.play.actions import Answer, Choose, Combine, Continue, Earn, Move, Pass, Skip
from diana_engine.play.decks import key_of
from diana_engine.play.earning import DAY, left_to_rest, rest_of
from diana_engine.play.rules import PASSAGE_LIMIT, EndlessPassage, act, begin
from diana_engine.play.state import PlayerState
from diana_engine.play.waits import way_ahead
from diana_engine.play.walk import Walk
from diana_engine.program.exits import Dealt, Otherwise, ask_of, wait_of, ways_of
from diana_engine.program.model import Branch, Call, Choice, Program, Return

__all__ = ["Replay", "let_pass", "let_rest"]

_MOST_TRIES = 20_000
"""In how many ways one move is tried."""


_OVER = Pass(0)
"""Let time pass until a wait is over."""
_WAITING: tuple[tuple[Move, ...], ...] = ((_OVER, Continue()), (Skip(),))
"""Waiting it out, or paying."""


class Replay:
    """Plays of `program` along the edges of its `model`."""

    def __init__(self, program: Program, model: Model, *, vip: bool = False) -> None:
        self.program, self.model = program, model
        self.tape = Tape(program)
        self.seed = Trying(0, {})
        self.seed.tape = self.tape
        # Who is VIP at first is so for as long as there is time.
        self.vip_until = NUMBER_LIMIT if vip else 0
        self.streak = next((i for i, x in enumerate(model.variables) if x.slot[0] == "streak"), 0)
        self.clocks = [one for one in model.variables if one.marks]
        self.asked = {one.slot[1]: one for one in model.variables if one.slot[0] == "value"}
        self.is_endless = False
        """Whether the last play was not made because it passes on for ever."""

    def played(self, edges: Iterable[int]) -> Played | None:
        """Return the play along these edges, from the beginning, if it can be made and is what the model says."""
        walk: Walk | None = None
        values = [variable.initial for variable in self.model.variables]
        self.tape.forget()
        self.is_endless = False
        steps: list[Step] = []
        for move in self._moves(edges):
            for edge in move:
                self._follow(edge, values)
            self._complete(move, values)
            made = self._made(walk, move, values)
            if made is None:
                return None
            walk, done = made
            steps += done
        if walk is None or not self._agrees(walk, values, ()):
            return None
        log = {**self._undrawn(walk, values), **self.tape.log}
        drawn = tuple((at, place, value) for (at, place), value in log.items())
        return Played(
            unhurried(steps), replace(walk.state(), seed=0), walk.now, drawn, bool(self.vip_until)
        )

    def _undrawn(self, walk: Walk, values: list[int]) -> dict[tuple[int, str], int]:
        """Return what the model has drawn where the play stands, and no move has looked at yet."""
        found = {}
        for variable, value in zip(self.model.variables, values, strict=True):
            if variable.slot[0] == "draw":
                fragment, (place, _), ways = self.tape.kept_values[variable.slot[1]]
                if fragment == walk.fragment:
                    found[walk.entry, place] = ways[value]
        return found

    def _moves(self, edges: Iterable[int]) -> Iterator[list[Edge]]:
        """Yield the edges of each move: up to where the player rests again."""
        move: list[Edge] = []
        for number in edges:
            edge = self.model.edges[number]
            move.append(edge)
            if self.model.rests[edge.target]:
                yield move
                move = []
        if move:
            yield move

    def _complete(self, move: list[Edge], values: list[int]) -> None:
        """Let the last move come to rest, if it was only followed to where one passes."""
        model = self.model
        for _ in range(PASSAGE_LIMIT):
            place = move[-1].target
            if model.rests[place]:
                return
            ahead = (model.edges[number] for number in model.out[place])
            onward = next((edge for edge in ahead if holds(edge.guard, values)), None)
            if onward is None:
                return
            move.append(onward)
            self._follow(onward, values)

    def _follow(self, edge: Edge, values: list[int]) -> None:
        for index, change in edge.changes.items():
            variable = self.model.variables[index]
            after = changed(values[index], change)
            values[index] = max(variable.low, min(variable.high, after))

    # Moves ----------------------------------------------------------------------------------------------------------

    def _made(
        self, walk: Walk | None, move: list[Edge], values: list[int]
    ) -> tuple[Walk, tuple[Step, ...]] | None:
        """Return the play after a move that comes out as the model says, and what was done in it."""
        to = self.model.places[move[-1].target]
        loose: set[int] = set()
        for edge in move:
            loose.update(edge.loose)
        ways = list(self._ways(move[0]))
        before: PlayerState | None = None
        now = walk.now if walk is not None else 0
        tries = 0
        for way in ways:
            for _ in self.tape.runs():
                tries += 1
                if tries > _MOST_TRIES:
                    return None
                if before is not None:
                    walk = Walk(self.program, before, now)
                elif walk is not None and (self.tape.is_used or len(ways) > 1):
                    before = walk.state()
                done = self._done(walk, way, move[0])
                if done is None or done[0].fragment != to:
                    continue
                after = done[0]
                decided = len(ways) == 1 and not self.tape.was_used
                if decided or self._agrees(after, values, loose):
                    for variable in loose:
                        known = self.model.variables[variable]
                        values[variable] = value_of(known, after, after.now)
                    self.tape.keep(after.entry)
                    return done
        return None

    def _done(
        self, walk: Walk | None, way: tuple[Move, ...], edge: Edge
    ) -> tuple[Walk, tuple[Step, ...]] | None:
        """Return the play after these moves, and what was done in them; nothing where one is refused."""
        try:
            if walk is None:
                outside = PlayerState(self.seed, self.program.start, vip_until=self.vip_until)
                return begin(self.program, self.seed, before=outside), ()
            number = self.model.options[edge.option].number
            if number == PASSING:
                return self._passed(walk)
            if number == DAYS:
                return self._lived(walk, edge)
            done: list[Step] = []
            for move in way:
                if isinstance(move, Pass):
                    seconds = self._until_over(walk) if move is _OVER else move.seconds
                    walk.now += seconds
                    done.append(Step(walk.fragment, 0, Pass(seconds)))
                    continue
                let_rest(walk, move)
                done.append(Step(walk.fragment, number, move))
                if act(walk, move) is not None:
                    return None
        except EndlessPassage:
            self.is_endless = True
            return None
        return walk, tuple(done)

    def _ways(self, edge: Edge) -> Iterator[tuple[Move, ...]]:
        """Yield what a player may do to go an edge."""
        if edge.source == NOWHERE:
            yield ()
            return
        id = self.model.places[edge.source]
        exit_ = self.program.fragments[id].exit
        number = self.model.options[edge.option].number
        if number == 0:
            yield from _WAITING
            return
        if number in (PASSING, DAYS):
            yield ()
            return
        if (source := source_of(number)) is not None:
            rests = Pass(self.model.pace.lasting(rest_of(self.program, source)))
            yield (rests, Earn(source)) if self.clocks else (Earn(source),)
            return
        if (index := combination_of(number)) is not None:
            yield (Combine(self.program.combinations[index].id),)
            return
        match ways_of(exit_)[number - 1]:
            case Choice(key):
                yield (Choose(key),)
            case Dealt(storylet):
                yield (Choose(key_of(id, storylet)),)
            case Branch() if (ask := ask_of(exit_)) is not None:
                known = self.asked.get(ask.into)
                for answer in possible_answers(known, self.program.variables[ask.into]):
                    yield (Answer(answer),)
            case Branch() if wait_of(exit_) is not None:
                yield from _WAITING
            case Branch() | Call() | Return() | Otherwise():
                yield (Continue(),)
            case other:
                assert_never(other)

    def _agrees(self, walk: Walk, values: list[int], loose: Iterable[int]) -> bool:
        """Return whether a player has what the model says, as far as that is known."""
        for index, (variable, value) in enumerate(zip(self.model.variables, values, strict=True)):
            if index in loose:
                continue
            if variable.slot[0] == "late":
                continue
            if variable.slot[0] == "draw":
                real = self.tape.kept(variable.slot[1], walk)
                if real is not None and real != value:
                    return False
            elif max(variable.low, min(variable.high, value_of(variable, walk, walk.now))) != value:
                return False
        return True

    # Time -----------------------------------------------------------------------------------------------------------

    def _until_over(self, walk: Walk) -> int:
        """Return how long it takes until a wait is over; where clocks go, as long as the model says."""
        wait = way_ahead(self.program, walk.fragment, walk.waiting)
        if self.clocks and wait is not None:
            return self.model.pace.lasting(wait.seconds)
        return max(0, walk.waiting.due - walk.now) if walk.waiting is not None else 0

    def _passed(self, walk: Walk) -> tuple[Walk, tuple[Step, ...]]:
        """Return the play after the least time that makes a difference."""
        pace = self.model.pace
        alone = len(self.clocks) == 1
        seconds = pace.tick or (_left(self.clocks, walk) if alone else pace.longest)
        walk.now += seconds
        return walk, (Step(walk.fragment, number_of_time(seconds), Pass(seconds)),)

    def _lived(self, walk: Walk, edge: Edge) -> tuple[Walk, tuple[Step, ...]]:
        """Return the play after a day on which the player was there, or two of which one was missed."""
        streak = changed(walk.streak, edge.changes[self.streak])
        days = DAY if streak else 2 * DAY
        move = Pass(self.model.pace.lasting(days) if self.clocks else days, streak)
        let_pass(walk, move)
        return walk, (Step(walk.fragment, number_of_streak(streak), move),)


def let_pass(walk: Walk, move: Pass) -> None:
    """Let time pass, and days come and go."""
    walk.now += move.seconds
    walk.streak = walk.streak if move.streak is None else move.streak


def _left(clocks: Sequence[Variable], walk: Walk) -> int:
    """Return how long it takes until a clock strikes next."""
    left = []
    for one in clocks:
        at = since(one, walk)
        left += (
            []
            if at is None
            else [mark - walk.now + at for mark in one.marks if mark > walk.now - at]
        )
    return min(left, default=0)


def let_rest(walk: Walk, move: Move) -> None:
    """Let as much time pass as an income needs to come again."""
    if isinstance(move, Earn):
        walk.now += left_to_rest(walk.program, walk.incomes, move.source, walk.now)
