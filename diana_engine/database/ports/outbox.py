"""Messages that wait to be sent, and what became of them.

A message is stored with the step that causes it, so it is sent at least once, whatever dies in between. Whoever sends
claims some for a time (a lease) and then reports. A report about a claim that has been taken over meanwhile changes
nothing and says so by returning false.
"""

from __future__ import annotations

from typing import Literal, Protocol

from diana_engine.database.ports.plays import Json, PlayerKey, PlayKey, UpdateId
from diana_engine.records import dataclass

__all__ = ["Allowance", "Backlog", "Claimed", "Message", "Notice", "Outbox", "OutboxCounts", "Policy", "Priority", "Sent"]  # fmt: skip

Priority = Literal["reply", "reminder", "broadcast"]
"""Which message goes first, in this order."""

Policy = Literal["again", "drop"]
"""What happens to a message of which nobody knows whether it arrived: story text goes once more, decoration does not."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message to be sent, as a decision asks for it.

    `chat` is where it goes, in the channel's own words. `payload` is what the channel's presenter rendered. `kind` is
    the presenter's word for what it is, by which `Outbox.last` finds it. `not_before` is a time in seconds since 1970.
    """

    chat: str
    payload: Json
    kind: str = ""
    priority: Priority = "reply"
    policy: Policy = "again"
    not_before: int = 0


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is somebody's to send until `lease_until`.

    `sequence` is the play's when the message was stored, `n` counts the messages of that decision from 0. `attempts` counts claims, this one
    too; `unknowns` how often nobody knew whether it had arrived. `newest` is the last message of the chat that was stored when this was claimed.
    """

    id: int
    owner: str
    play: PlayKey
    sequence: int
    n: int
    message: Message
    attempts: int
    unknowns: int
    lease_until: int
    newest: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much may go that nobody has just asked for, over all who send for a channel: one message `every` so many microseconds.

    After a rest `burst` of them may go at once. `at` is the asker's time in microseconds, on a clock of its machine that is never set; a
    server that is shared by several machines goes by its own clock.
    """

    every: int
    burst: int
    at: int

    @property
    def ahead(self) -> int:
        """How far ahead of the time the mark of what was taken can lie, with room for others' allowances."""
        return self.burst * self.every + 60_000_000

    def room(self, mark: int) -> int:
        """Return how many may go, given the mark that those so far have left."""
        owed = self._sound(mark) - self.at
        return max(0, self.burst - (owed + self.every - 1) // self.every)

    def taken(self, mark: int, count: int) -> int:
        """Return the mark after so many more."""
        return self._sound(mark) + count * self.every

    def _sound(self, mark: int) -> int:
        """Return a mark that has passed, or that lies further ahead than any can because a clock was set back, as now."""
        return mark if self.at < mark <= self.at + self.ahead else self.at


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was sent, with the number that the channel gave it."""

    id: int
    play: PlayKey
    sequence: int
    message: Message
    message_id: int | None
    at: int


@dataclass(frozen=True, slots=True)
class Notice:
    """The update by which a player said something about their chat; channels number updates in the order of what happened."""

    player: PlayerKey
    update: UpdateId


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How many messages of a channel are in which state, and since when the longest waiting one is due."""

    ready: int = 0
    sending: int = 0
    sent: int = 0
    unknown: int = 0
    dead: int = 0
    unknown_outcomes: int = 0
    oldest_due: int | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many messages of a channel are not done with, and since when the longest waiting one is due; without paused chats."""

    messages: int = 0
    oldest_due: int | None = None


class Outbox(Protocol):
    """The messages of every channel.

    At most one message per chat is claimed at a time. Within a chat they go by priority, and then in the order in which
    they were stored, which for one play is the order of (sequence, n). A message that is tried again holds back those
    behind it.
    """

    async def claim(
        self, channel: str, owner: str, now: int, *, lease: int, limit: int, least: Priority = "broadcast",
        allowance: Allowance | None = None,
    ) -> tuple[Claimed, ...]:  # fmt: skip
        """Take up to `limit` messages that are due, the most urgent first, and none that is less urgent than `least`.

        Within an `allowance` no more are taken than it has room for, whoever asks, and what is no reply uses it up.
        """

    async def renew(self, claimed: Claimed, until: int) -> Claimed | None:
        """Keep a claim until a later time; `None` if it has been taken over meanwhile."""

    async def sent(self, claimed: Claimed, message_id: int | None, now: int) -> bool:
        """Report that a message arrived."""

    async def retry(self, claimed: Claimed, at: int, error: str) -> bool:
        """Report that a message surely did not arrive, and is to be tried again at `at`."""

    async def unknown(self, claimed: Claimed, at: int, error: str) -> bool:
        """Report that nobody knows; by its policy it is tried again at `at`, or given up."""

    async def dead(self, claimed: Claimed, error: str) -> bool:
        """Report that a message can never arrive."""

    async def gone(self, claimed: Claimed, reason: str) -> bool:
        """Report that whoever reads a chat is not there: send nothing more to it, and give up this message and what waits.

        If they were heard of since the message was claimed, the refusal may be from before: then this returns false, and nothing changes.
        """

    async def put_back(self, owner: str) -> int:
        """Make what an owner claimed and did not begin to send due again; for a stop in good order."""

    async def pause(
        self, channel: str, chat: str, reason: str, notice: Notice | None = None
    ) -> int:
        """Send nothing more to a chat whose player blocked the bot; give up what waits, and say how many.

        A `notice` that came late, when a later update of its player has been handled, changes nothing.
        """

    async def resume(self, channel: str, chat: str) -> None:
        """Send to a chat again. What is on its way there cannot pause it any more, for who would read it is back."""

    async def close(self, channel: str, now: int, until: int) -> None:
        """Let nobody claim anything of a channel before a time, as if nothing were due."""

    async def recover(self, channel: str, owner: str, now: int) -> int:
        """Treat as `unknown` what `owner` had claimed, and whatever lease of others is over.

        With an `owner` that is new each time, a claim of a living worker is never touched before its lease is over.
        """

    async def last(self, channel: str, chat: str, kind: str) -> Sent | None:
        """Return the message of a kind that was sent to a chat last, of those that have a number."""

    async def backlog(self, channel: str) -> Backlog:
        """Count what waits or is on its way; quick, however much was sent before."""

    async def counts(self, channel: str) -> OutboxCounts:
        """Count the messages of a channel by their state, which may take long."""
