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

__all__ = ["NODES", "Backend", "Diagrams", "Node", "OverBudget", "within_budget"]

Node: TypeAlias = Any
"""A set of states: what the package `dd`, which has no types, calls a function."""
Backend = Literal["cudd", "python"]


NODES = 1_000_000
"""How many nodes there may be where nothing else is asked for."""

_BYTES = 256
"""The memory of a node that is in use, with what CUDD keeps beside it: dead nodes, results that it may need again."""

_AT_LEAST = 24 * 2**20
"""The memory that CUDD has in any case; it begins with 17 MB."""

_DEEPEST = 20_000
"""How many variables the manager in Python may have."""

_WORK = 20
"""How many times the budget of nodes may be worked on altogether."""

_SAMPLED = 8
"""Every how many sets one is measured, and counts for all of them: measuring a set takes as long as working on it."""

_SELDOM = 20_000
"""After how much work the nodes are counted again, at least: counting is dear."""

_BEGINNING, _EARLY = 1 / 50, 1 / 8
"""Who holds so much of the budget before so much of a story was looked at is not going to get to its end within it."""


class OverBudget(Exception):  # noqa: N818 - it is an event of the analysis, caught by it
    """The decision diagrams have grown beyond the budget."""


class Diagrams:
    """A manager of diagrams over variables that are declared in their order, with a budget of `nodes`.

    CUDD could look for better orders as it goes. That takes longer than all else, and nothing bounds it.
    """

    def __init__(self, backend: Backend | None = None, nodes: int = NODES) -> None:
        self.nodes = nodes
        self._sets = self._edges = self._work = self._next_count = self._depth = 0
        self._package = _package(backend)
        self._manager = self._package.BDD()
        self._is_cudd = hasattr(self._package, "and_exists")
        self._manager.configure(reordering=False)
        # One operation can make more nodes than there is memory, so counting them between operations is not enough.
        if self._is_cudd:
            self._manager.configure(max_memory=_AT_LEAST + _BYTES * nodes)
        else:
            self._bound()
        self.all: Node = self._manager.true
        self.none: Node = self._manager.false

    def declare(self, names: Iterable[str]) -> None:
        """Take variables into the order, behind those that are there.

        Raises:
            OverBudget: there are too many for the manager in Python.
        """
        for name in names:
            self._manager.declare(name)
            self._depth += 1
        if not self._is_cudd:
            if self._depth > _DEEPEST:
                raise OverBudget
            # It goes down a diagram by calls, three for each variable.
            sys.setrecursionlimit(max(sys.getrecursionlimit(), 1_000 + 4 * self._depth))

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

    def spend(self, states: Node, edges: int = 1, done: float = 1) -> None:
        """Count work on a set of states, with so many edges, after so much of the story was `done`.

        Raises:
            OverBudget: that is too much.
        """
        self._edges += edges
        self._sets += 1
        if self._sets % _SAMPLED:
            return
        self._work += len(states) * self._edges
        self._edges = 0
        if self._work < self._next_count:
            return
        size = self.size()
        self._next_count = self._work + max(_SELDOM, size)
        most = self.nodes * _EARLY if done < _BEGINNING else self.nodes
        if self._work > _WORK * self.nodes or size > most:
            raise OverBudget

    def size(self) -> int:
        """Return how many nodes are in use."""
        if not self._is_cudd:
            # It never looks by itself for what can go, neither nodes nor results that it keeps.
            self._manager.collect_garbage()
            self._bound()
        return len(self._manager)

    def _bound(self) -> None:
        """Let the manager in Python stop after so many results: its own bound on nodes leaves half a node behind."""
        self._manager._bdd._ite_table = _Results(self.nodes)  # noqa: SLF001 - nothing public tells of them


class _Results(dict[object, object]):
    """Results that the manager in Python keeps, each of which made a node or two at most, up to a number of them."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def __setitem__(self, key: object, value: object) -> None:
        if len(self) > self.most:
            raise OverBudget
        super().__setitem__(key, value)


@contextmanager
def within_budget() -> Iterator[None]:
    """Let what `dd` raises where CUDD outgrows its memory, by an operation or by a variable, be `OverBudget`."""
    try:
        yield
    except (ValueError, RuntimeError) as error:
        if not any(sign in str(error) for sign in _SIGNS):
            raise
        raise OverBudget from error


_SIGNS = ("is `NULL` pointer", "compose failed", "failed to add var")
"""What `dd` says where CUDD gave nothing back."""


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
