"""What Diana asks of a store: the two protocols, and the records that cross them.

A step is one call: `PlayerStore.step` takes a plain function that decides. It runs inside the transaction, so it must
be pure and quick, and never wait: a store may run it again (after losing a race), and on whichever thread it keeps
its transactions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NewType, Protocol

from diana_engine.play.state import PlayerState
from diana_engine.program.model import Program, StoryId

__all__ = [
    "Added", "Clock", "Decide", "Decision", "MediaStore", "PlayKey", "PlayerKey", "PlayerRecord", "PlayerStore", "Save", "Stored",
    "StoryStore", "StoryVersion", "UpdateId",
]  # fmt: skip

Clock = Callable[[], int]
"""Seconds since 1970 in UTC."""

UpdateId = NewType("UpdateId", int)
"""What a channel calls one delivery of one player's action; the same number again is the same delivery, repeated."""


# Stories ------------------------------------------------------------------------------------------


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
        """Store a program and make it its story's latest version. The same program again adds nothing."""

    async def program(self, story: StoryId, digest: str) -> Program | None:
        """Return a stored program."""

    async def latest(self, story: StoryId) -> StoryVersion | None:
        """Return the version of a story that was added last."""

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


# Players ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlayerKey:
    """Somebody on some channel, such as user ``7`` of the bot ``telegram:42``."""

    channel: str
    user: str

    def __post_init__(self) -> None:
        assert self.channel, "a player has a channel"
        assert self.user, "a player has a name there"
        # So that no two players can be written alike.
        assert "/" not in self.user, f"a slash in the user {self.user!r}"

    def __str__(self) -> str:
        return f"{self.channel}/{self.user}"


@dataclass(frozen=True, slots=True)
class PlayKey:
    """One player in one story."""

    player: PlayerKey
    story: StoryId


@dataclass(frozen=True, slots=True)
class PlayerRecord:
    """A play as it is stored.

    `digest` is the version it is played on. `sequence` grows by one with every change, for ever: it begins at 1 and
    goes on when the story is begun anew, so a button that carries it names one moment of one play.
    """

    play: PlayKey
    digest: str
    sequence: int
    state: PlayerState
    updated_at: int


@dataclass(frozen=True, slots=True)
class Save:
    """The state to be saved, and the version it is played on."""

    digest: str
    state: PlayerState


@dataclass(frozen=True, slots=True)
class Decision:
    """What shall come of an update: a word for the inbox, and a state if anything changed."""

    result: str
    save: Save | None = None


Decide = Callable[[PlayerRecord | None], Decision]


@dataclass(frozen=True, slots=True)
class Stored:
    """What came of an update, and the play as it is now.

    `repeated` says that this delivery had been handled before: then `result` is what was recorded, nothing changed,
    and `decide` was not asked.
    """

    result: str
    record: PlayerRecord | None
    repeated: bool = False


class PlayerStore(Protocol):
    """Plays, and the deliveries that were handled."""

    async def step(self, play: PlayKey, update: UpdateId | None, decide: Decide) -> Stored:
        """Handle one delivery in one transaction; once this returns, it is durable.

        Steps of one play never overlap, whatever the number of processes. An exception out of `decide` undoes
        everything, the delivery's record too, and comes out unchanged. Without an `update` nothing is recorded, and
        only the sequence protects against a repetition.

        Raises:
            DianaError: the database cannot be reached or written; nothing was changed, unless the connection broke
                while it committed. The same delivery can then be handed in again.
        """

    async def find(self, play: PlayKey) -> PlayerRecord | None:
        """Return a play without locking it."""
