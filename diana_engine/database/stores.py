"""Which store goes with which database."""

from __future__ import annotations

from diana_engine.database.connect import Database
from diana_engine.database.ports.plays import Clock
from diana_engine.database.ports.store import Store

__all__ = ["store_on"]


def store_on(database: Database, clock: Clock) -> Store:
    """Return the store of plays in an open database; it is closed with the database.

    Several stores may be made on one database, in one process or in many: they are several workers.
    """
    from diana_engine.database.postgresql.store import PostgresqlStore
    from diana_engine.database.sqlite.store import SqliteStore
    from diana_engine.database.sqlite.writer import Place

    address = database.address
    store: SqliteStore | PostgresqlStore
    if address.file is not None:
        store = SqliteStore(Place(address.file, address.place, database.patience), clock)
    else:
        store = PostgresqlStore(address.url, address.place, clock)
    database.before_closing(store.close)
    return store
