"""Slots as bits of a binary decision diagram, and sets of states as its nodes.

A slot with n values takes as many bits as n needs, each with a twin beside it for the value after a move. What a term
comes to is a `Spread`: each value with the set of states in which it is that one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from diana_engine.compiler.analysis.states.cuts import EVERY, Slot
from diana_engine.expressions.terms import Value

__all__ = ["Bits", "Node", "Spread"]

Node: TypeAlias = Any
"""A set of states: what the package `dd`, which has no types, calls a function."""
Spread = Mapping[Value, Node]


def _manager() -> Any:
    """Return CUDD's manager where `dd` has it, else the one in Python, for which reordering is too dear."""
    try:
        from dd import cudd as backend
    except ImportError:
        from dd import autoref

        manager = autoref.BDD()
        manager.configure(reordering=False)
        return manager
    manager = backend.BDD()
    manager.configure(reordering=True)
    return manager


class Bits:
    """The bits of all slots, in the order given; `words` are the values of those that hold words."""

    def __init__(
        self,
        ranges: Mapping[Slot, tuple[int, int]],
        order: Sequence[Slot],
        words: Mapping[Slot, Sequence[Value]],
    ) -> None:
        self.manager = _manager()
        self.true, self.false = self.manager.true, self.manager.false
        self._words = words
        self.numbers = frozenset(slot for slot in order if slot not in words)
        self._base: dict[Slot, int] = {}
        self.names: dict[Slot, tuple[str, ...]] = {}
        self._spreads: dict[tuple[Slot, tuple[int, int]], Spread] = {}
        for number, slot in enumerate(order):
            low, high = (0, len(words[slot]) - 1) if slot in words else ranges[slot]
            self._base[slot] = low
            count = max(1, (high - low).bit_length())
            self.names[slot] = tuple(f"s{number}b{bit}" for bit in range(count))
            for name in self.names[slot]:
                self.manager.declare(name, twin(name))

    def size(self) -> int:
        """Return how many nodes there are."""
        return len(self.manager)

    def spread(self, slot: Slot, cuts: tuple[int, int]) -> Spread:
        """Return the values that a slot with these cuts can have, each with its states."""
        key = (slot, cuts)
        if key not in self._spreads:
            self._spreads[key] = {
                value: self.cube(slot, value) for value in self.values(slot, cuts)
            }
        return self._spreads[key]

    def values(self, slot: Slot, cuts: tuple[int, int]) -> Sequence[Value]:
        """Return the values that are told apart in a slot with these cuts."""
        if slot in self._words:
            return self._words[slot]
        assert cuts != EVERY, f"{slot} has no end"
        return range(cuts[0] - 1, cuts[1] + 1)

    def cube(self, slot: Slot, value: Value) -> Node:
        """Return the states in which `slot` has this value."""
        return self.manager.cube(dict(zip(self.names[slot], self._bits(slot, value), strict=True)))

    def functions(self, slot: Slot, spread: Spread) -> dict[str, Node]:
        """Return for each bit of `slot` the states in which it is set, where its value is spread so."""
        functions = dict.fromkeys(self.names[slot], self.false)
        for value, states in spread.items():
            for name, is_set in zip(self.names[slot], self._bits(slot, value), strict=True):
                if is_set:
                    functions[name] |= states
        return functions

    def _bits(self, slot: Slot, value: Value) -> tuple[bool, ...]:
        if slot in self._words:
            code = self._words[slot].index(value)
        else:
            assert isinstance(value, int), f"{slot} holds numbers"
            code = value - self._base[slot]
        return tuple(bool(code >> bit & 1) for bit in range(len(self.names[slot])))


def twin(name: str) -> str:
    """Return the name of the bit that stands for `name` after a move."""
    return f"{name}n"
