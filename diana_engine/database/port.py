"""What Diana asks of a database: stories and media here, and by noun in `ports` what a running play needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from diana_engine.database.ports.decisions import (
    Decide,
    Decision,
    Delivery,
    Entitlement,
    Entry,
    Failure,
    LedgerError,
    Note,
    PlayerStore,
    Save,
    Stored,
)
from diana_engine.database.ports.events import NewEvent
from diana_engine.database.ports.outbox import Message
from diana_engine.database.ports.plays import (
    Clock,
    Json,
    PlayerKey,
    PlayerRecord,
    PlayKey,
    UpdateId,
)
from diana_engine.database.ports.publications import Publication, StoryVersion
from diana_engine.database.ports.timers import CancelTimer, Fired, SetTimer
from diana_engine.program.model import Program, StoryId

__all__ = [
    "Added",
    "CancelTimer",
    "Clock",
    "Decide",
    "Decision",
    "Delivery",
    "Entitlement",
    "Entry",
    "Failure",
    "Fired",
    "Json",
    "LedgerError",
    "MediaStore",
    "Message",
    "NewEvent",
    "Note",
    "PlayKey",
    "PlayerKey",
    "PlayerRecord",
    "PlayerStore",
    "Publication",
    "Save",
    "SetTimer",
    "Stored",
    "StoryStore",
    "StoryVersion",
    "UpdateId",
]  # fmt: skip


# Stories ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Added:
    """The version that a program is now stored as; not `new` if it was already there."""

    version: StoryVersion
    new: bool


class StoryStore(Protocol):
    """Compiled stories. What is stored once never changes."""

    @property
    def place(self) -> str:
        """Where the stories are, in words for an operator and without secrets."""

    async def add(self, program: Program) -> Added:
        """Store a program and make it its story's latest version, which puts nothing in force. The same program again adds nothing."""

    async def program(self, story: StoryId, digest: str) -> Program | None:
        """Return a stored program."""

    async def latest(self, story: StoryId) -> StoryVersion | None:
        """Return the version of a story that was added last."""

    async def active(self, story: StoryId) -> Publication | None:
        """Return the publication of a story that is in force, or `None` where nothing was ever published."""

    async def stories(self) -> tuple[StoryVersion, ...]:
        """Return the latest version of every story, in the order of their ids."""

    async def versions(self, story: StoryId) -> tuple[StoryVersion, ...]:
        """Return every version of a story, first stored first."""


# Media --------------------------------------------------------------------------------------------


class MediaStore(Protocol):
    """The files that stories show, by the SHA-256 of their bytes, and what channels call those that they were sent."""

    async def put(self, content: bytes) -> str:
        """Store a file and return the SHA-256 that names it; the same file again adds nothing."""

    async def content(self, digest: str) -> bytes | None:
        """Return the bytes of a file."""

    async def missing(self, digests: frozenset[str]) -> frozenset[str]:
        """Return which of these files are not stored."""

    async def sent(self, channel: str, kind: str, digest: str) -> str | None:
        """Return what a channel calls a file that it was sent before, as that kind."""

    async def remember(self, channel: str, kind: str, digest: str, name: str | None) -> None:
        """Note what a channel calls a file, or that it no longer knows what it called it."""
