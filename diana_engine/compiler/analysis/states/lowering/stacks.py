"""Which calls may be waiting for their return, and where: the stacks of a program, as one variable of its model.

Calls do not go round without end (the compiler sees to that), so there are finitely many stacks. A stack is written as
the ids of the fragments that wait, the innermost last; 0 stands for that nobody waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diana_engine.compiler.analysis.flow import flow_of
from diana_engine.compiler.analysis.states.graph.model import Slot
from diana_engine.compiler.analysis.ways import reach
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Program

__all__ = ["STACK", "Stack", "Stacks"]

Stack = tuple[FragmentId, ...]
STACK: Slot = ("stack", "")
_MOST = 512
"""How many stacks are followed."""


class Stacks:
    """The stacks of `program`: `numbers` are those of the variable, `at` says where each may be.

    `complete` is false where there are too many; what calls and returns then do is opaque.
    """

    def __init__(self, program: Program) -> None:
        self.numbers: dict[Stack, int] = {(): 0}
        self.at: dict[FragmentId, list[Stack]] = {}
        self.complete = True
        flow = flow_of(program.fragments)
        levels: dict[FragmentId, set[FragmentId]] = {}
        waiting: list[tuple[FragmentId, Stack]] = [(program.start, ())]
        seen = set(waiting)
        while waiting:
            first, stack = waiting.pop(0)
            if first not in levels:
                levels[first] = reach([first], flow.level)
            for id in sorted(levels[first]):
                self._stand(id, stack)
                for one in _called(id, stack, flow.calls):
                    if one not in seen and self._number(one[1]):
                        seen.add(one)
                        waiting.append(one)

    @property
    def endless(self) -> FragmentId | None:
        """Return a fragment that can be called while its own call waits, so that calls go round and round."""
        return next((id for stack in self.numbers for id in stack if stack.count(id) > 1), None)

    def words(self) -> Mapping[str, int]:
        """Return the stacks as the words that a variable has values for."""
        return {" ".join(stack): number for stack, number in self.numbers.items()}

    def _stand(self, id: FragmentId, stack: Stack) -> None:
        known = self.at.setdefault(id, [])
        if stack not in known:
            known.append(stack)

    def _number(self, stack: Stack) -> bool:
        if stack not in self.numbers:
            if len(self.numbers) == _MOST:
                self.complete = False
                return False
            self.numbers[stack] = len(self.numbers)
        return True


def _called(
    id: FragmentId, stack: Stack, calls: Mapping[FragmentId, tuple[FragmentId, ...]]
) -> Iterator[tuple[FragmentId, Stack]]:
    for to in calls.get(id, ()):
        yield to, (*stack, id)
