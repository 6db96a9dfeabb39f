"""A batch of steps between what was read for it and what is to be written: the part that all stores share, and pure.

A store reads for a whole batch (`Found`), has each step settled here, and writes what came of it (`Written`) in about as
few statements as there are tables. A step that raises has added nothing, so it needs no undoing. A player has at most one
step in a batch: what the next one must see is then in the database, and no step can hide what another did to the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import assert_never

from diana_engine.database.ports.decisions import (
    Decide,
    Decision,
    Delivery,
    LedgerError,
    Save,
    Stored,
)
from diana_engine.database.ports.outbox import Message
from diana_engine.database.ports.plays import PlayerRecord, PlayKey
from diana_engine.database.ports.timers import CancelTimer, Fired, SetTimer
from diana_engine.database.steps.remembered import Name
from diana_engine.database.steps.written import (
    PRIORITIES,
    EntitlementRow,
    EntryRow,
    EventRow,
    InboxRow,
    LogRow,
    MessageRow,
    NoteRow,
    PlayerRow,
    SavedPlayer,
    TimerRow,
    Written,
    as_json,
)
from diana_engine.play.saved import write_state
from diana_engine.play.state import PlayerState

__all__ = ["Found", "Order", "delivery_mark", "delivery_name", "settle", "state_digest"]


class Order:
    """A step that somebody asks for. `name` is what the play is called in rows: the player, and the story."""

    __slots__ = ("decide", "delivery", "name", "play", "player")

    def __init__(self, play: PlayKey, delivery: Delivery | None, decide: Decide) -> None:
        self.play = play
        self.delivery = delivery
        self.decide = decide
        self.player = str(play.player)
        self.name: Name = (self.player, play.story)


@dataclass(slots=True)
class Found:
    """What a batch may look at.

    Plays that are there, results of handled deliveries by player and number, and the due times of timers by player, story and
    key. All that the orders of the batch name must have been looked for.
    """

    records: dict[Name, PlayerRecord] = field(default_factory=dict)
    handled: dict[tuple[str, int], str] = field(default_factory=dict)
    timers: dict[tuple[str, str, str], int] = field(default_factory=dict)


def settle(order: Order, found: Found, now: int, written: Written) -> Stored:
    """Decide one step, and add what it changes to `written`, to which the player has added nothing before.

    Raises:
        LedgerError: an entry cannot be one.
        Exception: whatever `order.decide` raises; nothing was added.
    """
    record = found.records.get(order.name)
    repetition = _repetition(order, record, found)
    if repetition is not None:
        return repetition
    decision = order.decide(record)
    _check(decision)
    assert order.name not in written.players, "a player steps once in a batch"
    saved = record
    if decision.save is not None:
        saved = _saved(order, record, decision.save, now)
    mark = written.mark()
    try:
        _write(order, decision, (record, saved), now, written)
    except Exception:
        written.cut(mark)
        raise
    return Stored(decision.result, saved, messages=len(decision.messages))


def delivery_name(delivery: Delivery | None) -> str | None:
    """Return how the step log and the list of parked deliveries call a delivery."""
    match delivery:
        case None:
            return None
        case Fired(key, due_at):
            return f"timer:{key}@{due_at}"
        case int():
            return str(delivery)
        case _:
            assert_never(delivery)


def state_digest(state: PlayerState) -> str:
    """Return how the step log calls a state: the same state, the same digest."""
    return _digest(write_state(state))


def _digest(written: str) -> str:
    return blake2b(written.encode(), digest_size=16).hexdigest()


# Whether it was handled -----------------------------------------------------------------------------


def _repetition(order: Order, record: PlayerRecord | None, found: Found) -> Stored | None:
    match order.delivery:
        case None:
            return None
        case Fired(key, due_at):
            there = found.timers.get((*order.name, key)) == due_at
            return None if there else Stored("", record, repeated=True)
        case update:
            result = found.handled.get((order.player, update))
            return None if result is None else Stored(result, record, repeated=True)


# What it changes ------------------------------------------------------------------------------------


def _check(decision: Decision) -> None:
    for entry in decision.entries:
        if entry.amount == 0:
            raise LedgerError(f"an entry of nothing: {entry.reason}")
        if entry.key is None and decision.save is None:
            raise LedgerError(f"an entry that neither a step nor a key tells apart: {entry.reason}")


def _saved(order: Order, record: PlayerRecord | None, save: Save, now: int) -> PlayerRecord:
    sequence = 1 if record is None else record.sequence + 1
    return PlayerRecord(order.play, save.digest, sequence, save.state, now)


def _write(
    order: Order,
    decision: Decision,
    around: tuple[PlayerRecord | None, PlayerRecord | None],
    now: int,
    written: Written,
) -> None:
    """Write everything that one step does; `around` are the play before it and after it."""
    before, after = around
    sequence = 0 if after is None else after.sequence
    if decision.save is not None:
        assert after is not None, "what is saved is there afterwards"
        _write_play(order, before, after, decision.save, written)
    match order.delivery:
        case None:
            pass
        case Fired(key, _):
            written.timers[(*order.name, key)] = None
        case update:
            written.inbox.append(InboxRow(order.player, update, decision.result, now))
    if decision.entries:
        _write_entries(order, decision, sequence, now, written)
    if decision.events or decision.messages:
        _write_words(order, decision, sequence, now, written)
    if decision.timers:
        _write_timers(order, decision, written)
    if decision.entitlements or decision.notes:
        _write_standing(order, decision, now, written)


def _write_play(
    order: Order, before: PlayerRecord | None, after: PlayerRecord, save: Save, written: Written
) -> None:
    (player, story), sequence = order.name, after.sequence
    state = write_state(after.state)
    row = PlayerRow(
        player, story, after.digest, sequence, after.state.fragment, state, after.updated_at
    )
    written.players[order.name] = SavedPlayer(0 if before is None else before.sequence, row)
    written.log.append(
        LogRow(
            player,
            story,
            sequence,
            delivery_name(order.delivery),
            save.digest,
            as_json(save.action),
            save.now,
            after.state.seed,
            _digest(state),
        )
    )


def _write_entries(
    order: Order, decision: Decision, sequence: int, now: int, written: Written
) -> None:
    player, story = order.name
    for n, entry in enumerate(decision.entries):
        key = entry.key or f"{sequence}:{n}"
        written.entries.append(
            EntryRow(player, story, key, entry.points, entry.amount, entry.reason, sequence, now)
        )
        account = (player, story, entry.points)
        written.balances[account] = written.balances.get(account, 0) + entry.amount


def _write_words(
    order: Order, decision: Decision, sequence: int, now: int, written: Written
) -> None:
    """Write what others shall hear: events, and messages to be sent."""
    player, story = order.name
    mark = _mark(order, decision, sequence, now)
    for n, event in enumerate(decision.events):
        key = None if mark is None else f"{mark}:{n}"
        payload = as_json(event.payload)
        written.events.append(
            EventRow(player, story, sequence, key, event.name, payload, event.correlation, now)
        )
    for n, message in enumerate(decision.messages):
        key = None if mark is None else f"{mark}:{n}"
        written.messages.append(_message(order, sequence, n, key, message, now))


def _mark(order: Order, decision: Decision, sequence: int, now: int) -> str | None:
    """Return what makes keys unique in the play: the step, else the delivery."""
    if decision.save is not None:
        return str(sequence)
    return None if order.delivery is None else delivery_mark(order.delivery, now)


def delivery_mark(delivery: Delivery, now: int) -> str:
    """Return what makes the keys unique of what a delivery leaves behind that makes no step."""
    match delivery:
        case Fired(key, due_at):
            # Where a clock was set back, a timer that had fired may be set for the same time again.
            return f"t{key}@{due_at}+{now}"
        case update:
            return f"u{update}"


def _message(
    order: Order, sequence: int, n: int, key: str | None, message: Message, now: int
) -> MessageRow:
    return MessageRow(
        order.player,
        order.play.story,
        order.play.player.channel,
        message.chat,
        sequence,
        n,
        key,
        message.kind,
        PRIORITIES.index(message.priority),
        message.policy,
        as_json(message.payload),
        max(now, message.not_before),
    )


def _write_timers(order: Order, decision: Decision, written: Written) -> None:
    player, story = order.name
    for change in decision.timers:
        match change:
            case SetTimer(key, kind, due_at, payload):
                row = TimerRow(player, story, key, kind, due_at, as_json(payload))
                written.timers[player, story, key] = row
            case CancelTimer(key):
                written.timers[player, story, key] = None
            case _:
                assert_never(change)


def _write_standing(order: Order, decision: Decision, now: int, written: Written) -> None:
    player, story = order.name
    for given in decision.entitlements:
        row = EntitlementRow(player, story, given.kind, given.until, given.source)
        written.entitlements[player, story, given.kind] = row
    for note in decision.notes:
        detail = as_json(note.detail)
        written.notes.append(NoteRow(now, note.actor, note.action, note.subject, detail))
