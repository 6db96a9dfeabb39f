"""Schema 3: what follows from players' steps: their log, the ledger, events, messages, timers.

The tables stand here as they were when this schema was made, whatever became of them since.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    text,
)

__all__ = ["downgrade", "upgrade"]

revision = "0003"
down_revision = "0002"

_metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    # SQLite numbers only what it calls INTEGER.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _play() -> tuple[Column[str], Column[str]]:
    """Return the columns that name a play, as the beginning of the key."""
    return Column("player", Text, primary_key=True), Column("story", Text, primary_key=True)


step_log = Table(
    "step_log",
    _metadata,
    *_play(),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("delivery", Text),
    Column("digest", String(128), nullable=False),
    Column("action", Text, nullable=False),
    Column("now", BigInteger, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("state_digest", String(64), nullable=False),
    sqlite_with_rowid=False,
)

ledger = Table(
    "ledger",
    _metadata,
    *_play(),
    Column("key", Text, primary_key=True),
    Column("points", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    CheckConstraint("amount <> 0", name="amount"),
    sqlite_with_rowid=False,
)

balances = Table(
    "balances",
    _metadata,
    *_play(),
    Column("points", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    CheckConstraint("amount >= 0", name="amount"),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    _metadata,
    _id(),
    Column("player", Text, nullable=False),
    Column("story", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("key", Text),
    Column("name", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("correlation", Text),
    Column("at", BigInteger, nullable=False),
    Column("position", BigInteger),
    UniqueConstraint("player", "story", "key"),
    Index("ix_events_position", "position").ddl_if(dialect="postgresql"),
    Index("ix_events_unread", "id", postgresql_where=text("position IS NULL")).ddl_if(
        dialect="postgresql"
    ),
)

outbox = Table(
    "outbox",
    _metadata,
    _id(),
    Column("player", Text, nullable=False),
    Column("story", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("chat", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("n", Integer, nullable=False),
    Column("key", Text),
    Column("kind", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("policy", String(8), nullable=False),
    Column("payload", Text, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("state", String(8), nullable=False, server_default="ready"),
    Column("owner", Text),
    Column("lease_until", BigInteger),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("unknowns", Integer, nullable=False, server_default="0"),
    Column("message_id", BigInteger),
    Column("sent_at", BigInteger),
    Column("error", Text),
    UniqueConstraint("player", "story", "key"),
    # Only what waits or is on its way: a bot that has sent a million messages has hardly any of those.
    Index(
        "ix_outbox_waiting", "channel", "state", "priority", "id",
        sqlite_where=text("state IN ('ready', 'sending')"),
        postgresql_where=text("state IN ('ready', 'sending')"),
    ),
    Index(
        "ix_outbox_chat", "channel", "chat", "state", "priority", "id",
        sqlite_where=text("state IN ('ready', 'sending')"),
        postgresql_where=text("state IN ('ready', 'sending')"),
    ),
    Index(
        "ix_outbox_sent", "channel", "chat", "kind", "id",
        sqlite_where=text("state = 'sent'"),
        postgresql_where=text("state = 'sent'"),
    ),
)  # fmt: skip

paused_chats = Table(
    "paused_chats",
    _metadata,
    Column("channel", Text, primary_key=True),
    Column("chat", Text, primary_key=True),
    Column("reason", Text, nullable=False),
)

timers = Table(
    "timers",
    _metadata,
    *_play(),
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Column("free_at", BigInteger, nullable=False),
    Column("owner", Text),
    Column("lease_until", BigInteger),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Index(None, "free_at"),
    sqlite_with_rowid=False,
)

entitlements = Table(
    "entitlements",
    _metadata,
    *_play(),
    Column("kind", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Index(None, "kind", "until"),
)

parked = Table(
    "parked",
    _metadata,
    *_play(),
    Column("delivery", Text, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("given_up", Boolean, nullable=False),
)

audit_log = Table(
    "audit_log",
    _metadata,
    _id(),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

subscribers = Table(
    "subscribers",
    _metadata,
    Column("subscriber", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

deliveries = Table(
    "deliveries",
    _metadata,
    Column("subscriber", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("player", Text, nullable=False),
    Column("story", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
)


_NUMBERED = ("events", "outbox")


def upgrade() -> None:
    """Add the tables, and an index for the purge of the inbox."""
    _metadata.create_all(op.get_bind())
    if op.get_bind().dialect.name == "postgresql":
        for name in _NUMBERED:
            op.drop_constraint(f"pk_{name}", name)
            op.create_primary_key(f"pk_{name}", name, ["player", "id"])
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])
    _open_books(op.get_bind())


def _open_books(connection: Connection) -> None:
    """Begin the ledger, the entitlements and the timers of plays that are older than those: with what the plays have."""
    points: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for story, digest, name in connection.execute(text(_POINTS)):
        points[story, digest].add(name)
    found = connection.execute(text(_PLAYS)).all()
    for player, story, digest, sequence, written, at in found:
        state = json.loads(written).get("state", {})
        play = {"player": player, "story": story}
        for name in sorted(points[story, digest]):
            _post(connection, {**play, "points": name, "sequence": sequence, "at": at}, state)
        if until := state.get("vip_until"):
            row = {**play, "kind": "vip", "until": until, "source": "opening"}
            connection.execute(insert(entitlements).values(row))
        _set_timers(connection, play, state)


_POINTS = """
SELECT story_versions.story, story_versions.digest, variables.variable FROM variables
JOIN story_versions ON story_versions.id = variables.version_id WHERE variables.type = 'points'
"""
_PLAYS = "SELECT player, story, digest, sequence, state, updated_at FROM players"


def _post(connection: Connection, entry: dict[str, Any], state: dict[str, Any]) -> None:
    amount = state.get("values", {}).get(entry["points"], 0)
    if isinstance(amount, int) and amount > 0:
        key = f"opening:{entry['points']}"
        row = {**entry, "key": key, "amount": amount, "reason": "opening"}
        connection.execute(insert(ledger).values(row))
        kept = {name: row[name] for name in ("player", "story", "points", "amount")}
        connection.execute(insert(balances).values(kept))


def _set_timers(connection: Connection, play: dict[str, Any], state: dict[str, Any]) -> None:
    waiting = state.get("waiting") or {}
    due = {
        "wait": waiting.get("due"),
        "remind": state.get("remind_at"),
        "vip": state.get("vip_until"),
    }
    for kind, at in due.items():
        if at:
            row = {
                **play,
                "key": kind,
                "kind": kind,
                "due_at": at,
                "payload": "null",
                "free_at": at,
            }
            connection.execute(insert(timers).values(row))


def downgrade() -> None:
    """Drop the tables, with what is in them."""
    op.drop_index("ix_inbox_received_at", "inbox")
    _metadata.drop_all(op.get_bind())
