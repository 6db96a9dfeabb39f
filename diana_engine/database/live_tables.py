"""What follows from players' steps: their log, the ledger, events, messages, timers.

Every step adds rows here, so each index has to earn its place. In SQLite a table whose key is its order is kept as that
key's tree (without a row number); its rows are then written once and not twice. In PostgreSQL the key of what is
numbered begins with the player all the same, as the last lines say.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

from diana_engine.database.tables import metadata

__all__ = [
    "LIVE", "audit_log", "balances", "channels", "deliveries", "entitlements", "events", "ledger", "outbox", "parked",
    "paused_chats", "step_log", "subscribers", "timers",
]  # fmt: skip


def _id() -> Column[int]:
    # SQLite numbers only what it calls INTEGER.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _play() -> tuple[Column[str], Column[str]]:
    """Return the columns that name a play, as the beginning of the key."""
    return Column("player", Text, primary_key=True), Column("story", Text, primary_key=True)


# From the version, the action, the moment and the seed, each step can be made again, and the digest tells whether it
# came to the same state.
step_log = Table(
    "step_log",
    metadata,
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

# Only ever added to. The key is the reason for which something is paid once.
ledger = Table(
    "ledger",
    metadata,
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

# The sums of the ledger, so that the database itself refuses what would leave less than nothing.
balances = Table(
    "balances",
    metadata,
    *_play(),
    Column("points", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    CheckConstraint("amount >= 0", name="amount"),
    sqlite_with_rowid=False,
)

# `position` is given to events when they are first read: then all that are numbered lower have been committed. SQLite's
# own numbers are such positions already, because it has one writer.
events = Table(
    "events",
    metadata,
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

# `returned` says that whoever reads the chat has come back while the message was on its way: its refusal is out of date then.
outbox = Table(
    "outbox",
    metadata,
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
    Column("returned", Boolean, nullable=False, server_default=text("false")),
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
    metadata,
    Column("channel", Text, primary_key=True),
    Column("chat", Text, primary_key=True),
    Column("reason", Text, nullable=False),
)

# What all who send for a channel keep to: when the bulk limit has room (a time in microseconds, see the outbox), and from when
# until when Telegram wants nothing at all of it.
channels = Table(
    "channels",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("bulk_mark", BigInteger, nullable=False, server_default="0"),
    Column("closed_from", BigInteger, nullable=False, server_default="0"),
    Column("closed_until", BigInteger, nullable=False, server_default="0"),
)

# `free_at` is when it may be claimed: when it is due, when a claim's lease is over, or when it was given back for.
timers = Table(
    "timers",
    metadata,
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
    metadata,
    *_play(),
    Column("kind", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Index(None, "kind", "until"),
)

# Deliveries that raised an error of ours.
parked = Table(
    "parked",
    metadata,
    *_play(),
    Column("delivery", Text, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("given_up", Boolean, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    _id(),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("subscriber", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("owner", Text, nullable=False, server_default=""),
    Column("lease_until", BigInteger, nullable=False, server_default="0"),
)

# Events that a subscriber is past without having dealt with them.
deliveries = Table(
    "deliveries",
    metadata,
    Column("subscriber", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("player", Text, nullable=False),
    Column("story", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
)

LIVE = (
    step_log, ledger, balances, events, outbox, paused_chats, channels, timers, entitlements, parked, audit_log, subscribers,
    deliveries,
)  # fmt: skip
"""All of these tables."""

for _numbered in (events, outbox):
    _name = _numbered.name
    _ddl = DDL(  # type: ignore[no-untyped-call]  # SQLAlchemy left this one without types
        f"ALTER TABLE {_name} DROP CONSTRAINT pk_{_name}, ADD CONSTRAINT pk_{_name} PRIMARY KEY (player, id)"
    )
    event.listen(_numbered, "after_create", _ddl.execute_if(dialect="postgresql"))
