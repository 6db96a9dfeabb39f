"""Where one who goes to a fragment comes to stand, and what happens on the way: `play.rules.arrive` for all players."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.states.graph.draws import Luck, decide, drawn_in
from diana_engine.compiler.analysis.states.graph.loops import gates
from diana_engine.compiler.analysis.states.graph.model import NEVER
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT, Course
from diana_engine.compiler.analysis.states.lowering.luck import kept_slot
from diana_engine.compiler.analysis.states.lowering.parts import TOO_MUCH_LUCK, Parts
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Fragment

__all__ = ["Arrival", "Arrivals"]

Arrival = tuple[int, Course, tuple[FragmentId, ...]]
"""The place where one comes to stand, what happens on the way to it, and the gates that turned one away."""


class Arrivals:
    """The arrivals of one program, those without draws made once."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.courses, self.effects = parts.courses, parts.effects
        self.guards, self.lucks = parts.guards, parts.lucks
        self._known: dict[FragmentId, list[Arrival]] = {}

    def at(self, to: FragmentId, luck: Luck | None) -> list[Arrival]:
        """Return where one who goes to `to` may come to stand; without luck, whatever gates with draws say."""
        if luck:
            return list(self._arriving(to, luck))
        found = self._known.get(to)
        if found is None:
            found = self._known[to] = list(self._arriving(to, luck))
        return found

    def _arriving(self, to: FragmentId, luck: Luck | None) -> Iterator[Arrival]:
        rest = STRAIGHT
        passed: tuple[FragmentId, ...] = ()
        for fragment in gates(self.parts.program, to):
            coming = rest
            if fragment.gate is not None:
                guard = (
                    self.parts.guard(fragment.gate.requires, luck or {})
                    if self._may_ask(fragment, luck)
                    else None
                )
                if guard is None:
                    coming = rest = rest._replace(certain=False)
                else:
                    coming = self.courses.ask(rest, guard)
                    rest = self.courses.ask(rest, self.guards.negated(guard))
            if coming.guard is not NEVER:
                place = self.parts.index[fragment.id]
                for entered in self._entered(fragment, coming):
                    yield place, entered, passed
            if fragment.gate is None:
                return
            passed = (*passed, fragment.id)

    def _may_ask(self, fragment: Fragment, luck: Luck | None) -> bool:
        """Return whether what the gate draws is known."""
        asked = fragment.gate.requires if fragment.gate is not None else None
        return all(draw in (luck or {}) for draw in self.lucks.of(asked))

    def _entered(self, fragment: Fragment, coming: Course) -> list[Course]:
        """Return the ways to enter a fragment: its visit is counted, then its effects are done as far as possible."""
        coming = self.effects.counting(coming, fragment.id, "visits")
        coming = self.courses.change(coming, ("entered", fragment.id), (0, 0, 0))
        kept = self.lucks.kept.get(fragment.id, {})
        if not fragment.on_enter and not kept:
            return [coming]
        draws = drawn_in(fragment.on_enter)
        for draw, values in kept.items():
            draws[draw] = set(values)
        ways = self.lucks.ways(draws)
        if ways is None:
            written = self.effects.written(fragment.on_enter)
            written += [kept_slot(fragment.id, draw) for draw in kept]
            return [self.courses.unknown(coming, written, TOO_MUCH_LUCK)]
        found: list[Course] = []
        for luck in ways:
            course = coming
            for draw, values in kept.items():
                drawn = values.index(luck[draw])
                course = self.courses.change(
                    course, kept_slot(fragment.id, draw), (0, drawn, drawn)
                )
            effects = decide(fragment.on_enter, luck) if luck else fragment.on_enter
            found += self.effects.follow([course], effects, refusing=False)
        return found
