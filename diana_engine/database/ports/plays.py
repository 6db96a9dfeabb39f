"""Who plays what, and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NewType, TypeAlias

from diana_engine.play.state import PlayerState
from diana_engine.program.model import StoryId
from diana_engine.records import dataclass

__all__ = ["Clock", "Json", "PlayKey", "PlayerKey", "PlayerRecord", "UpdateId"]

Clock = Callable[[], int]
"""Seconds since 1970 in UTC."""

UpdateId = NewType("UpdateId", int)
"""What a channel calls one delivery of one player's action; the same number again is the same delivery, repeated."""

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"
"""What every database keeps alike. No floats: nothing of ours needs one, and NaN is another thing in each database."""


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

    @classmethod
    def read(cls, written: str) -> PlayerKey:
        """Return the player that `str` wrote."""
        channel, _, user = written.rpartition("/")
        return cls(channel, user)


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
