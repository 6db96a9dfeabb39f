"""Where Alembic begins: it finds the connection that `carry` was given, in the middle of its transaction."""

from __future__ import annotations

from alembic import context

from diana_engine.database.migrations.carry import MIGRATED

__all__: list[str] = []

context.configure(connection=context.config.attributes["connection"], version_table=MIGRATED)
with context.begin_transaction():
    context.run_migrations()
