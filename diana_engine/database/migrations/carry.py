"""Carrying a database to another schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, update

from diana_engine.database.tables import diana_schema

__all__ = ["MIGRATED", "carry", "revision"]

MIGRATED = "diana_migrations"
"""Alembic's own table. The schema's number in `diana_schema` is the truth; this one is made from it."""


def revision(schema: int) -> str:
    """Return how Alembic calls a schema."""
    return f"{schema:04}"


def carry(connection: Connection, found: int, wanted: int) -> None:
    """Carry the database of a connection, which is in a transaction, from the schema `found` to the one `wanted`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    context = MigrationContext.configure(connection, opts={"version_table": MIGRATED})
    if not context.get_current_heads():
        context.stamp(ScriptDirectory.from_config(config), revision(found))
    move = command.upgrade if wanted > found else command.downgrade
    move(config, revision(wanted))
    connection.execute(update(diana_schema).values(version=wanted))
