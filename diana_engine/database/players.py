"""Plays and handled deliveries, kept with SQLAlchemy."""

from __future__ import annotations

import json

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from diana_engine.database.connect import Database
from diana_engine.database.dialects import insert_if_absent
from diana_engine.database.port import (
    Clock,
    Decide,
    Delivery,
    Fired,
    PlayerRecord,
    PlayKey,
    Save,
    Stored,
    UpdateId,
)
from diana_engine.database.tables import inbox, players
from diana_engine.errors import DianaError
from diana_engine.play.saved import decode_state, encode_state

__all__ = ["SqlPlayers"]

# Two workers can meet only at a play's first step, where there is no row to lock yet; who lost then finds the row.
_ATTEMPTS = 3

# Built once: making a statement costs more than running it.
_FIND = select(players.c.digest, players.c.sequence, players.c.state, players.c.updated_at).where(
    players.c.player == bindparam("p"), players.c.story == bindparam("s")
)
# `FOR NO KEY UPDATE`; SQLite has no row locks and leaves it out, its transaction holds the only write lock.
_LOCK = _FIND.with_for_update(key_share=True)
_SAVE = update(players).where(
    players.c.player == bindparam("p"),
    players.c.story == bindparam("s"),
    players.c.sequence == bindparam("old"),
)
_RECORDED = select(inbox.c.result).where(
    inbox.c.player == bindparam("p"), inbox.c.update_id == bindparam("u")
)
_RECORD = update(inbox).where(inbox.c.player == bindparam("p"), inbox.c.update_id == bindparam("u"))


class _OvertakenError(Exception):
    """Another process saved the play in between."""


class SqlPlayers:
    """A `PlayerStore` in SQLite or PostgreSQL."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def step(self, play: PlayKey, update: Delivery | None, decide: Decide, /) -> Stored:
        """Handle one update in one transaction; once this returns, it is durable. It knows no timers."""
        assert not isinstance(update, Fired), "this store has no timers"
        for _ in range(_ATTEMPTS):
            try:
                return await self._database.write(
                    lambda connection: self._step(connection, play, update, decide)
                )
            except _OvertakenError:
                continue
        raise DianaError(
            f"{self._database.place} was changed by another program each time a step was to be saved. "
            f"Nothing was changed; try again."
        )

    async def find(self, play: PlayKey) -> PlayerRecord | None:
        """Return a play without locking it."""
        return await self._database.read(lambda connection: _find(connection, play, lock=False))

    async def park(
        self, _play: PlayKey, _delivery: Delivery, _error: str, /, *, after: int
    ) -> bool:
        """Never give a delivery up: this store has no place where one could be parked."""
        assert after > 0, "a delivery is tried at least once"
        return False

    async def _step(
        self, connection: AsyncConnection, play: PlayKey, update: UpdateId | None, decide: Decide
    ) -> Stored:
        player = str(play.player)
        if update is not None:
            row = {
                "player": player,
                "update_id": update,
                "result": "",
                "received_at": self._clock(),
            }
            if not await insert_if_absent(connection, inbox, row):
                recorded = await connection.execute(_RECORDED, {"p": player, "u": update})
                record = await _find(connection, play, lock=False)
                return Stored(recorded.scalar_one(), record, repeated=True)
        record = await _find(connection, play, lock=True)
        decision = decide(record)
        if decision.save is not None:
            record = await self._save(connection, play, record, decision.save)
        if update is not None:
            await connection.execute(_RECORD, {"p": player, "u": update, "result": decision.result})
        return Stored(decision.result, record)

    async def _save(
        self, connection: AsyncConnection, play: PlayKey, old: PlayerRecord | None, save: Save
    ) -> PlayerRecord:
        sequence = 1 if old is None else old.sequence + 1
        new = PlayerRecord(play, save.digest, sequence, save.state, self._clock())
        values = {
            "digest": new.digest,
            "sequence": new.sequence,
            "fragment": new.state.fragment,
            "state": json.dumps(encode_state(new.state), separators=(",", ":")),
            "updated_at": new.updated_at,
        }
        key = {"player": str(play.player), "story": play.story}
        if old is None:
            saved = await insert_if_absent(connection, players, {**key, **values})
        else:
            fence = {"p": key["player"], "s": key["story"], "old": old.sequence}
            saved = (await connection.execute(_SAVE, {**fence, **values})).rowcount == 1
        if not saved:
            raise _OvertakenError
        return new


async def _find(connection: AsyncConnection, play: PlayKey, *, lock: bool) -> PlayerRecord | None:
    query = _LOCK if lock else _FIND
    found = await connection.execute(query, {"p": str(play.player), "s": play.story})
    row = found.one_or_none()
    if row is None:
        return None
    state = decode_state(json.loads(row.state))
    return PlayerRecord(play, row.digest, row.sequence, state, row.updated_at)
