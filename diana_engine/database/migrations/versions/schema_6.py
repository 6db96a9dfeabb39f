"""Schema 6: what all senders of a channel keep to, and whether a player came back while a message was on its way."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, PrimaryKeyConstraint, Text, text

__all__ = ["downgrade", "upgrade"]

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the limits of channels, all of which have room, and the mark of messages, which none has."""
    op.create_table(
        "channels",
        Column("channel", Text, nullable=False),
        Column("bulk_mark", BigInteger, nullable=False, server_default="0"),
        Column("closed_from", BigInteger, nullable=False, server_default="0"),
        Column("closed_until", BigInteger, nullable=False, server_default="0"),
        PrimaryKeyConstraint("channel", name="pk_channels"),
    )
    op.add_column(
        "outbox", Column("returned", Boolean, nullable=False, server_default=text("false"))
    )


def downgrade() -> None:
    """Forget the limits and the marks: each sender keeps to its own again."""
    op.drop_column("outbox", "returned")
    op.drop_table("channels")
