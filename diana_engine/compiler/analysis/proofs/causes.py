"""Why something is in no play: the choices, branches and gates that are shut, or open, to everybody who comes to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from diana_engine.compiler.analysis.asked import Asked
from diana_engine.compiler.analysis.proofs.places import Places
from diana_engine.compiler.analysis.proofs.told import Told
from diana_engine.compiler.analysis.states.reductions.relevance import gates
from diana_engine.compiler.analysis.states.results.report import Availability, Report, Way
from diana_engine.diagnostics.model import Label
from diana_engine.expressions.terms import FragmentId, Requirement
from diana_engine.play.effects import may_fall_short
from diana_engine.source import Span

__all__ = ["Cause", "Causes"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Where players would come in, and do not: a way that is never open, or a gate that treats all alike.

    `gate` is the fragment whose gate it is; `key` is the same for causes that ask the same.
    """

    span: Span
    said: str
    asked: Asked | None = None
    way: Way | None = None
    gate: FragmentId | None = None

    @property
    def label(self) -> Label:
        """The place, and what is said of it."""
        return Label(self.span, self.said)

    @property
    def key(self) -> Requirement | Span:
        """What it asks; where it asks nothing, where it stands."""
        return self.asked.term if self.asked is not None else self.span


@dataclass(frozen=True)
class Causes:
    """All causes in a story; `told` are the findings that explain some of them, `shut` what soft-locks point at."""

    places: Places
    report: Report
    told: Told
    shut: frozenset[Span] = frozenset()

    @cached_property
    def lost(self) -> frozenset[FragmentId]:
        """The fragments to which the graph has a way, and no play."""
        found = self.report.fragments
        return frozenset(id for id in self.places.connected if found[id].reachable == "no")

    @cached_property
    def barred(self) -> tuple[Way, ...]:
        """The choices and branches that players see and that are open in no play."""
        return tuple(
            way
            for way, verdict in self.report.choices.items()
            if verdict == "never"
            and self.report.fragments[way[0]].reachable == "yes"
            and (self.places.choice(way) is not None or len(self.places.ways(way[0])) > 1)
        )

    def of_way(self, way: Way) -> Cause:
        """Return the cause that a way is never open."""
        places, asked = self.places, self.places.asked(way)
        found = places.choice(way)
        if places.dealt(way) is not None:
            span = places.span(way) if asked is None else asked.span
            return Cause(span, "never so where it would be offered", asked, way)
        if found is None:
            if asked is None:
                return Cause(places.span(way), "never taken: one before it always holds", way=way)
            return Cause(asked.span, "never met by who comes to it", asked, way)
        choice, parsed = found
        pays = parsed.cost is not None
        gives = any(may_fall_short(effect, places.program) for effect in choice.effects)
        if asked is not None and not (pays or gives):
            return Cause(asked.span, "never met here", asked, way)
        if parsed.cost is not None and asked is None and not gives:
            return Cause(parsed.cost.source.whole, "can never be paid here", way=way)
        return Cause(places.span(way), "never possible here", asked, way)

    def into(self, id: FragmentId) -> Iterator[Cause]:
        """Yield why nobody comes into a lost fragment from what players reach; nothing where all of it was told."""
        for way in self._ways_to.get(id, ()):
            if way in self._barred:
                yield self.of_way(way)
        gate = self.places.gate(id)
        if gate is not None and self._is_tried(id):
            yield Cause(gate.span, "met by nobody who comes here", gate, gate=id)
        for fragment in self._sent_to.get(id, ()):
            asked = self.places.gate(fragment)
            if asked is not None and fragment not in self.lost:
                yield Cause(asked.span, "met by everybody who comes here", asked, gate=fragment)

    def is_told(self, cause: Cause) -> bool:
        """Return whether what was told explains a cause; of a last branch, also what was told of those before it."""
        if cause.span in self.shut:
            return True
        asked = [cause.asked]
        if cause.asked is None and cause.way is not None and self.places.choice(cause.way) is None:
            id, last = cause.way
            asked = [self.places.asked((id, number)) for number in range(1, last)]
        choice = self.places.choice(cause.way) if cause.way is not None else None
        if choice is not None and self.told.explains_price(choice[1]):
            return True
        return any(map(self.told.explains, asked))

    def everywhere(self, way: Way, verdict: Availability) -> bool:
        """Return whether a choice has this verdict wherever it stands: fragments may share it."""
        shared = self.places.story.included
        same = self._same[self.places.span(way)] if shared else [way]
        known = self.report.fragments
        return all(
            self.report.choices[one] == verdict or known[one[0]].reachable == "no" for one in same
        )

    @cached_property
    def _same(self) -> dict[Span, list[Way]]:
        found: dict[Span, list[Way]] = {}
        for way in self.report.choices:
            found.setdefault(self.places.span(way), []).append(way)
        return found

    @cached_property
    def _barred(self) -> frozenset[Way]:
        return frozenset(self.barred)

    @cached_property
    def _ways_to(self) -> dict[FragmentId, list[Way]]:
        """The ways from fragments that players reach into those that they do not."""
        found: dict[FragmentId, list[Way]] = {}
        for id, one in self.report.fragments.items():
            if one.reachable == "yes":
                for way in self.places.ways(id):
                    to = self.places.targets(way)[:1]
                    for first in to:
                        if first in self.lost:
                            found.setdefault(first, []).append(way)
        return found

    @cached_property
    def _sent_to(self) -> dict[FragmentId, list[FragmentId]]:
        found: dict[FragmentId, list[FragmentId]] = {}
        for id, fragment in self.places.program.fragments.items():
            if fragment.gate is not None and fragment.gate.otherwise in self.lost:
                found.setdefault(fragment.gate.otherwise, []).append(id)
        return found

    def _is_tried(self, id: FragmentId) -> bool:
        """Whether somebody comes to the gate of a lost fragment: over a way that is open, or sent on from another gate."""
        if any(way not in self._barred for way in self._ways_to.get(id, ())):
            return True
        program = self.places.program
        return id in {one.id for one in gates(program, program.start)} or any(
            before not in self.lost or self._is_tried(before)
            for before in self._sent_to.get(id, ())
            if before != id
        )
