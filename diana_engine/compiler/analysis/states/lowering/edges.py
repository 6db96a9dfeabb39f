"""The edges and options of a model while it is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from diana_engine.compiler.analysis.states.graph.draws import Luck
from diana_engine.compiler.analysis.states.graph.model import (
    NEVER,
    NOWHERE,
    Changes,
    Edge,
    Guard,
    Option,
    Slot,
    Turn,
)
from diana_engine.compiler.analysis.states.lowering.arrivals import Arrivals
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT, Course
from diana_engine.compiler.analysis.states.lowering.parts import Opening, Parts
from diana_engine.expressions.terms import FragmentId

__all__ = ["Edges", "Leaving"]

Leaving = tuple[Course, FragmentId, Luck | None]
"""One way to leave a place: what happens before the player moves, where to, and what was drawn."""


class Edges:
    """All that leads from place to place, as it is found; `turning` says how each edge comes to lead where it does."""

    def __init__(self, parts: Parts, arrivals: Arrivals) -> None:
        self.parts, self.arrivals = parts, arrivals
        self.courses, self.guards = parts.courses, parts.guards
        self.edges: list[Edge] = []
        self.turning: list[tuple[Turn, ...]] = []
        self.options: list[Option] = []

    # Beginnings -----------------------------------------------------------------------------------------------------

    def begin(self, vip: bool | None) -> None:
        """Add the edges with which plays begin; `vip` says whether players are VIP at first, `None` that they may be."""
        parts, start = self.parts, self.parts.program.start
        for luck in parts.lucks.ways(parts.lucks.at_gates(start)) or [{}]:
            for to, course, turned in self.arrivals.at(start, luck):
                for initial in self._as_vip_or_not(vip):
                    begun = self.courses.joined(initial, course)
                    self._arrive(NOWHERE, NOWHERE, to, begun, turned)

    def _as_vip_or_not(self, vip: bool | None) -> Iterator[Course]:
        """Yield what players are before they begin: where it matters, a player is VIP at first or is not.

        Where a beginning may bring much, the initial values are said, so that nothing is followed that cannot be.
        """
        known = STRAIGHT
        if self.parts.program.settles:
            for variable in self.parts.slots.variables:
                value = variable.initial
                known = self.courses.change(known, variable.slot, (0, value, value))
        slot: Slot = ("vip", "")
        if slot not in self.parts.slots.number:
            yield known
            return
        for value in (0, 1) if vip is None else (int(vip),):
            yield self.courses.change(known, slot, (0, value, value))

    def _unlike_initial(self, changes: Changes) -> Changes:
        """Return the changes of a beginning without those that leave a variable as it is at first."""
        variables = self.parts.slots.variables
        return {
            variable: change
            for variable, change in changes.items()
            if change != (0, variables[variable].initial, variables[variable].initial)
        }

    # Options --------------------------------------------------------------------------------------------------------

    def leave(
        self,
        place: int,
        number: int,
        leaving: list[Leaving],
        by_luck: list[Opening] | None = None,
        after: Sequence[tuple[Turn, ...]] = (),
    ) -> None:
        """Add an option, which `by_luck` opens for each way in which its draws come out, and its edges.

        `after` says of each way to leave of which branch after a sub-story it is.
        """
        first = len(self.edges)
        option = self._open(place, number, [course for course, _, _ in leaving], by_luck)
        for (course, to, luck), turns in zip(leaving, after or [()] * len(leaving), strict=True):
            for known in self._known(to, luck):
                for target, entered, turned in self.arrivals.at(to, known):
                    joined = self.courses.joined(course, entered)
                    self._arrive(place, option, target, joined, (*turns, *turned))
        self._close(option, first)

    def move(
        self,
        place: int,
        number: int,
        moving: list[tuple[Course, int]],
        by_luck: list[Opening] | None = None,
    ) -> None:
        """Add an option that leads to places which are entered already, like those beside a fragment."""
        first = len(self.edges)
        option = self._open(place, number, [course for course, _ in moving], by_luck)
        for course, target in moving:
            self._arrive(place, option, target, course)
        self._close(option, first)

    def _open(
        self, place: int, number: int, courses: list[Course], by_luck: list[Opening] | None
    ) -> int:
        """Add an option without its edges; return which one it is."""
        certain = all(course.certain for course in courses)
        opens: Guard
        sure: Guard
        if by_luck is None or not certain:
            opens, sure = self.guards.some([course.guard for course in courses]), NEVER
        elif len(by_luck) == 1:
            opens, sure = by_luck[0]
        else:
            opens = self.guards.some([one for one, _ in by_luck])
            sure = self.guards.every([one for _, one in by_luck])
        self.options.append(Option(place, number, opens, sure, certain))
        return len(self.options) - 1

    def _close(self, option: int, first: int) -> None:
        """Be done with an option, whose edges are those from `first` on."""
        if len(self.edges) - first > 1:
            self._merge(first)
        place, number, _, _, certain = self.options[option]
        if not certain:
            id = self.parts.places[place]
            self.parts.opaque[f"{id}#{number}" if number > 0 else id] = self.parts.why()

    def stay(self, place: int, number: int, courses: Iterable[Course]) -> None:
        """Add what may happen to who rests at a place and stays there; it is nobody's choice."""
        option = len(self.options)
        self.options.append(Option(place, number, NEVER, NEVER))
        for course in courses:
            self._arrive(place, option, place, course)

    def pause(self, place: int, number: int, courses: Iterable[Course]) -> None:
        """Add what may become of who rests at a place and does nothing: no step is made, and nothing is settled."""
        self.options.append(Option(place, number, NEVER, NEVER))
        for course in courses:
            if course.guard is not NEVER:
                edge = Edge(place, place, course.guard, course.changes, len(self.options) - 1)
                self.edges.append(edge._replace(certain=course.certain))
                self.turning.append(())

    def _known(self, to: FragmentId, luck: Luck | None) -> Iterable[Luck | None]:
        """Return how the draws at the gates of `to` come out, where they are not decided with the move."""
        draws = self.parts.lucks.at_gates(to)
        if luck is None or not draws:
            return (luck,)
        return self.parts.lucks.ways(draws, luck) or (None,)

    # Edges ----------------------------------------------------------------------------------------------------------

    def _arrive(
        self,
        source: int,
        option: int,
        target: int,
        course: Course,
        turned: tuple[Turn, ...] = (),
    ) -> None:
        """Add the edges of who comes to `target` so: where one rests there, the step has come to its end."""
        parts = self.parts
        if not parts.rests[target]:
            self._add(source, option, target, course)
            self.turning += [turned] * (len(self.edges) - len(self.turning))
            return
        began_at_rest = source != NOWHERE and parts.rests[source]
        for settled in parts.settling.settled(course, fresh=not began_at_rest):
            self._add(source, option, target, settled)
        self.turning += [turned] * (len(self.edges) - len(self.turning))

    def _add(self, source: int, option: int, target: int, course: Course) -> None:
        if course.guard is NEVER:
            return
        parts = self.parts
        if source == NOWHERE and parts.program.settles:
            course = course._replace(changes=self._unlike_initial(course.changes))
        if not course.certain:
            parts.opaque.setdefault(parts.places[target], parts.why())
        loose = tuple(sorted(course.loose)) if course.loose else ()
        self.edges.append(
            Edge(source, target, course.guard, course.changes, option, course.certain, loose)
        )

    def _merge(self, first: int) -> None:
        """Make those edges one, from `first` on, that do the same."""
        alike: dict[tuple[object, ...], list[Edge]] = {}
        for edge, turned in zip(self.edges[first:], self.turning[first:], strict=True):
            key = (turned, edge.target, tuple(sorted(edge.changes.items())), *edge[5:])
            alike.setdefault(key, []).append(edge)
        self.edges[first:] = [
            same[0]
            if len(same) == 1
            else same[0]._replace(guard=self.guards.some([edge.guard for edge in same]))
            for same in alike.values()
        ]
        self.turning[first:] = [cast("tuple[Turn, ...]", key[0]) for key in alike]
