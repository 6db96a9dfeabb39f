"""What no play comes to: fragments, endings, choices, branches and gates; one finding for each cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diana_engine.compiler.analysis.proofs.causes import Cause, Causes
from diana_engine.compiler.analysis.proofs.losses import first_of, loss_of
from diana_engine.compiler.analysis.proofs.places import Places, named
from diana_engine.compiler.analysis.states.reductions.cuts import Slot
from diana_engine.compiler.analysis.states.results.report import Way
from diana_engine.compiler.analysis.ways import components, reach
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import FragmentId, Requirement
from diana_engine.program.model import Ending
from diana_engine.source import Span

__all__ = ["never"]


def never(causes: Causes) -> tuple[list[Diagnostic], frozenset[Slot]]:
    """Return a finding for each cause of which something is in no play, and what is not changed because of them."""
    places = causes.places
    regions = list(_merged(_regions(causes)))
    groups = list(_barred(causes, {one.way for region in regions for one in region.causes}))
    losses = [loss_of(places, (), [id for id in places.story.places if id not in places.connected])]
    losses += [loss_of(places, one.causes, (*one.heads, *one.behind)) for one in regions]
    losses += [loss_of(places, group, ()) for group in groups]
    first = first_of(losses)
    found = [
        _lost(region, causes)
        for number, region in enumerate(regions, start=1)
        if number in first and not region.told
    ]
    found += [
        _never(places, group)
        for number, group in enumerate(groups, start=1 + len(regions))
        if number in first and not any(map(causes.is_told, group))
    ]
    return found, frozenset(slot for one in losses for slot in one.takes)


@dataclass(frozen=True, slots=True)
class _Region:
    """Fragments that no play comes to: those where players would come in, what lies behind, and why they do not."""

    heads: tuple[FragmentId, ...]
    behind: frozenset[FragmentId]
    causes: tuple[Cause, ...]
    told: bool = False

    @property
    def key(self) -> frozenset[Requirement | Span]:
        return frozenset(cause.key for cause in self.causes)


def _regions(causes: Causes) -> list[_Region]:
    """Return the parts that are lost, by where one would come into them."""
    places, lost = causes.places, causes.lost
    if not lost:
        return []
    ahead = {id: lost.intersection(places.ahead.get(id, ())) for id in lost}
    groups = [set(group) for group in components(sorted(lost), ahead)]
    home = {id: number for number, group in enumerate(groups) for id in group}
    entered_from = {home[to] for id in lost for to in ahead[id] if home[to] != home[id]}
    found: list[_Region] = []
    for number, group in enumerate(groups):
        if number in entered_from:
            continue
        members = places.in_order(group)
        entered = [id for id in members if any(True for _ in causes.into(id))] or members
        why = tuple(cause for id in entered for cause in causes.into(id))
        behind = frozenset(reach(members[:1], ahead)) - {entered[0]}
        told = any(map(causes.is_told, why))
        found.append(_Region((entered[0],), behind, why, told or not why))
    return sorted(found, key=lambda one: places.fragment(one.heads[0]).sort_key)


def _merged(regions: Sequence[_Region]) -> Iterator[_Region]:
    """Yield regions, those that ask for the same things as one."""
    groups: dict[tuple[object, bool], list[_Region]] = {}
    for region in regions:
        groups.setdefault((region.key, region.told), []).append(region)
    for group in groups.values():
        yield _Region(
            tuple(head for one in group for head in one.heads),
            frozenset[FragmentId]().union(*(one.behind for one in group)),
            tuple(cause for one in group for cause in one.causes),
            group[0].told,
        )


def _lost(region: _Region, causes: Causes) -> Diagnostic:
    places, first = causes.places, region.heads[0]
    labels = tuple(cause.label for cause in region.causes)
    rest = _rest(region, places)
    only = region.causes[0]
    if len(region.causes) == 1 and only.gate == first and only.asked is not None:
        return diagnose(
            "DIA508",
            only.span,
            f"Nobody ever gets into `{first}`: no play comes to it with `{only.asked.words}`.{rest}",
            help="Ask for something that players can have when they come here, or lead to it elsewhere too.",
        )
    exit_ = places.program.fragments[first].exit
    if isinstance(exit_, Ending) and len(region.heads) == 1:
        return diagnose(
            "DIA506",
            places.ending(first),
            f"No play comes to the ending `{exit_.name}`.",
            labels=labels,
            help="Make a way to it possible in some play, or remove it.",
        )
    return diagnose(
        "DIA504",
        places.fragment(first),
        f"No play comes to {named(list(region.heads))}, though ways lead there.{rest}",
        labels=labels,
        help="Make what is marked possible in some play, lead there from elsewhere, or remove it.",
    )


def _rest(region: _Region, places: Places) -> str:
    behind = region.behind - {*region.heads}
    if not behind:
        return ""
    endings = [
        exit_.name
        for id in places.in_order(behind)
        if isinstance(exit_ := places.program.fragments[id].exit, Ending)
    ]
    among = ""
    if endings:
        among = f", {'the ending' if len(endings) == 1 else 'the endings'} {named(list(endings))} among them"
    count = len(behind)
    return f" With it {count} more {'is' if count == 1 else 'are'} lost{among}."


# Ways that are never open to where players come by others -----------------------------------------------------------


def _barred(causes: Causes, told: set[Way | None]) -> Iterator[list[Cause]]:
    """Yield together the choices or branches that ask in vain for the same; those of regions are `told` there."""
    groups: dict[tuple[bool, Requirement | Span], list[Cause]] = {}
    for way in causes.barred:
        if not (causes.places.choice(way) or causes.places.branch(way)):
            continue  # What one deck never offers may be for others.
        if way not in told and causes.everywhere(way, "never"):
            cause = causes.of_way(way)
            is_choice = causes.places.choice(way) is not None
            groups.setdefault((is_choice, cause.key), []).append(cause)
    yield from groups.values()


def _never(places: Places, group: list[Cause]) -> Diagnostic:
    way = group[0].way
    assert way is not None, "a choice or a branch"
    return _choice(places, group) if places.choice(way) is not None else _branch(places, group)


def _elsewhere(first: Cause, others: list[Cause]) -> tuple[Label, ...]:
    """Return labels for the same cause at other places; a choice that fragments share stands at one."""
    found = {cause.span: cause.label for cause in others if cause.span != first.span}
    return tuple(found.values())


def _choice(places: Places, group: list[Cause]) -> Diagnostic:
    first, *others = group
    assert first.way is not None
    found = places.choice(first.way)
    assert found is not None
    id, words = first.way[0], places.words(first.way)
    if first.said == "never met here" and first.asked is not None:
        why = f"no play comes there with `{first.asked.words}`"
    elif found[1].cost is not None and first.span == found[1].cost.source.whole:
        why = "no play comes there with its price"
    else:
        why = "no play comes there with all that it needs"
    return diagnose(
        "DIA505",
        first.span,
        f"“{words}” in `{id}` is never available: {why}.",
        labels=_elsewhere(first, others),
        help="Ask for something that players can have when they are there, or remove the choice.",
    )


def _branch(places: Places, group: list[Cause]) -> Diagnostic:
    first, *others = group
    assert first.way is not None
    id = first.way[0]
    to = places.targets(first.way)[0]
    if first.asked is None:
        return diagnose(
            "DIA511",
            first.span,
            f"The last branch of `{id}` is never taken: in every play one before it holds.",
            help=f"Leave `if:` out of the branch before, and remove this one; or lead to `{to}` sooner.",
        )
    return diagnose(
        "DIA507",
        first.span,
        f"The branch from `{id}` to `{to}` is never taken: `{first.asked.words}` holds for nobody who comes to it.",
        labels=_elsewhere(first, others),
        help="Ask for something that players can have by then, or remove the branch.",
    )
