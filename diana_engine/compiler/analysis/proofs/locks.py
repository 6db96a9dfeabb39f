"""Soft-locks, told at the choices that bring them about: each with a shortest play, and with what stays shut after it."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from itertools import islice

from diana_engine.compiler.analysis.proofs.aftermath import Aftermath, Aftermaths
from diana_engine.compiler.analysis.proofs.causes import Causes
from diana_engine.compiler.analysis.proofs.luck import Budget, beginnings
from diana_engine.compiler.analysis.proofs.places import Places, named
from diana_engine.compiler.analysis.proofs.shut import Shut, shut_after
from diana_engine.compiler.analysis.proofs.told import Told
from diana_engine.compiler.analysis.proofs.witnesses import witness
from diana_engine.compiler.analysis.states.results.played import Played
from diana_engine.compiler.analysis.states.results.report import (
    PointOfNoReturn,
    Report,
    Way,
    combination_of,
    passes,
)
from diana_engine.compiler.analysis.uses import Uses
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import FragmentId, Requirement
from diana_engine.program.model import Branch, Choice
from diana_engine.source import Located, Span

__all__ = ["locks"]

_WHO = {
    None: "a player",
    False: "a player who is not VIP",
    True: "a player who is VIP",
}
"""Of whom a lock is told."""
_LATE = "Give players another way on who come too late, or let them have as long as they like."
_BEGINNINGS = 20_000
"""In how many ways a play is begun to find one that is lost at once."""
_SEEDS = 20_000
"""How many steps are made in all to find seeds with which they come out."""
_MOST_ASKING = 4
"""At how many places it is shown that somebody asks who is VIP."""
_MOST_LOOKED_AT = 50
"""After how many points of no return it is looked what follows; more would tell nobody more."""


def locks(places: Places, report: Report) -> Iterator[Diagnostic]:
    """Yield one finding for each choice that leads from where a story can still end to where it cannot."""
    some = any(one.soft_lock == "some" for one in report.fragments.values())
    if not some and report.winnable is not False:
        return
    looking = _Looking(places, Aftermaths(places.program), Budget(_SEEDS))
    if report.winnable is False:
        yield from _hopeless(places, report)
        return
    if report.only_for is not None:
        yield _for_some(places, only_for=report.only_for)
    yield from looking.lost_at_once()
    for count, point in enumerate(_told(report)):
        found = looking.point(point, look=count < _MOST_LOOKED_AT)
        if found is not None:
            yield found


def _told(report: Report) -> Iterator[PointOfNoReturn]:
    """Yield the points to tell of.

    What can be done anywhere, as putting something together or letting time pass, is told once, where it comes soonest.
    """
    soonest: dict[int, PointOfNoReturn] = {}
    for point in report.points_of_no_return:
        number = point.choice[1]
        if combination_of(number) is None and not passes(number):
            yield point
        elif number not in soonest or len(point.witness) < len(soonest[number].witness):
            soonest[number] = point
    yield from soonest.values()


def _hopeless(places: Places, report: Report) -> Iterator[Diagnostic]:
    """Yield the finding that no play ends, unless the graph says why."""
    reached = {id for id, one in report.fragments.items() if one.reachable == "yes"}
    if not reached <= places.to_an_ending:
        return
    labels = list(_in_vain(places, report, reached))
    yield diagnose(
        "DIA502",
        places.start,
        "No play of this story can come to an ending.",
        labels=tuple(labels),
        help="There are ways to an ending, and on each of them something is never possible. "
        + ("Let one of those that are marked come true." if labels else ""),
    )


def _for_some(places: Places, *, only_for: bool) -> Diagnostic:
    """Return the finding that a story can end only for players who are VIP, or only for those who are not."""
    who, others = ("VIP", "who are not") if only_for else ("not VIP", "who are")
    return diagnose(
        "DIA513",
        places.start,
        f"Only players who are {who} can come to an ending: of those {others}, no play ends.",
        labels=tuple(islice(_asking_for_vip(places), _MOST_ASKING)),
        help="Give them an ending too; or, if that is as you want it, write `DIA513: off` under `checks:` in `story.yaml`.",
    )


def _asking_for_vip(places: Places) -> Iterator[Label]:
    """Yield labels where it is asked whether a player is VIP, on a way to an ending."""
    for id in places.in_order(places.to_an_ending & places.connected):
        gate = places.program.fragments[id].gate
        if gate is not None and _asks_for_vip(places, gate.requires):
            asked, access = places.gate(id), places.story.places[id].access
            yield _asking(access, asked.span if asked else places.fragment(id))
        for way in places.ways(id):
            onward, found = places.onward(way), places.choice(way)
            if isinstance(onward, Choice | Branch) and _asks_for_vip(places, onward.requires):
                asked, access = places.asked(way), found[1].access if found else None
                yield _asking(access, asked.span if asked else places.span(way))


def _asking(access: Located | None, otherwise: Span) -> Label:
    return Label(access.whole if access is not None else otherwise, "this asks who is VIP")


def _asks_for_vip(places: Places, requirement: Requirement | None) -> bool:
    if requirement is None:
        return False
    uses = Uses()
    uses.requirement(requirement)
    for name in uses.conditions:
        uses.requirement(places.program.conditions[name])
    return uses.asks_vip


def _in_vain(places: Places, report: Report, reached: Set[FragmentId]) -> Iterator[Label]:
    """Yield a label for all that is asked on a way to an ending and in no play so: by ways, and by gates."""
    seen: set[Span] = set()
    for way, verdict in report.choices.items():
        if verdict != "never" or way[0] not in reached:
            continue
        if not places.to_an_ending.isdisjoint(places.targets(way)):
            asked = places.asked(way)
            span = asked.span if asked else places.span(way)
            seen.add(span)
            yield Label(span, "possible in no play")
    causes = Causes(places, report, Told(places.story, ()))
    for id in places.in_order(causes.lost & places.to_an_ending):
        for cause in causes.into(id):
            if cause.gate is not None and cause.span not in seen:
                seen.add(cause.span)
                yield cause.label


@dataclass(frozen=True, slots=True)
class _Looking:
    """What it takes to look at locks; the budget is for all of them."""

    places: Places
    aftermaths: Aftermaths
    seeds: Budget

    def lost_at_once(self) -> Iterator[Diagnostic]:
        """Yield a finding where luck alone decides, before the first choice, that no ending can be reached."""
        stands = list(beginnings(self.places.program, Budget(_BEGINNINGS)))
        if len(stands) < 2:
            return
        for stand in stands:
            after = self.aftermaths.of(stand)
            if after.complete and not after.ends:
                yield self._lost(stand, after)
                return

    def _lost(self, stand: Played, after: Aftermath) -> Diagnostic:
        shut = shut_after(self.places, after)
        found = diagnose(
            "DIA503",
            self.places.start,
            "With bad luck a play is lost before its first choice: it can never come to an ending.",
            labels=self._labels(after, shut),
            help="Let what is drawn there be enough in every case, or give the unlucky another way on.",
        )
        return replace(found, witness=witness(self.places, stand, self.seeds))

    def point(self, point: PointOfNoReturn, *, look: bool) -> Diagnostic | None:
        """Return the finding of a point of no return, or `None` where the graph tells what is wrong after it."""
        places, way = self.places, point.choice
        assert point.played is not None, "what is told was played"
        after = self.aftermaths.of(point.played) if look else None
        if after is not None and after.ends:
            after = None  # What was drawn and never looked at is not in the play; with better luck it goes on.
        behind: Set[FragmentId] = set(places.targets(way))
        if after is not None and after.complete:
            behind = after.players.keys()
        if not behind <= places.to_an_ending or places.returns_to_nothing(point.played.state):
            return None
        shut = shut_after(places, after) if after is not None and after.complete else []
        words = places.words(way)
        who = _WHO[point.vip]
        if (index := combination_of(way[1])) is not None:
            name = places.program.combinations[index].id
            message = f"Putting together `{name}` at `{way[0]}` can leave {who} without any way to an ending."
        elif passes(way[1]):
            message = (
                f"Letting time pass at `{way[0]}` can leave {who} without any way to an ending."
            )
        elif words:
            message = f"“{words}” in `{way[0]}` can leave {who} without any way to an ending."
        else:
            message = f"The way on from `{way[0]}` can leave {who} without any way to an ending."
        found = diagnose(
            "DIA501",
            places.span(way),
            message,
            label="there is no way back from here",
            labels=self._labels(after, shut),
            help=_help(shut, _called(places, way)) if not passes(way[1]) else _LATE,
        )
        return replace(found, witness=witness(self.places, point.played, self.seeds))

    def _labels(self, after: Aftermath | None, shut: list[Shut]) -> tuple[Label, ...]:
        labels = [one.label for one in shut]
        if after is not None and after.complete:
            labels += self._caught(after)
        return tuple(labels)

    def _caught(self, after: Aftermath) -> Iterator[Label]:
        """Yield where the player is stuck, or goes round for ever."""
        for id in after.stuck[:2]:
            yield Label(self.places.fragment(id), "stuck here: nothing can be done")
        if not after.stuck:
            ids: list[FragmentId] = self.places.in_order(frozenset(after.players))
            others = f", and in {named(ids[1:])}" if len(ids) > 1 else ""
            yield Label(self.places.fragment(ids[0]), f"one can go on here{others} for ever")


def _called(places: Places, way: Way) -> str:
    """Return how a finding speaks of a way: by its words, or by the name of what is put together."""
    if (index := combination_of(way[1])) is not None:
        return f"`{places.program.combinations[index].id}`"
    words = places.words(way)
    return f"“{words}”" if words else "this way"


def _help(shut: list[Shut], what: str) -> str:
    asked = [one.words for one in shut if one.words]
    if asked:
        where = f"where `{asked[0]}` is asked" if len(asked) == 1 else "where this is asked"
        return (
            f"Give players another way on {where}, or let them still come to have it; "
            f"or make {what} possible only where it does no harm."
        )
    return (
        "Give players another way on after this play; "
        f"or make {what} possible only where it does no harm."
    )
