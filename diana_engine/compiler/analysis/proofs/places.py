"""Where the choices and branches of a report were written, and how they read."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from diana_engine.compiler.analysis.asked import Asked, asked_of, without_access
from diana_engine.compiler.analysis.flow import against, flow_of
from diana_engine.compiler.analysis.states.relevance import gates
from diana_engine.compiler.analysis.states.report import Way, source_of
from diana_engine.compiler.analysis.states.words import spoken
from diana_engine.compiler.analysis.ways import Ways, reach
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.syntax.story import ParsedBranch, ParsedChoice
from diana_engine.diagnostics.model import WitnessStep
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.exits import branches_of, choices_of
from diana_engine.program.model import Branch, Call, Choice, Ending, Program, Return
from diana_engine.source import Span

__all__ = ["Places", "named"]

_MOST_NAMES = 3
"""How many fragments are named where there may be very many."""


@dataclass(frozen=True)
class Places:
    """A story as it was written, beside its program."""

    story: CheckedStory
    program: Program

    # Fragments ------------------------------------------------------------------------------------------------------

    def fragment(self, id: FragmentId) -> Span:
        """Return where the id of a fragment was written."""
        return self.story.places[id].id.whole

    def ending(self, id: FragmentId) -> Span:
        """Return where a fragment is said to be an ending."""
        place = self.story.places[id]
        return (place.ending or place.id).whole

    def gate(self, id: FragmentId) -> Asked | None:
        """Return what the `requires:` of a fragment asks of those who come to it."""
        gate, written = self.program.fragments[id].gate, self.story.places[id]
        if gate is None:
            return None
        return asked_of(written.requires, without_access(gate.requires, written.access))

    def in_order(self, ids: Set[FragmentId]) -> list[FragmentId]:
        """Sort by where they were written."""
        return sorted(ids, key=lambda id: self.fragment(id).sort_key)

    @property
    def start(self) -> Span:
        """Where the story says with which fragment it begins."""
        start = self.story.manifest.start
        return start.whole if start is not None else self.story.manifest.file.span(0, 0)

    # Choices and branches -------------------------------------------------------------------------------------------

    def choice(self, way: Way) -> tuple[Choice, ParsedChoice] | None:
        """Return a choice, and as it was written."""
        id, number = way
        written = self.story.places[id].choices or ()
        choices = choices_of(self.program.fragments[id].exit)
        if not 0 < number <= min(len(choices), len(written)):
            return None
        return choices[number - 1], written[number - 1]

    def branch(self, way: Way) -> tuple[Branch, ParsedBranch] | None:
        """Return a branch of a `next`, and as it was written."""
        id, number = way
        written = self.story.places[id].next or ()
        branches = branches_of(self.program.fragments[id].exit)
        if not 0 < number <= min(len(branches), len(written)):
            return None
        return branches[number - 1], written[number - 1]

    def span(self, way: Way) -> Span:
        """Return the words of a choice, or where a branch says to what it leads."""
        if (found := self.choice(way)) is not None:
            return found[1].text.source.whole if found[1].text else found[1].anchor.whole
        branch = self.branch(way)
        if branch is not None and branch[1].to is not None:
            return branch[1].to.whole
        return self.fragment(way[0])

    def words(self, way: Way) -> str:
        """Return how a choice reads; nothing for what is no choice."""
        found = self.choice(way)
        return "" if found is None else spoken(found[0].text)

    def asked(self, way: Way) -> Asked | None:
        """Return what the `requires:` of a choice, or a branch, asks."""
        if (found := self.choice(way)) is not None:
            choice, written = found
            return asked_of(written.requires, without_access(choice.requires, written.access))
        branch = self.branch(way)
        return None if branch is None else asked_of(branch[1].requires, branch[0].requires)

    def targets(self, way: Way) -> tuple[FragmentId, ...]:
        """Return where a way leads, and to where gates may send on from there."""
        found = self.choice(way) or self.branch(way)
        return () if found is None else tuple(one.id for one in gates(self.program, found[0].to))

    def step(self, way: Way, typed: str | None = None) -> WitnessStep:
        """Return a step of a play as it is told."""
        if (source := source_of(way[1])) is not None:
            return WitnessStep(self.fragment(way[0]), way[0], 0, earned=source)
        return WitnessStep(self.span(way), way[0], way[1], self.words(way), typed)

    # The graph ------------------------------------------------------------------------------------------------------

    def ways(self, id: FragmentId) -> list[Way]:
        """Return the choices or branches of a fragment."""
        exit_ = self.program.fragments[id].exit
        count = len(choices_of(exit_)) + len(branches_of(exit_))
        return [(id, number) for number in range(1, count + 1)]

    @cached_property
    def ahead(self) -> Ways[FragmentId]:
        """Where each fragment leads, whatever is required; the end of a sub-story leads to what follows its calls."""
        return flow_of(self.story.fragments).whole | self._returns

    @cached_property
    def _returns(self) -> dict[FragmentId, tuple[FragmentId, ...]]:
        exits = {id: fragment.exit for id, fragment in self.program.fragments.items()}
        after = [
            one.to for exit_ in exits.values() if isinstance(exit_, Call) for one in exit_.branches
        ]
        return {id: tuple(after) for id, exit_ in exits.items() if isinstance(exit_, Return)}

    @cached_property
    def to_an_ending(self) -> Set[FragmentId]:
        """The fragments from which the graph has a way to an ending, whatever is required."""
        endings = [id for id, one in self.program.fragments.items() if isinstance(one.exit, Ending)]
        return reach(endings, against(self.ahead))

    @cached_property
    def connected(self) -> Set[FragmentId]:
        """The fragments to which the graph has a way from the start, whatever is required."""
        return reach([self.program.start], self.ahead)


def named(ids: Sequence[str]) -> str:
    """Return names in a sentence: ``a``, ``b`` and 7 more."""
    shown = [f"`{id}`" for id in ids[:_MOST_NAMES]]
    if len(ids) > _MOST_NAMES:
        return f"{', '.join(shown)} and {len(ids) - _MOST_NAMES} more"
    return " and ".join((", ".join(shown[:-1]), shown[-1])) if len(shown) > 1 else "".join(shown)
