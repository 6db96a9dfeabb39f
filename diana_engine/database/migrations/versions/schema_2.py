"""Schema 2: the media of stories, and what channels call those that they were sent."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary, PrimaryKeyConstraint, String, Text

__all__ = ["downgrade", "upgrade"]

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables of media."""
    op.create_table(
        "media",
        Column("digest", String(64), nullable=False),
        Column("size", BigInteger, nullable=False),
        Column("content", LargeBinary, nullable=False),
        PrimaryKeyConstraint("digest", name="pk_media"),
    )
    op.create_table(
        "media_sent",
        Column("channel", String(64), nullable=False),
        Column("kind", String(16), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("name", Text, nullable=False),
        PrimaryKeyConstraint("channel", "kind", "digest", name="pk_media_sent"),
    )


def downgrade() -> None:
    """Drop the tables of media, with what is in them."""
    op.drop_table("media_sent")
    op.drop_table("media")
