"""Replaying a witness by the rules of play: with which draws does it come out, and where does the player stand then?

A witness says what a player does, not what chance brings. So each step is made in every way in which its draws can come
out, and the stands that are left at the end are those that the play can come to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from itertools import product

from diana_engine.compiler.analysis.proofs.replies import possible
from diana_engine.compiler.analysis.states.draws import drawn_by
from diana_engine.compiler.analysis.states.report import Way, source_of
from diana_engine.expressions.draw import Drawn, Laid
from diana_engine.expressions.terms import Requirement
from diana_engine.play.actions import Answer, Choose, Continue, Earn
from diana_engine.play.earning import rest_of
from diana_engine.play.rules import EndlessPassage, act, begin
from diana_engine.play.state import PlayerState
from diana_engine.play.walk import Walk
from diana_engine.program.exits import ask_of
from diana_engine.program.model import Choices, Next, Program

__all__ = ["Budget", "Move", "Stand", "replay", "seeded"]

Move = Choose | Continue | Answer | Earn

_PERCENT = 100
_MOST_RUNS = 2_000
"""How many ways for its draws to come out are tried of one step, and how many stands are kept."""


@dataclass(slots=True)
class Budget:
    """How many steps may still be made; what is left is left for the next finding."""

    steps: int

    def spend(self) -> bool:
        """Take one; return whether there was one."""
        self.steps -= 1
        return self.steps >= 0


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a play came to rest, and what was done to come there.

    `draws` were made on the way: the number of the entry, the place, the value.
    """

    state: PlayerState
    draws: tuple[tuple[int, str, int], ...] = ()
    moves: tuple[Move, ...] = ()

    @property
    def drawn(self) -> dict[Drawn, int]:
        """What was drawn in the entry where the player stands: looked at again, it is the same."""
        entry = self.state.entry
        return {(at, place): value for at, place, value in self.draws if at == entry}


def _actions(program: Program, ways: Sequence[Way]) -> Iterator[tuple[Move, ...]]:
    """Yield what the player can do to go these ways; what is only passed through takes no action."""
    for id, number in ways:
        if (source := source_of(number)) is not None:
            yield (Earn(source),)
            continue
        fragment = program.fragments[id]
        match fragment.exit:
            case Choices(choices):
                yield (Choose(choices[number - 1].key),)
            case exit_ if (ask := ask_of(exit_)) is not None:
                yield tuple(map(Answer, possible(program, ask.into)))
            case _ if fragment.rests:
                yield (Continue(),)
            case _:
                pass


def replay(program: Program, ways: Sequence[Way], budget: Budget) -> tuple[Stand, ...]:
    """Return every stand to which the play can come, each with draws that lead there; none beyond the budget."""
    actions = tuple(_actions(program, ways))
    if all(len(one) == 1 for one in actions):
        only = _undrawn(program, tuple(one for (one,) in actions), budget)
        if only is not None:
            return (only,)
    fate = _Fate(program)
    stands = _after(fate, {}, partial(begin, program, fate.seed), budget)
    for able in actions:
        following: dict[object, Stand] = {}
        for stand, action in product(stands.values(), able):
            move = partial(_acted, program, stand.state, action, fate.seed)
            found = _after(fate, stand.drawn, move, budget, (stand, action))
            following = {**found, **following}
            if len(following) > _MOST_RUNS or budget.steps < 0:
                return ()
        stands = following
    return tuple(stands.values())


def seeded(program: Program, stand: Stand, budget: Budget) -> int | None:
    """Return a seed with which the same moves come to `stand` with nothing laid down, or `None` within the budget."""
    if not stand.draws:
        return 0
    seed = 0
    while budget.steps > 0:
        walk = _played(program, stand.moves, seed, budget)
        if walk is not None and _alike(walk, stand.state):
            return seed
        seed += 1
    return None


def _alike(walk: Walk, state: PlayerState) -> bool:
    return replace(walk.state(), seed=0) == replace(state, seed=0)


def _played(program: Program, actions: Sequence[Move], seed: int, budget: Budget) -> Walk | None:
    """Return the play, or `None` where an action is refused, the story never rests, or the budget is spent."""
    try:
        walk = begin(program, seed)
        for action in actions:
            _let_pass(walk, action)
            if not budget.spend() or act(walk, action) is not None:
                return None
    except EndlessPassage:
        return None
    return walk


# Draws --------------------------------------------------------------------------------------------------------------


class _Drawing(Exception):  # noqa: N818 - it is an event of the search, caught by it
    """Something was drawn."""


class _NoChance(Laid):
    """A seed that knows of no draw."""

    def laid(self, entry: int, place: str, size: int) -> int | None:  # noqa: ARG002 - it refuses them all
        raise _Drawing


def _undrawn(program: Program, actions: tuple[Move, ...], budget: Budget) -> Stand | None:
    """Return where a play without any draw ends: in place, for it may be of many thousand steps."""
    try:
        walk = _played(program, actions, _NoChance(0, {}), budget)
    except _Drawing:
        return None
    return None if walk is None else Stand(replace(walk.state(), seed=0), moves=actions)


@dataclass(slots=True)
class _Script:
    """One way for the draws of a step to come out: the values to take, each with how many there are."""

    values: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    at: int = 0

    def next(self) -> bool:
        """Go on to the next way; return whether there is one."""
        while self.values and self.values[-1][0] + 1 == len(self.values[-1][1]):
            self.values.pop()
        if not self.values:
            return False
        index, choice = self.values.pop()
        self.values.append((index + 1, choice))
        return True


class _Scripted(Laid):
    """A seed whose draws are known, or taken from the script of its fate."""

    fate: _Fate

    def laid(self, entry: int, place: str, size: int) -> int | None:
        return self.fate.draw(entry, place, size)


class _Fate:
    """A source of chance that goes through everything it can say, one run after the other."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.seed = _Scripted(0, {})
        self.seed.fate = self
        self.known: dict[Drawn, int] = {}
        self.fresh: list[tuple[int, str, int]] = []
        self.script = _Script()
        self._chances: set[str] | None = None

    def draw(self, entry: int, place: str, size: int) -> int:
        """Return what comes out in this run."""
        known = self.known.get((entry, place))
        if known is not None:
            return known
        script = self.script
        if script.at == len(script.values):
            script.values.append((0, self._values(place, size)))
        index, values = script.values[script.at]
        script.at += 1
        self.known[entry, place] = values[index]
        self.fresh.append((entry, place, values[index]))
        return values[index]

    def runs(self, known: dict[Drawn, int]) -> Iterator[None]:
        """Go through all ways in which draws beside those that are `known` come out."""
        self.script = _Script()
        for _ in range(_MOST_RUNS):
            self.known, self.fresh, self.script.at = dict(known), [], 0
            yield
            if not self.script.next():
                return

    def _values(self, place: str, size: int) -> tuple[int, ...]:
        """Return what is worth drawing: of a percentage the luckiest and the unluckiest, else every value."""
        if size == _PERCENT and place in self.chances():
            return (0, _PERCENT - 1)
        return tuple(range(size))

    def chances(self) -> set[str]:
        """Return the places at which a percentage is drawn."""
        if self._chances is None:
            self._chances = {
                place
                for requirement in _requirements(self.program)
                for (place, _), values in drawn_by(requirement, self.program.conditions).items()
                if values != set(range(_PERCENT))
            }
        return self._chances


def _requirements(program: Program) -> Iterator[Requirement]:
    for fragment in program.fragments.values():
        if fragment.gate is not None:
            yield fragment.gate.requires
        match fragment.exit:
            case Choices(choices):
                yield from (one.requires for one in choices if one.requires is not None)
            case Next(branches):
                yield from (one.requires for one in branches if one.requires is not None)
            case _:
                pass


def _acted(program: Program, state: PlayerState, action: Move, seed: int) -> Walk | None:
    walk = Walk(program, replace(state, seed=seed))
    _let_pass(walk, action)
    return walk if act(walk, action) is None else None


def _let_pass(walk: Walk, action: Move) -> None:
    """Let as much time pass as an income needs to come again."""
    if isinstance(action, Earn):
        last = max((run.at for run in walk.incomes.values()), default=walk.now)
        walk.now = last + rest_of(walk.program, action.source)


def _after(
    fate: _Fate,
    known: dict[Drawn, int],
    move: Callable[[], Walk | None],
    budget: Budget,
    before: tuple[Stand, Move] | None = None,
) -> dict[object, Stand]:
    """Return the stands after a move, each once."""
    found: dict[object, Stand] = {}
    for _ in fate.runs(known):
        if not budget.spend():
            break
        try:
            walk = move()
        except EndlessPassage:
            continue
        if walk is not None:
            draws: tuple[tuple[int, str, int], ...] = tuple(fate.fresh)
            moves: tuple[Move, ...] = ()
            if before is not None:
                draws, moves = (*before[0].draws, *draws), (*before[0].moves, before[1])
            stand = Stand(replace(walk.state(), seed=0), draws, moves)
            found.setdefault(_key(stand), stand)
    return found


def _key(stand: Stand) -> object:
    """Return what tells stands apart: what the player has, and what was drawn here and may be looked at again."""
    parts = (getattr(stand.state, one.name) for one in fields(stand.state))
    held = tuple(tuple(sorted(one.items())) if isinstance(one, Mapping) else one for one in parts)
    return held, tuple(sorted(stand.drawn.items()))
