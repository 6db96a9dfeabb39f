"""Which version of a story is in force, since when and by whom, and where the players are meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from diana_engine.database.ports.plays import PlayerKey, PlayerRecord
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import StoryId
from diana_engine.program.systems import Policy

__all__ = ["Guard", "Occupancy", "Order", "Publication", "Publications", "StoryVersion", "Watched"]

Occupancy = Mapping[str, Mapping[FragmentId, int]]
"""How many players stand in each fragment, by the digest of their version."""

Watched = Mapping[str, frozenset[FragmentId]]
"""Fragments of stored versions, by the digests of those."""

Guard = Callable[[Occupancy], None]
"""Looks at who stands in fragments that are watched, and raises what speaks against publishing."""


@dataclass(frozen=True, slots=True)
class StoryVersion:
    """A compiled story as it is stored, without its program. `label` is the writer's, `digest` names the content."""

    id: int
    story: StoryId
    digest: str
    label: str
    title: str
    language: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be published: a stored version, how players get there, and who says so."""

    story: StoryId
    digest: str
    policy: Policy
    by: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A version that was published; `id` grows with each publication of any story."""

    id: int
    version: StoryVersion
    policy: Policy
    at: int
    by: str


class Publications(Protocol):
    """What was published, and what is in force."""

    async def active(self, story: StoryId) -> Publication | None:
        """Return what is in force, or `None` where nothing was ever published."""

    async def history(self, story: StoryId) -> tuple[Publication, ...]:
        """Return everything that was published of a story, in order."""

    async def publish(self, order: Order, watched: Watched, guard: Guard) -> Publication:
        """Put a version in force: one row, all or nothing. What is in force already is only returned.

        `guard` is asked in the same transaction about who stands in the fragments that are watched, and what it raises comes
        out unchanged; then nothing was changed.

        Raises:
            LookupError: the version is not stored.
        """

    async def occupancy(self, story: StoryId) -> Occupancy:
        """Return where the players of a story stand."""

    async def players(
        self, story: StoryId, digest: str, after: PlayerKey | None, limit: int
    ) -> tuple[PlayerRecord, ...]:
        """Return players of one version, in the order of their keys, from the one that follows `after`."""
