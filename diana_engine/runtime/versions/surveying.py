"""What a version of a story would be to the players who are in the middle of it: each of them is tried.

Nothing is written. Texts that differ need no looking at players: they disturb nobody, so they are only counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from diana_engine.database.port import Clock, PlayerKey, StoryVersion
from diana_engine.database.ports.publications import Publications
from diana_engine.expressions.terms import FragmentId
from diana_engine.play.carrying import Carried, Passage, Reason, carry, passage
from diana_engine.play.reached import is_reached
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.compare.compare import compare
from diana_engine.program.compare.model import Change, Comparison, Nobody, Standing
from diana_engine.program.model import Program
from diana_engine.program.systems import Policy
from diana_engine.runtime.versions.library import OpenStory

__all__ = ["Crowd", "Survey", "crowd_of", "states"]

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Crowd:
    """The players of one older version, and what the new one is to them.

    `reached` counts the players whom each change of the comparison reaches, in its order. `carried` can go on, `left` stay with
    their version, by the reason. `stranded` are those of them whose fragment is gone without a rule, by that fragment.
    """

    version: StoryVersion
    players: int
    comparison: Comparison
    reached: tuple[int, ...]
    carried: int
    left: Mapping[Reason, int]
    stranded: Mapping[FragmentId, int]

    @property
    def losing(self) -> tuple[tuple[Change, int], ...]:
        """The breaking changes that reach somebody who would be carried over, each with how many it reaches."""
        if not self.carried:
            return ()
        pairs = zip(self.comparison.changes, self.reached, strict=True)
        return tuple((one, count) for one, count in pairs if one.weight == "breaking" and count)


@dataclass(frozen=True, slots=True)
class Survey:
    """What a version would be to all players of its story; `current` counts those who have it already."""

    policy: Policy
    current: int
    crowds: tuple[Crowd, ...]

    @property
    def stranded(self) -> int:
        """How many players would stand on a fragment that is gone without a rule."""
        return sum(sum(one.stranded.values()) for one in self.crowds)


@dataclass(slots=True)
class _Tally:
    """What was counted so far."""

    program: Program
    way: Passage
    changes: tuple[Change, ...]
    reached: list[int]
    left: Counter[Reason]
    stranded: Counter[FragmentId]
    carried: int = 0

    def count(self, state: PlayerState, moment: Moment) -> None:
        """Try to carry one player over, and count them with each change that reaches them."""
        for index, change in enumerate(self.changes):
            if is_reached(self.program, state, change.reach):
                self.reached[index] += 1
        there = carry(self.way, state, moment)
        if isinstance(there, Carried):
            self.carried += 1
            return
        self.left[there.reason] += 1
        if there.reason == "gone":
            self.stranded[there.fragment] += 1


async def crowd_of(
    store: Publications, older: OpenStory, newer: tuple[Program, Policy], clock: Clock
) -> Crowd:
    """Return what a newer version, by a policy, is to the players of an older one."""
    program, policy = newer
    comparison = compare(older.program, program)
    tally = _Tally(
        older.program,
        passage(older.program, program, policy),
        comparison.changes,
        [0] * len(comparison.changes),
        Counter(),
        Counter(),
    )
    moment, players = Moment(clock()), 0
    if comparison.words_only and policy != "pin":
        standing = (await store.occupancy(older.version.story)).get(older.version.digest, {})
        players = tally.carried = sum(standing.values())
        for index, change in enumerate(comparison.changes):
            if isinstance(change.reach, Standing):
                tally.reached[index] = standing.get(change.reach.fragment, 0)
            else:
                assert isinstance(change.reach, Nobody), f"{change} is not only words"
    else:
        async for state in states(store, older.version):
            players += 1
            tally.count(state, moment)
    return Crowd(
        older.version,
        players,
        comparison,
        tuple(tally.reached),
        tally.carried,
        dict(tally.left),
        dict(sorted(tally.stranded.items())),
    )


async def states(store: Publications, version: StoryVersion) -> AsyncIterator[PlayerState]:
    """Yield where each player of a version stands."""
    after: PlayerKey | None = None
    while True:
        page = await store.players(version.story, version.digest, after, _PAGE)
        for record in page:
            yield record.state
        if len(page) < _PAGE:
            return
        after = page[-1].play.player
