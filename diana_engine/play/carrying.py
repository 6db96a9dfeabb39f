"""Carrying players over: from a state in one version of a story to one in another, or the reason why not.

A player goes on in the same fragment, under whatever name, with all that they have (`belongings`). Whose fragment is
gone goes where the writer sends them, and enters there. Who cannot go on in the new version (nothing says where to, or
there would be nothing to do) is left with the old one: nobody is ever put where a story cannot be played.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from diana_engine.expressions.terms import ChoiceKey, FragmentId, fragment_of
from diana_engine.play.belongings import carried, changes
from diana_engine.play.events import Event, ItemChanged, ValueChanged
from diana_engine.play.rules import EndlessPassage, onward, travel
from diana_engine.play.scene import look
from diana_engine.play.settle import settle
from diana_engine.play.state import Moment, PlayerState, Waiting
from diana_engine.play.substories import SubStories
from diana_engine.play.waits import reminder_at, way_ahead
from diana_engine.play.walk import Walk
from diana_engine.program.compare.fragments import unlike
from diana_engine.program.compare.match import Match, match
from diana_engine.program.exits import branches_of, choices_of, wait_of
from diana_engine.program.model import Choice, Ending, Program
from diana_engine.program.systems import Policy

__all__ = ["Carried", "Left", "Passage", "Reason", "carry", "passage"]

Reason = Literal["pinned", "over", "gone", "uncalled", "stuck", "endless"]
"""Why somebody is left with their version.

- ``pinned``: the policy says so.
- ``over``: their story has ended, in a fragment that is gone; they may begin anew at any time.
- ``gone``: their fragment, or one that called a sub-story in which they are, is gone, and nothing says where to.
- ``uncalled``: their fragment has become part of a sub-story, and nothing called it.
- ``stuck``: there would be nothing that they could do.
- ``endless``: they would never come to rest.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """All that carrying players over from one version to another needs, worked out once for all of them."""

    match: Match
    policy: Policy
    unlike: frozenset[FragmentId]
    old: SubStories
    new: SubStories

    def keeps(self, old: PlayerState, new: PlayerState) -> bool:
        """Return whether a player who was carried over stands before the same scene, so that its buttons still hold."""
        there = self.match.fragments.get(old.fragment)
        return there == new.fragment and old.entry == new.entry and old.fragment not in self.unlike


def passage(old: Program, new: Program, policy: Policy | None = None) -> Passage:
    """Return how players get from `old` to `new`, by the policy of the new one if none is given."""
    matched = match(old, new)
    changed = unlike(matched)
    return Passage(matched, policy or new.growth.policy, changed, SubStories(old), SubStories(new))


@dataclass(frozen=True, slots=True)
class Carried:
    """The state in the new version, and what happened on the way: nothing, where only words differ.

    `booked` are points and items that changed by being carried over; their names may be those of either version. `events` are
    what happened to a player who entered another fragment, in the new one.
    """

    state: PlayerState
    booked: tuple[ValueChanged | ItemChanged, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody stays with their version; `fragment` is the one that is the matter."""

    reason: Reason
    fragment: FragmentId


def carry(way: Passage, state: PlayerState, moment: Moment) -> Carried | Left:
    """Return where `state` is in the new version: a pure function, like every step."""
    if way.policy == "pin":
        return Left("pinned", state.fragment)
    spot = _spot(way, state)
    if isinstance(spot, Left):
        return spot
    kept = carried(way.match, state)
    there = replace(kept, fragment=spot.fragment, calls=spot.calls)
    booked = changes(way.match, state, there)
    if spot.enters:
        there = replace(there, waiting=None, remind_at=None, said=None, combined=None)
    else:
        there = _times(way, state, there)
    walk = Walk(way.match.new, there, moment.now)
    try:
        _settled(walk, spot)
    except EndlessPassage:
        return Left("endless", spot.fragment)
    after = walk.state()
    if _stuck(way.match.new, after, moment) and not _stuck(way.match.old, state, moment):
        return Left("stuck", state.fragment)
    return Carried(after, booked, tuple(walk.events))


def _settled(walk: Walk, spot: _Spot) -> None:
    """Let a player enter who is put elsewhere, and one go on whose fragment lets pass now."""
    if spot.enters:
        travel(walk, spot.fragment)
        settle(walk)
        return
    fragment = walk.program.fragments[walk.fragment]
    if not fragment.rests and walk.waiting is None and (to := onward(walk, fragment)) is not None:
        walk.said = walk.combined = walk.remind_at = None
        travel(walk, to)
        settle(walk)


def _stuck(program: Program, state: PlayerState, moment: Moment) -> bool:
    view = look(program, state, moment)
    ways = (view.can_continue, view.ask, view.wait, view.ending is not None)
    return not any(ways) and all(choice.lock is not None for choice in view.choices)


# Where to


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a player is put, and whether they enter there, as on any other way into a fragment."""

    fragment: FragmentId
    calls: tuple[FragmentId, ...]
    enters: bool = False


def _spot(way: Passage, state: PlayerState) -> _Spot | Left:
    calls: list[FragmentId] = []
    for caller in state.calls:
        to = way.match.fragments.get(caller)
        if to is not None and branches_of(way.match.new.fragments[to].exit):
            calls.append(to)
            continue
        # It no longer calls, or is gone: the sub-story is over.
        return _entering(way, to or way.match.sent.get(caller), tuple(calls), caller)
    there = way.match.fragments.get(state.fragment)
    if there is None:
        to = way.match.sent.get(state.fragment)
        if to is None and isinstance(way.match.old.fragments[state.fragment].exit, Ending):
            return Left("over", state.fragment)
        return _entering(way, to, tuple(calls), state.fragment)
    if (to := _diverted(way, state.waiting, there)) is not None:
        return _entering(way, to, tuple(calls), state.fragment)
    anew = way.policy == "restart_fragment" and state.fragment in way.unlike
    over = isinstance(way.match.new.fragments[there].exit, Ending)
    spot = _Spot(there, tuple(calls), enters=anew and not over)
    return spot if _called(way, state, spot) else Left("uncalled", state.fragment)


def _entering(
    way: Passage, to: FragmentId | None, calls: tuple[FragmentId, ...], gone: FragmentId
) -> _Spot | Left:
    """Put a player into another fragment, and into no sub-story that it does not belong to."""
    if to is None:
        return Left("gone", gone)
    while calls and to not in way.new.body(calls[-1]):
        calls = calls[:-1]
    if not calls and to in way.new.returning:
        return Left("uncalled", to)
    return _Spot(to, calls, enters=True)


def _called(way: Passage, state: PlayerState, spot: _Spot) -> bool:
    """Return whether every return that a player may come to has somewhere to return to, unless it had not before either."""
    before = state.calls[0] if state.calls else state.fragment
    outermost = spot.calls[0] if spot.calls else spot.fragment
    return outermost not in way.new.returning or before in way.old.returning


def _diverted(way: Passage, waiting: Waiting | None, there: FragmentId) -> FragmentId | None:
    """Return where somebody goes at once who is on the way of a choice that is gone: there, if that is in the story still."""
    key = waiting.choice if waiting is not None else None
    if key is None or _choice(way.match.new, way.match.key(key), there) is not None:
        return None
    old = _choice(way.match.old, key, fragment_of(key))
    return way.match.fragment(old.to) if old is not None else None


def _choice(program: Program, key: ChoiceKey, fragment: FragmentId) -> Choice | None:
    choices = choices_of(program.fragments[fragment].exit)
    return next((one for one in choices if one.key == key), None)


# When


def _times(way: Passage, old: PlayerState, new: PlayerState) -> PlayerState:
    """Return the state with the wait and the reminder as they are now: a wait is over when it was promised, or sooner."""
    waiting = None if old.waiting is None else _waiting(way, old, old.waiting, new.fragment)
    remind = reminder_at(way.match.new, new.fragment, waiting) is not None
    return replace(new, waiting=waiting, remind_at=new.remind_at if remind else None)


def _waiting(way: Passage, old: PlayerState, waiting: Waiting, there: FragmentId) -> Waiting | None:
    key = None if waiting.choice is None else way.match.key(waiting.choice)
    if key is None and wait_of(way.match.new.fragments[there].exit) is None:
        return None
    if key is not None and _choice(way.match.new, key, there) is None:
        return None
    before = way_ahead(way.match.old, old.fragment, waiting)
    after = way_ahead(way.match.new, there, Waiting(waiting.due, key))
    begun = waiting.due - (before.seconds if before is not None else 0)
    return Waiting(min(waiting.due, begun + (after.seconds if after is not None else 0)), key)
