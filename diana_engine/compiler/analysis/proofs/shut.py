"""What stays shut for somebody who cannot end any more: the requirements, prices and effects that stand in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diana_engine.compiler.analysis.asked import Asked
from diana_engine.compiler.analysis.proofs.aftermath import Aftermath
from diana_engine.compiler.analysis.proofs.places import Places
from diana_engine.compiler.analysis.states.results.report import Way
from diana_engine.diagnostics.model import Label
from diana_engine.expressions.evaluate import holds
from diana_engine.expressions.terms import All, FragmentId
from diana_engine.play.choices import refusal
from diana_engine.play.effects import perform
from diana_engine.play.state import PlayerState
from diana_engine.play.walk import Walk
from diana_engine.source import Span

__all__ = ["Shut", "shut_after", "unmet"]

_MOST = 4
"""How many ways that are shut are pointed at."""


@dataclass(frozen=True, slots=True)
class Shut:
    """A way that stays shut: where that is written, what is said of it, and the requirement in the writer's words."""

    span: Span
    said: str
    words: str = ""

    @property
    def label(self) -> Label:
        """The place, and what is said of it."""
        return Label(self.span, self.said)


def shut_after(places: Places, after: Aftermath) -> list[Shut]:
    """Return what would lead on, out of where one is caught, if it were open; else what would lead on within it."""
    within = list(_shut(places, after))
    outward = [one for to, one in within if not to & after.players.keys()]
    found: dict[Span, Shut] = {}
    for one in outward or [one for _, one in within]:
        found.setdefault(one.span, one)
    return sorted(found.values(), key=lambda one: one.span.sort_key)[:_MOST]


def _shut(places: Places, after: Aftermath) -> Iterator[tuple[frozenset[FragmentId], Shut]]:
    """Yield each way or gate that is shut whatever follows and from which the graph leads to an ending."""
    for id, players in after.players.items():
        for way in places.ways(id):
            to = frozenset(places.targets(way))
            if way not in after.opened and to & places.to_an_ending:
                yield to, _way(places, way, players)
            elif way in after.opened:
                for one in places.targets(way):
                    gate = places.gate(one)
                    if one not in after.players and gate and one in places.to_an_ending:
                        yield frozenset((one,)), Shut(gate.span, "not met from then on", gate.words)


def _way(places: Places, way: Way, players: Sequence[PlayerState]) -> Shut:
    asked, found = places.asked(way), places.choice(way)
    if found is None:
        span = asked.span if asked is not None else places.span(way)
        return Shut(span, "not met from then on", asked.words if asked is not None else "")
    choice, parsed = found
    why = refusal(choice, Walk(places.program, players[0]))
    if why == "requirement" and asked is not None:
        part = unmet(places, asked, players)
        return Shut(part.span, "not met from then on", part.words)
    if why == "cost" and parsed.cost is not None:
        return Shut(parsed.cost.source.whole, "cannot be paid from then on")
    if why == "already taken":
        return Shut(places.span(way), "it can be taken only once")
    if why == "effects":
        return Shut(_refusing(places, way, players[0]), "impossible from then on")
    return Shut(places.span(way), "shut from then on")


def _refusing(places: Places, way: Way, player: PlayerState) -> Span:
    """Return where the effect stands that takes what the player has not."""
    found = places.choice(way)
    assert found is not None
    choice, parsed = found
    walk = Walk(places.program, player)
    for effect, written in zip(choice.effects, parsed.effects, strict=False):
        if not perform(effect, walk):
            return written.source.whole
    return places.span(way)


def unmet(places: Places, asked: Asked, players: Sequence[PlayerState]) -> Asked:
    """Return the smallest part of a requirement that must hold and holds for none of the players."""
    if isinstance(asked.term, All):
        for part in asked.parts():
            walks = [Walk(places.program, one) for one in players]
            if not any(holds(part.term, walk, places.program.conditions) for walk in walks):
                return unmet(places, part, players)
    return asked
