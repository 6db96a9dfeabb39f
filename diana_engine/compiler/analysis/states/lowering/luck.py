"""Which draws each part of a program makes, and every way in which they come out.

Within one stay in a fragment the same draw comes out the same. What is drawn on entering and looked at again in leaving
is part of the state: the fragment keeps it, as a variable of the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from diana_engine.compiler.analysis.states.graph.draws import Draw, Luck, drawn_by, drawn_in, lucks
from diana_engine.compiler.analysis.states.graph.loops import gates
from diana_engine.compiler.analysis.states.graph.model import Slot
from diana_engine.expressions.terms import FragmentId, Requirement
from diana_engine.program.exits import choices_of, passes_by
from diana_engine.program.model import (
    Branch,
    Call,
    Choice,
    Choices,
    Deck,
    Fragment,
    Next,
    Program,
    Return,
)

__all__ = ["Draws", "Lucks", "kept_slot"]

_MOST_LUCK = 4_096
"""How many ways for draws to come out one move may have."""

Draws = dict[Draw, set[int]]
"""Draws, each with the values at which something may change."""


class Lucks:
    """The draws of `program`; `kept` are those that a fragment keeps from entering to leaving, with their values."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.kept = self._draws_kept()

    def ways(self, draws: Mapping[Draw, set[int]], known: Luck | None = None) -> list[Luck] | None:
        """Return every way in which `draws` come out, those that are known being what they are; nothing if too many."""
        if not draws:
            return [known or {}]
        known = known or {}
        left = {draw: values for draw, values in draws.items() if draw not in known}
        if prod(len(values) for values in left.values()) > _MOST_LUCK:
            return None
        return [{**known, **luck} for luck in lucks(left)]

    def of(self, *requirements: Requirement | None) -> Draws:
        """Return the draws of requirements."""
        found: Draws = {}
        for requirement in requirements:
            if requirement is not None:
                _merge(found, drawn_by(requirement, self.program.conditions))
        return found

    def at_gates(self, to: FragmentId) -> Draws:
        """Return the draws that decide where one who goes to `to` comes to stand."""
        found: Draws = {}
        if self.program.fragments[to].gate is not None:
            for fragment in gates(self.program, to):
                if fragment.gate is not None:
                    _merge(found, self.of(fragment.gate.requires))
        return found

    def of_choice(self, choice: Choice) -> Draws:
        """Return the draws of taking a choice, and of the gates it leads to."""
        found = self.at_gates(choice.to)
        if choice.requires is not None:
            _merge(found, self.of(choice.requires))
        if choice.effects:
            _merge(found, drawn_in(choice.effects))
        return found

    def leaving(self, fragment: Fragment) -> Draws:
        """Return the draws of all ways on from a fragment, and of the gates they lead to."""
        found: Draws = {}
        for choice in choices_of(fragment.exit):
            if drawn := self.of_choice(choice):
                _merge(found, drawn)
        if isinstance(fragment.exit, Choices):
            return found
        for branch in self._branches(fragment):
            _merge(found, self.of(branch.requires))
            _merge(found, self.at_gates(branch.to))
        match fragment.exit:
            case Call(to):
                _merge(found, self.at_gates(to))
            case Deck(storylets, otherwise=otherwise):
                for id in storylets:
                    storylet = self.program.fragments[id].storylet
                    _merge(found, self.of(storylet.requires if storylet is not None else None))
                    _merge(found, self.at_gates(id))
                if otherwise is not None:
                    _merge(found, self.at_gates(otherwise))
            case _:
                pass
        return found

    def entering(self, fragment: Fragment) -> Draws:
        """Return the draws of entering a fragment; where it is a deck that may be passed by, also of what fits there."""
        found: Draws = drawn_in(fragment.on_enter) if fragment.on_enter else {}
        if isinstance(fragment.exit, Deck) and passes_by(fragment):
            storylets = [self.program.fragments[id].storylet for id in fragment.exit.storylets]
            _merge(found, self.of(*[one.requires for one in storylets if one is not None]))
        return found

    def _branches(self, fragment: Fragment) -> tuple[Branch, ...]:
        """Return the branches of which one may be taken in leaving: after a return, those of any call."""
        match fragment.exit:
            case Next(branches):
                return branches
            case Return():
                exits = (one.exit for one in self.program.fragments.values())
                called = (way for way in exits if isinstance(way, Call | Deck))
                return tuple(branch for way in called for branch in way.branches)
            case _:
                return ()

    def _draws_kept(self) -> dict[FragmentId, dict[Draw, list[int]]]:
        """Return the draws that are looked at both on entering a fragment and in leaving it; each is a variable."""
        found: dict[FragmentId, dict[Draw, list[int]]] = {}
        for fragment in self.program.fragments.values():
            entered = self.entering(fragment)
            if not entered:
                continue
            left = self.leaving(fragment)
            for draw in sorted(entered.keys() & left.keys()):
                found.setdefault(fragment.id, {})[draw] = sorted(entered[draw] | left[draw])
        return found


def kept_slot(id: FragmentId, draw: Draw) -> Slot:
    """Return the slot in which a fragment keeps a draw."""
    return ("draw", f"{id} {draw[0]} {draw[1]}")


def _merge(into: Draws, more: Mapping[Draw, set[int]]) -> None:
    for draw, values in more.items():
        into.setdefault(draw, set()).update(values)
