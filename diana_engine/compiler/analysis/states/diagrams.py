"""Sets of states as binary decision diagrams: the few things that the analysis asks of the package `dd`.

Where the wheel of `dd` brings CUDD, that does the work; elsewhere its own manager in Python does, more slowly. Sets are
joined with ``|``, met with ``&`` and turned into their complement with ``~``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Literal, TypeAlias, cast

__all__ = ["Backend", "Diagrams", "Node", "OverBudget"]

Node: TypeAlias = Any
"""A set of states: what the package `dd`, which has no types, calls a function."""
Backend = Literal["cudd", "python"]


class OverBudget(Exception):  # noqa: N818 - it is an event of the analysis, caught by it
    """The decision diagrams have grown beyond the budget."""


class Diagrams:
    """A manager of diagrams over variables that are declared in their order.

    With `reordering` it looks for better orders as it goes. That costs more than it saves where there are many diagrams,
    and `reorders` says whether the package does it well at all.
    """

    def __init__(self, backend: Backend | None = None, *, reordering: bool = False) -> None:
        self._package = _package(backend)
        self._manager = self._package.BDD()
        self.reorders = self._is_cudd = hasattr(self._package, "and_exists")
        self._manager.configure(reordering=reordering and self.reorders)
        self.all: Node = self._manager.true
        self.none: Node = self._manager.false

    def declare(self, names: Iterable[str]) -> None:
        """Take variables into the order, behind those that are there."""
        for name in names:
            self._manager.declare(name)

    def bit(self, name: str) -> Node:
        """Return the states in which a variable is set."""
        return self._manager.var(name)

    def cube(self, bits: Mapping[str, bool]) -> Node:
        """Return the states in which these variables are so."""
        return self._manager.cube(dict(bits)) if bits else self.all

    def some(self, names: Iterable[str], node: Node) -> Node:
        """Return the states that come to lie in `node` by some change of these variables."""
        return self._manager.exist(list(names), node)

    def some_of_both(self, names: Iterable[str], one: Node, other: Node) -> Node:
        """Return the states that come to lie in both nodes by some change of these variables."""
        if self._is_cudd:
            return self._package.and_exists(one, other, names)
        return self._manager.exist(list(names), one & other)

    def same(self, one: Node, other: Node) -> Node:
        """Return the states that lie in both nodes, or in neither."""
        return self._manager.apply("<=>", one, other)

    def every(self, names: Iterable[str], node: Node) -> Node:
        """Return the states that stay in `node` by every change of these variables."""
        return self._manager.forall(list(names), node)

    def put(self, parts: Mapping[str, Node | str], node: Node) -> Node:
        """Return `node` with nodes, or other variables, put for some of its variables, all at once."""
        return self._manager.let(dict(parts), node)

    def size(self) -> int:
        """Return how many nodes there are."""
        return len(self._manager)


def _package(backend: Backend | None) -> Any:
    with _without("networkx"):
        if backend != "python":
            try:
                from dd import cudd
            except ImportError:
                if backend == "cudd":
                    raise
            else:
                return cudd
        from dd import autoref

        return autoref


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Let nobody import a module: `dd` wants this one only for drawings, and takes longer to import it than to prove a small story."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = cast(ModuleType, None)
    try:
        yield
    finally:
        del sys.modules[module]
