"""What a batch of steps writes, row by row: the one shape that every store takes.

Rows are tuples in the order of their columns, which a driver takes as they are, and they have names, by which they are
read. All text in them that anybody may have typed stands in JSON, where nothing is left that a database refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from diana_engine.database.ports.outbox import Policy, Priority
from diana_engine.database.ports.plays import Json, PlayerKey, PlayKey
from diana_engine.program.model import StoryId

__all__ = [
    "PRIORITIES", "EntitlementRow", "EntryRow", "EventRow", "InboxRow", "LogRow", "MessageRow", "NoteRow", "PlayerRow",
    "SavedPlayer", "TimerRow", "Written", "as_json", "from_json", "plain", "play_of",
]  # fmt: skip

PRIORITIES: tuple[Priority, ...] = ("reply", "reminder", "broadcast")
"""The priorities by the number that stands for each."""

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder().decode


def as_json(value: Json) -> str:
    """Return JSON in one certain form: the same value, the same text.

    Raises:
        UnicodeEncodeError: a text holds half of a surrogate pair, which no database takes.
    """
    return _encode(value).decode()


def from_json(text: str) -> Json:
    """Return the value that `as_json` wrote."""
    value: Json = _decode(text)
    return value


def play_of(player: str, story: str) -> PlayKey:
    """Return the play whose rows these words begin."""
    return PlayKey(PlayerKey.read(player), StoryId(story))


def plain(text: str) -> str:
    """Return text that every database takes: an error may quote anything."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


class PlayerRow(NamedTuple):
    """A play as it stands."""

    player: str
    story: str
    digest: str
    sequence: int
    fragment: str
    state: str
    updated_at: int


class SavedPlayer(NamedTuple):
    """A play to be saved over the one with the sequence `old`; 0 where there is none yet."""

    old: int
    row: PlayerRow


class InboxRow(NamedTuple):
    """A delivery that was handled."""

    player: str
    update_id: int
    result: str
    received_at: int


class LogRow(NamedTuple):
    """A step that was made."""

    player: str
    story: str
    sequence: int
    delivery: str | None
    digest: str
    action: str
    now: int
    seed: int
    state_digest: str


class EntryRow(NamedTuple):
    """An entry of the ledger."""

    player: str
    story: str
    key: str
    points: str
    amount: int
    reason: str
    sequence: int
    at: int


class EventRow(NamedTuple):
    """Something that happened."""

    player: str
    story: str
    sequence: int
    key: str | None
    name: str
    payload: str
    correlation: str | None
    at: int


class MessageRow(NamedTuple):
    """A message to be sent."""

    player: str
    story: str
    channel: str
    chat: str
    sequence: int
    n: int
    key: str | None
    kind: str
    priority: int
    policy: Policy
    payload: str
    due_at: int


class TimerRow(NamedTuple):
    """A timer that is set."""

    player: str
    story: str
    key: str
    kind: str
    due_at: int
    payload: str


class EntitlementRow(NamedTuple):
    """What a play is entitled to."""

    player: str
    story: str
    kind: str
    until: int
    source: str


class NoteRow(NamedTuple):
    """A line of the audit log."""

    at: int
    actor: str
    action: str
    subject: str
    detail: str


@dataclass(slots=True)
class Written:
    """All rows of a step, or of a batch in which each player has one step."""

    players: dict[tuple[str, str], SavedPlayer] = field(default_factory=dict)
    inbox: list[InboxRow] = field(default_factory=list)
    log: list[LogRow] = field(default_factory=list)
    entries: list[EntryRow] = field(default_factory=list)
    balances: dict[tuple[str, str, str], int] = field(default_factory=dict)
    events: list[EventRow] = field(default_factory=list)
    messages: list[MessageRow] = field(default_factory=list)
    timers: dict[tuple[str, str, str], TimerRow | None] = field(default_factory=dict)
    entitlements: dict[tuple[str, str, str], EntitlementRow] = field(default_factory=dict)
    notes: list[NoteRow] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Return whether there is anything to write."""
        return bool(
            self.players
            or self.inbox
            or self.entries
            or self.events
            or self.messages
            or self.timers
            or self.entitlements
            or self.notes
        )

    def mark(self) -> tuple[int, ...]:
        """Return how much there is of each kind."""
        return tuple([len(part) for part in self._parts()])

    def cut(self, mark: tuple[int, ...]) -> None:
        """Take away the rows that were added since a mark: those of one step, whose player has no others here."""
        for part, length in zip(self._parts(), mark, strict=True):
            if isinstance(part, list):
                del part[length:]
                continue
            while len(part) > length:
                part.popitem()

    def _parts(self) -> tuple[list[Any] | dict[Any, Any], ...]:
        return (
            self.players, self.inbox, self.log, self.entries, self.balances, self.events, self.messages, self.timers,
            self.entitlements, self.notes,
        )  # fmt: skip
