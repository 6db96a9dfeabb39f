"""The moves of a story over reduced states, made by the rules of play themselves.

A state is a fragment and what can still matter there (`relevance`); everything else of a player is left at its
beginning. A move restores a player from it, lets `play` take the choice and arrive, and reduces again. Chance is free:
a move is made once for each way in which its draws can come out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from typing import NamedTuple

from diana_engine.compiler.analysis.states.graph.draws import (
    Draw,
    Luck,
    decide,
    decided,
    drawn_by,
    drawn_in,
    lucks,
)
from diana_engine.compiler.analysis.states.reductions.cuts import EVERY, Slot
from diana_engine.compiler.analysis.states.reductions.relevance import gates, relevance, targets
from diana_engine.expressions.evaluate import holds
from diana_engine.expressions.terms import (
    ChoiceKey,
    Effect,
    FragmentId,
    ItemId,
    Requirement,
    Value,
    VariableId,
)
from diana_engine.play.choices import take
from diana_engine.play.rules import arrive
from diana_engine.play.state import PlayerState
from diana_engine.play.walk import Walk
from diana_engine.program.model import Choice, Choices, Fragment, Next, Program

__all__ = ["Move", "Moves", "State", "TooMuchLuck"]

_MOST_LUCK = 4_096
"""How many ways for draws to come out one move may have."""

Draws = dict[Draw, set[int]]


class State(NamedTuple):
    """A player in a fragment: the values of its slots, and draws of this entry that may be looked at again."""

    fragment: FragmentId
    values: tuple[Value, ...]
    drawn: tuple[tuple[Draw, int], ...] = ()


class Move(NamedTuple):
    """The choice or branch with this number, from 1, can lead to `to`."""

    number: int
    to: State


@dataclass(frozen=True, slots=True)
class Step:
    """All that can be done in one state: the moves, and the numbers that are open whatever is drawn."""

    moves: tuple[Move, ...]
    open: frozenset[int]
    sure: frozenset[int]


class TooMuchLuck(Exception):  # noqa: N818 - it is an event of the analysis, caught by it
    """A single move has more ways to come out than are looked at."""


class Moves:
    """The states and moves of `program`; `bounded` gathers the slots that went beyond their cap."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.bounded: set[Slot] = set()
        found = relevance(program)
        self.cuts = found.at
        self._slots = {id: tuple(sorted(cuts.items())) for id, cuts in found.at.items()}
        self.capped = found.capped
        self._initial = {name: variable.initial for name, variable in program.variables.items()}
        self._fixed: dict[tuple[FragmentId, tuple[tuple[Draw, int], ...]], Fragment] = {}
        self._order: tuple[FragmentId, ...] = ()
        self._drawn_on_enter: dict[FragmentId, Draws] = {}
        self._drawn_at_gates: dict[FragmentId, Draws] = {}
        self._drawn_by_choice: dict[ChoiceKey, Draws] = {}
        self._remembered = {
            id: frozenset(self._enter_draws(fragment)) & frozenset(self._exit_draws(fragment))
            for id, fragment in program.fragments.items()
        }

    # Moving ---------------------------------------------------------------------------------------------------------

    def beginnings(self) -> tuple[State, ...]:
        """Return where a play can stand after it was begun, before it passes on."""
        player = PlayerState(0, self.program.start, values=self._initial)
        found: dict[State, None] = {}
        for luck in self.gate_lucks(self.program.start):
            found.update(dict.fromkeys(self._arrivals(player, self.program.start, luck)))
        return tuple(found)

    def step(self, state: State) -> Step:
        """Return what can be done in `state`."""
        player = self.restored(state)
        drawn = dict(state.drawn)
        match self.program.fragments[state.fragment].exit:
            case Choices(choices):
                return self._choose(choices, player, drawn)
            case Next() as onward:
                return self._go_on(onward, player, drawn)
            case _:
                return Step((), frozenset(), frozenset())

    def _choose(self, choices: tuple[Choice, ...], player: PlayerState, drawn: Luck) -> Step:
        moves: dict[Move, None] = {}
        open_numbers, shut = set(), set()
        for number, choice in enumerate(choices, start=1):
            for luck in self.choice_lucks(choice, drawn):
                walk = Walk(self.program, player)
                if take(self._decided_choice(choice, luck), walk) is not None:
                    shut.add(number)
                    continue
                open_numbers.add(number)
                for to in self._arrivals(walk.state(), choice.to, luck):
                    moves[Move(number, to)] = None
        return Step(tuple(moves), frozenset(open_numbers), frozenset(open_numbers - shut))

    def _go_on(self, onward: Next, player: PlayerState, drawn: Luck) -> Step:
        moves: dict[Move, None] = {}
        taken: set[int] = set()
        for luck in self.next_lucks(onward, drawn):
            number = self._branch(onward, player, luck)
            taken.add(number)
            to = onward.branches[number - 1].to
            for more in self.gate_lucks(to, luck):
                for state in self._arrivals(player, to, more):
                    moves[Move(number, state)] = None
        return Step(tuple(moves), frozenset(taken), frozenset(taken if len(taken) == 1 else ()))

    def _branch(self, onward: Next, player: PlayerState, luck: Luck) -> int:
        """Return the number of the branch that is taken; the last one is not asked, as in play."""
        for number, branch in enumerate(onward.branches[:-1], start=1):
            if branch.requires is None or holds(
                self.decided(branch.requires, luck),
                Walk(self.program, player),
                self.program.conditions,
            ):
                return number
        return len(onward.branches)

    def _arrivals(self, player: PlayerState, to: FragmentId, luck: Luck) -> Iterator[State]:
        """Yield the states in which a player who goes to `to` may come to stand; none if gates send on for ever."""
        for fragment in gates(self.program, to):
            gate = fragment.gate
            if gate is not None and not holds(
                self.decided(gate.requires, luck),
                Walk(self.program, player),
                self.program.conditions,
            ):
                continue
            for entered in self.enter_lucks(fragment):
                walk = Walk(self.program, player)
                arrive(walk, self._entered(fragment, entered))
                yield self._reduced(walk, entered)
            return

    def _entered(self, fragment: Fragment, luck: Luck) -> Fragment:
        """Return `fragment` for who passes its gate and draws `luck` on entering."""
        key = (fragment.id, tuple(sorted(luck.items())))
        if key not in self._fixed:
            self._fixed[key] = replace(
                fragment, gate=None, on_enter=decide(fragment.on_enter, luck)
            )
        return self._fixed[key]

    # States ---------------------------------------------------------------------------------------------------------

    def stand(self, player: PlayerState, drawn: Mapping[str, int]) -> State:
        """Return the state of a player who rests somewhere; `drawn` is what came out in this entry, by place."""
        kept = self._remembered[player.fragment]
        luck = {draw: drawn[draw[0]] for draw in kept if draw[0] in drawn}
        return self._reduced(Walk(self.program, player), luck)

    def restored(self, state: State) -> PlayerState:
        """Return a player who is in `state`; what no longer matters is left as it was at the beginning."""
        values: dict[VariableId, Value] = dict(self._initial)
        counts: dict[str, dict[str, int]] = {"item": {}, "visits": {}, "chosen": {}}
        for (slot, _), value in zip(self._slots[state.fragment], state.values, strict=True):
            kind, name = slot
            if kind == "value":
                values[VariableId(name)] = value
            elif isinstance(value, int) and value:
                counts[kind][name] = value
        return PlayerState(
            0,
            state.fragment,
            values=values,
            items=counts["item"],  # type: ignore[arg-type]  # ids are strings of their own kind
            visits=counts["visits"],  # type: ignore[arg-type]
            chosen=counts["chosen"],  # type: ignore[arg-type]
        )

    def _reduced(self, walk: Walk, luck: Luck) -> State:
        values: list[Value] = []
        for slot, cuts in self._slots[walk.fragment]:
            kind, name = slot
            if kind == "value":
                value = walk.values[VariableId(name)]
            elif kind == "item":
                value = walk.items.get(ItemId(name), 0)
            elif kind == "visits":
                value = walk.visits.get(FragmentId(name), 0)
            else:
                value = int(walk.chosen.get(ChoiceKey(name), 0) > 0)
            values.append(value if cuts == EVERY else self._alike(slot, cuts, value))
        kept = self._remembered[walk.fragment]
        drawn = tuple((draw, value) for draw, value in sorted(luck.items()) if draw in kept)
        return State(walk.fragment, tuple(values), drawn)

    def _alike(self, slot: Slot, cuts: tuple[int, int], value: Value) -> int:
        """Return the value that stands for all those that are like `value`."""
        assert isinstance(value, int), f"{slot} has an order"
        first, last = cuts
        alike = min(max(value, first - 1), last)
        if alike != value and slot in self.capped:
            self.bounded.add(slot)
        return alike

    # Draws ----------------------------------------------------------------------------------------------------------

    def choice_lucks(self, choice: Choice, known: Luck | None = None) -> Iterator[Luck]:
        """Yield every way in which the draws of taking `choice`, and of the gates it leads to, come out."""
        return self._lucks(self._choice_draws(choice), known)

    def gate_lucks(self, to: FragmentId, known: Luck | None = None) -> Iterator[Luck]:
        """Yield every way in which the draws at the gates of `to` come out."""
        return self._lucks(self._gate_draws(to), known)

    def enter_lucks(self, fragment: Fragment) -> Iterator[Luck]:
        """Yield every way in which the draws of `on_enter` come out."""
        return self._lucks(self._enter_draws(fragment))

    def next_lucks(self, onward: Next, known: Luck | None = None) -> Iterator[Luck]:
        """Yield every way in which the draws of the branches come out."""
        draws: Draws = {}
        for branch in onward.branches:
            self._gather(draws, branch.requires)
        return self._lucks(draws, known)

    @property
    def remembers(self) -> bool:
        """Whether some draw may be looked at on entering and again on leaving."""
        return any(self._remembered.values())

    def in_order(self) -> tuple[FragmentId, ...]:
        """Return the fragments to which the graph has a way, each as late as the ways to it allow."""
        if not self._order:
            self._order = _ordered(self.program)
        return self._order

    def _lucks(self, draws: Mapping[Draw, set[int]], known: Luck | None = None) -> Iterator[Luck]:
        """Yield every way in which `draws` come out, those that are known being what they are."""
        known = known or {}
        open_draws = {draw: values for draw, values in draws.items() if draw not in known}
        if prod(len(values) for values in open_draws.values()) > _MOST_LUCK:
            raise TooMuchLuck
        for luck in lucks(open_draws):
            yield {**known, **luck}

    def _gather(self, into: Draws, requirement: Requirement | None) -> None:
        if requirement is not None:
            _merge(into, drawn_by(requirement, self.program.conditions))

    def _gate_draws(self, to: FragmentId) -> Draws:
        found = self._drawn_at_gates.get(to)
        if found is None:
            found = self._drawn_at_gates[to] = {}
            for fragment in gates(self.program, to):
                self._gather(found, fragment.gate.requires if fragment.gate is not None else None)
        return found

    def _choice_draws(self, choice: Choice) -> Draws:
        found = self._drawn_by_choice.get(choice.key)
        if found is None:
            found = self._drawn_by_choice[choice.key] = {}
            _merge(found, self._gate_draws(choice.to))
            self._gather(found, choice.requires)
            _merge(found, drawn_in(choice.effects))
        return found

    def _enter_draws(self, fragment: Fragment) -> Draws:
        found = self._drawn_on_enter.get(fragment.id)
        if found is None:
            found = self._drawn_on_enter[fragment.id] = drawn_in(fragment.on_enter)
        return found

    def _exit_draws(self, fragment: Fragment) -> Draws:
        found: Draws = {}
        match fragment.exit:
            case Choices(choices):
                for choice in choices:
                    _merge(found, self._choice_draws(choice))
            case Next(branches):
                for branch in branches:
                    self._gather(found, branch.requires)
                    _merge(found, self._gate_draws(branch.to))
            case _:
                pass
        return found

    def decided(self, requirement: Requirement, luck: Luck) -> Requirement:
        """Return `requirement` with its draws decided."""
        return decided(requirement, luck, self.program.conditions) if luck else requirement

    def _decided_choice(self, choice: Choice, luck: Luck) -> Choice:
        if not luck:
            return choice
        requires = None if choice.requires is None else self.decided(choice.requires, luck)
        effects: tuple[Effect, ...] = decide(choice.effects, luck)
        return replace(choice, requires=requires, effects=effects)


def _merge(into: Draws, more: Mapping[Draw, set[int]]) -> None:
    for draw, values in more.items():
        into.setdefault(draw, set()).update(values)


def _ordered(program: Program) -> tuple[FragmentId, ...]:
    """Return the reachable fragments in reverse postorder of a depth-first search."""
    roots = [fragment.id for fragment in gates(program, program.start)]
    seen = set(roots)
    finished: list[FragmentId] = []
    for root in reversed(roots):
        stack = [(root, targets(program.fragments[root], program))]
        while stack:
            id, following = stack[-1]
            to = next((to for to in following if to not in seen), None)
            if to is None:
                finished.append(id)
                stack.pop()
            else:
                seen.add(to)
                stack.append((to, targets(program.fragments[to], program)))
    return tuple(reversed(finished))
