"""Schema 4: which versions were published, and which one is in force.

A database in which nothing was published yet plays the version that was compiled last, as every one did before.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
)

__all__ = ["downgrade", "upgrade"]

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables of publications."""
    op.create_table(
        "publications",
        Column("id", Integer, nullable=False),
        Column("story", Text, nullable=False),
        Column("version_id", Integer, nullable=False),
        Column("policy", String(32), nullable=False),
        Column("published_at", BigInteger, nullable=False),
        Column("published_by", Text, nullable=False),
        PrimaryKeyConstraint("id", name="pk_publications"),
        ForeignKeyConstraint(
            ["version_id"], ["story_versions.id"], name="fk_publications_version_id_story_versions"
        ),
    )
    op.create_index("ix_publications_story_id", "publications", ["story", "id"])
    op.create_table(
        "published",
        Column("story", Text, nullable=False),
        Column("publication_id", Integer, nullable=False),
        PrimaryKeyConstraint("story", name="pk_published"),
        ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name="fk_published_publication_id_publications"
        ),
    )


def downgrade() -> None:
    """Drop the tables of publications, with what is in them: the version compiled last is played again."""
    op.drop_table("published")
    op.drop_index("ix_publications_story_id", "publications")
    op.drop_table("publications")
