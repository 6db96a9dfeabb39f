"""Where the choices and branches of a report were written, and how they read."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import assert_never

from diana_engine.compiler.analysis.asked import Asked, asked_of, without_access
from diana_engine.compiler.analysis.flow import Flow, against, flow_of
from diana_engine.compiler.analysis.states.reductions.relevance import gates
from diana_engine.compiler.analysis.states.results.played import Step
from diana_engine.compiler.analysis.states.results.report import Way, combination_of
from diana_engine.compiler.analysis.states.telling.words import spoken
from diana_engine.compiler.analysis.ways import Ways, reach
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.syntax.story import ParsedBranch, ParsedChoice, ParsedStorylet
from diana_engine.diagnostics.model import WitnessStep
from diana_engine.expressions.durations import spelled
from diana_engine.expressions.terms import FragmentId
from diana_engine.play.actions import Answer, Combine, Earn, Pass, Skip
from diana_engine.play.state import PlayerState
from diana_engine.program.exits import Dealt, Onward, Otherwise, ways_of
from diana_engine.program.model import (
    Branch,
    Call,
    Choice,
    Deck,
    Ending,
    Program,
    Return,
    Storylet,
)
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

    def onward(self, way: Way) -> Onward | None:
        """Return the way itself; nothing for what is none, as what is earned outside."""
        if way[1] < 1:
            return None
        return ways_of(self.program.fragments[way[0]].exit)[way[1] - 1]

    def choice(self, way: Way) -> tuple[Choice, ParsedChoice] | None:
        """Return a choice, and as it was written; nothing for what is none."""
        id, number = way
        found, exit_ = self.onward(way), self.program.fragments[id].exit
        written = self.story.places[id].choices or ()
        index = number - 1 - (len(exit_.storylets) if isinstance(exit_, Deck) else 0)
        if not isinstance(found, Choice) or index >= len(written):
            return None
        return found, written[index]

    def branch(self, way: Way) -> tuple[Branch, ParsedBranch] | None:
        """Return a branch of a `next`, and as it was written; nothing for what is none."""
        found, written = self.onward(way), self.story.places[way[0]].next or ()
        if not isinstance(found, Branch) or way[1] > len(written):
            return None
        return found, written[way[1] - 1]

    def dealt(self, way: Way) -> tuple[Storylet, ParsedStorylet] | None:
        """Return a storylet that a deck may offer, and as it was written; nothing for what is none."""
        found = self.onward(way)
        if not isinstance(found, Dealt):
            return None
        storylet = self.program.fragments[found.storylet].storylet
        written = self.story.places[found.storylet].storylet
        return None if storylet is None or written is None else (storylet, written)

    def span(self, way: Way) -> Span:
        """Return the words of a choice, or where it is said to what a way leads."""
        if (found := self.choice(way)) is not None:
            return found[1].text.source.whole if found[1].text else found[1].anchor.whole
        if (combined := self.combination(way)) is not None:
            return combined
        if (dealt := self.dealt(way)) is not None:
            return dealt[1].text.source.whole if dealt[1].text else dealt[1].key.whole
        branch, written = self.branch(way), self.story.places[way[0]]
        said = {Branch: branch and branch[1].to, Call: written.call, Return: written.returns}
        if written.deck is not None:
            said[Otherwise] = written.deck.otherwise
        located = said.get(type(self.onward(way)))
        return located.whole if located is not None else self.fragment(way[0])

    def combination(self, way: Way) -> Span | None:
        """Return where a combination was written, or nothing for what is none."""
        index = combination_of(way[1])
        if index is None:
            return None
        name, written = (
            self.program.combinations[index].id,
            self.story.manifest.systems.combinations,
        )
        return next((one.id.whole for one in written if one.id.text == name), None)

    def words(self, way: Way) -> str:
        """Return how a choice reads; nothing for what is no choice."""
        found = self.choice(way) or self.dealt(way)
        return "" if found is None else spoken(found[0].text)

    def asked(self, way: Way) -> Asked | None:
        """Return what the `requires:` of a choice, a branch, or the `when:` of a storylet, asks."""
        if (found := self.choice(way)) is not None:
            choice, written = found
            return asked_of(written.requires, without_access(choice.requires, written.access))
        if (dealt := self.dealt(way)) is not None:
            return asked_of(dealt[1].when, dealt[0].requires)
        branch = self.branch(way)
        return None if branch is None else asked_of(branch[1].requires, branch[0].requires)

    def targets(self, way: Way) -> tuple[FragmentId, ...]:
        """Return where a way leads, and to where gates may send on from there."""
        tos: tuple[FragmentId, ...]
        match self.onward(way):
            case Choice(to=to) | Branch(to) | Dealt(to) | Otherwise(to) | Call(to):
                tos = (to,)
            case Return():
                tos = self._returns[way[0]]
            case None:
                tos = ()
            case other:
                assert_never(other)
        found = (one.id for to in tos for one in gates(self.program, to))
        return tuple(dict.fromkeys(found))

    def step(self, step: Step) -> WitnessStep:
        """Return a step of a play as it is told."""
        way, move = (step.fragment, step.number), step.move
        if isinstance(move, Earn):
            return WitnessStep(self.fragment(step.fragment), step.fragment, 0, earned=move.source)
        if isinstance(move, Combine):
            span = self.combination(way) or self.fragment(step.fragment)
            return WitnessStep(span, step.fragment, 0, combines=move.combination)
        waits = move.seconds if isinstance(move, Pass) else 0
        typed = move.typed if isinstance(move, Answer) else None
        pays = isinstance(move, Skip)
        if isinstance(move, Pass) or step.number == 0:
            streak = move.streak if isinstance(move, Pass) else None
            words = spelled(waits) if waits else ""
            span = self.fragment(step.fragment)
            return WitnessStep(span, step.fragment, 0, words, waits=waits, pays=pays, streak=streak)
        return WitnessStep(self.span(way), *way, self.words(way), typed, pays=pays)

    # The graph ------------------------------------------------------------------------------------------------------

    def ways(self, id: FragmentId) -> list[Way]:
        """Return the ways on from a fragment."""
        count = len(ways_of(self.program.fragments[id].exit))
        return [(id, number) for number in range(1, count + 1)]

    @cached_property
    def ahead(self) -> Ways[FragmentId]:
        """Where each fragment leads, whatever is required; the end of a sub-story leads to what follows its calls."""
        return self._flow.whole | self._returns

    @cached_property
    def _flow(self) -> Flow:
        return flow_of(self.story.fragments)

    @cached_property
    def _returns(self) -> dict[FragmentId, tuple[FragmentId, ...]]:
        exits = {id: fragment.exit for id, fragment in self.program.fragments.items()}
        after = [
            one.to
            for exit_ in exits.values()
            if isinstance(exit_, Call | Deck)
            for one in exit_.branches
        ]
        return {id: tuple(after) for id, exit_ in exits.items() if isinstance(exit_, Return)}

    def returns_to_nothing(self, state: PlayerState) -> bool:
        """Return whether somebody who was called by nothing may come to a return; the graph tells that."""
        if state.calls or not self._returns:
            return False
        level = reach([state.fragment], self._flow.level)
        return any(isinstance(self.program.fragments[id].exit, Return) for id in level)

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
