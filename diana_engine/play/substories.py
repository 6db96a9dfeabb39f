"""Which fragments belong to which sub-story: what can be reached from one without calling or returning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from diana_engine.expressions.terms import FragmentId
from diana_engine.program.exits import branches_of, choices_of
from diana_engine.program.model import Call, Deck, Fragment, Program, Return

__all__ = ["SubStories"]


class SubStories:
    """The sub-stories of a program, worked out when they are first asked for."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._bodies: dict[FragmentId, frozenset[FragmentId]] = {}

    def body(self, caller: FragmentId) -> frozenset[FragmentId]:
        """Return the fragments of the sub-story that `caller` calls."""
        known = self._bodies.get(caller)
        if known is None:
            known = self._reached(_calls_from(self._program.fragments[caller]))
            self._bodies[caller] = known
        return known

    @cached_property
    def returning(self) -> frozenset[FragmentId]:
        """The fragments from which a return can be reached: who is there must have been called."""
        fragments = self._program.fragments
        sources: dict[FragmentId, list[FragmentId]] = {}
        for fragment in fragments.values():
            for to in _onward(fragment):
                sources.setdefault(to, []).append(fragment.id)
        found = {one.id for one in fragments.values() if isinstance(one.exit, Return)}
        waiting = [*found]
        while waiting:
            before = [one for one in sources.get(waiting.pop(), ()) if one not in found]
            found.update(before)
            waiting += before
        return frozenset(found)

    def _reached(self, starts: Iterable[FragmentId]) -> frozenset[FragmentId]:
        found = set(starts)
        waiting = [*found]
        while waiting:
            after = [
                one for one in _onward(self._program.fragments[waiting.pop()]) if one not in found
            ]
            found.update(after)
            waiting += after
        return frozenset(found)


def _calls_from(fragment: Fragment) -> tuple[FragmentId, ...]:
    """Return where the sub-stories begin that a fragment calls; none where it calls none."""
    match fragment.exit:
        case Call(to):
            return (to,)
        case Deck(storylets, branches=branches) if branches:
            return storylets
        case _:
            return ()


def _onward(fragment: Fragment) -> Iterator[FragmentId]:
    """Yield where a fragment leads within its sub-story."""
    if fragment.gate is not None:
        yield fragment.gate.otherwise
    for choice in choices_of(fragment.exit):
        yield choice.to
    for branch in branches_of(fragment.exit):
        yield branch.to
    if isinstance(fragment.exit, Deck):
        if fragment.exit.otherwise is not None:
            yield fragment.exit.otherwise
        if not fragment.exit.branches:
            yield from fragment.exit.storylets
