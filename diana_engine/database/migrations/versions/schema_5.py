"""Schema 5: which worker feeds a subscriber, and until when."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Text

__all__ = ["downgrade", "upgrade"]

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add who feeds a subscriber; at first nobody does."""
    op.add_column("subscribers", Column("owner", Text, nullable=False, server_default=""))
    op.add_column(
        "subscribers", Column("lease_until", BigInteger, nullable=False, server_default="0")
    )


def downgrade() -> None:
    """Forget who feeds a subscriber."""
    op.drop_column("subscribers", "lease_until")
    op.drop_column("subscribers", "owner")
