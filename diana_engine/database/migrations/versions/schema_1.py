"""Schema 1: stories and players, as the first Diana made them. There was nothing before it."""

from __future__ import annotations

__all__ = ["downgrade", "upgrade"]

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Change nothing: a database of this schema was made whole."""


def downgrade() -> None:
    """Change nothing: there is no schema below this one."""
