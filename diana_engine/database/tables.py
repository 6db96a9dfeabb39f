"""What the database holds, told once for SQLite and PostgreSQL alike.

Two halves. A *story version* is written once and never changed: the compiled program as one blob, which is what a play
runs on, and beside it the rows that people and pages ask about. All of those rows can be made again from the blob.
A *player's* rows change with every step; where they stand is here, and what follows from a step in `live_tables`. Their
keys begin with the player, and no foreign key leaves them, so that a PostgreSQL which is spread over machines can keep
all rows of one player in one place.

Times are whole seconds since 1970 in UTC. Numbers of a story need 54 bits, so they stand in `BigInteger`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

__all__ = [
    "SCHEMA_VERSION", "chapters", "choices", "diana_schema", "fragments", "inbox", "items", "links", "media", "media_sent",
    "metadata", "players", "publications", "published", "requirement_names", "requirements", "stories", "story_versions", "variables",
]  # fmt: skip

SCHEMA_VERSION = 6
"""The shape that this Diana reads and writes. A database with a higher one was made by a newer Diana."""

# Migrations must be able to name what they change, on both databases.
metadata = MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

diana_schema = Table(
    "diana_schema",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
)


# Stories ------------------------------------------------------------------------------------------

story_versions = Table(
    "story_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("story", Text, nullable=False),
    Column("digest", String(128), nullable=False),
    Column("label", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("program", LargeBinary, nullable=False),
    UniqueConstraint("story", "digest"),
)

# Which version was compiled last, which need not be the newest row. A writer who takes a change back compiles a version
# that is already there.
stories = Table(
    "stories",
    metadata,
    Column("story", Text, primary_key=True),
    Column("version_id", ForeignKey(story_versions.c.id), nullable=False),
)

# What was published, by whom, and how players get there. Only ever added to.
publications = Table(
    "publications",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("story", Text, nullable=False),
    Column("version_id", ForeignKey(story_versions.c.id), nullable=False),
    Column("policy", String(32), nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("published_by", Text, nullable=False),
    Index(None, "story", "id"),
)

# The publication that is in force, in one row a story: to publish is to write this row.
published = Table(
    "published",
    metadata,
    Column("story", Text, primary_key=True),
    Column("publication_id", ForeignKey(publications.c.id), nullable=False),
)


def _version() -> Column[int]:
    """Return the first part of every content row's key."""
    return Column(
        "version_id", ForeignKey(story_versions.c.id, ondelete="CASCADE"), primary_key=True
    )


chapters = Table(
    "chapters",
    metadata,
    _version(),
    Column("chapter", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("title", Text),
)

fragments = Table(
    "fragments",
    metadata,
    _version(),
    Column("fragment", Text, primary_key=True),
    Column("position", Integer, nullable=False),  # in the whole story
    Column("chapter", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("title", Text),
    Column("speaker", Text),
    Column("ending", Text),
    Column("rests", Boolean, nullable=False),
    Column("excerpt", Text, nullable=False),
    Column("search", Text, nullable=False),  # title and text, folded
    Index(None, "version_id", "position"),
    Index(None, "version_id", "kind", "position"),
    Index(None, "version_id", "chapter", "position"),
)

choices = Table(
    "choices",
    metadata,
    _version(),
    Column("choice", Text, primary_key=True),
    Column("fragment", Text, nullable=False),
    Column("position", Integer, nullable=False),  # in its fragment, from 0
    Column("target", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("once", Boolean, nullable=False),
    Column("cost_points", Text),
    Column("cost_amount", BigInteger),
    Column("has_requirement", Boolean, nullable=False),
    Index(None, "version_id", "fragment", "position"),
)

# Every way from one fragment to another. `owner` is the choice, the branch (`fragment#1…n`) or, for a gate and a call,
# the fragment: the same words as in `requirements`. A deck has one for each of its storylets, and one for `otherwise`. A
# sub-story's return has none: where it leads, its call says.
links = Table(
    "links",
    metadata,
    _version(),
    Column("owner_kind", String(16), primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    # With the order of the answer: without statistics SQLite would rather save the sorting than the searching.
    Index(None, "version_id", "source", "owner_kind", "owner"),
    Index(None, "version_id", "target", "owner_kind", "owner"),
)

requirements = Table(
    "requirements",
    metadata,
    _version(),
    Column("owner_kind", String(16), primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("words", Text, nullable=False),
)

# Its key begins with the name, so "what depends on silver_key" is one walk along it.
requirement_names = Table(
    "requirement_names",
    metadata,
    _version(),
    Column("kind", String(16), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("owner_kind", String(16), primary_key=True),
    Column("owner", Text, primary_key=True),
)

variables = Table(
    "variables",
    metadata,
    _version(),
    Column("variable", Text, primary_key=True),
    Column("type", String(16), nullable=False),
    Column("initial", Text, nullable=False),
    Column("minimum", BigInteger),
    Column("maximum", BigInteger),
    Column("words", Text),  # of a one_of: a JSON list
)

items = Table(
    "items",
    metadata,
    _version(),
    Column("item", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("category", Text),
    Column("clue", Boolean, nullable=False),
    Column("maximum", BigInteger, nullable=False),
    Column("text", Text),
)


# Media --------------------------------------------------------------------------------------------

# Files by the SHA-256 of their bytes, so that each is there once. A version's program names those that it shows.
media = Table(
    "media",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

# What a channel calls a file that it was sent once, so that it need not be sent again. A name is good for one bot and
# one kind only.
media_sent = Table(
    "media_sent",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("name", Text, nullable=False),
)


# Players ------------------------------------------------------------------------------------------

# A step writes none of the indexed columns: PostgreSQL can then update a row in place (a "heap-only tuple"), and
# SQLite leaves the index alone. So where a player stands is in `fragment`, but not in an index.
players = Table(
    "players",
    metadata,
    Column("player", Text, primary_key=True),
    Column("story", Text, primary_key=True),
    Column("digest", String(128), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("fragment", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index(None, "story", "digest"),
)

# Every update that was handled, with what came of it, for as long as a channel may deliver it again.
inbox = Table(
    "inbox",
    metadata,
    Column("player", Text, primary_key=True),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("result", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Index(None, "received_at"),
)
