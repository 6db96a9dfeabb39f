"""What there is to know of players and of what surrounds them, for who looks whether it agrees."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from diana_engine.database.connect import Database
from diana_engine.database.dialects import at_one_moment
from diana_engine.database.live_tables import balances, entitlements, ledger, outbox, parked, timers
from diana_engine.database.ports.plays import PlayerKey, PlayerRecord, PlayKey
from diana_engine.database.ports.timers import SetTimer
from diana_engine.database.stories.rows import content_rows
from diana_engine.database.tables import media, players, story_versions
from diana_engine.database.upkeep.turns import in_turn
from diana_engine.play.saved import decode_state
from diana_engine.program.codec import decode, digest
from diana_engine.program.model import Program, StoryId
from diana_engine.program.shape import Malformed

__all__ = [
    "Around", "Patient", "around", "content_differs", "mend_content", "missing_media", "patients", "settle_balances",
    "stored_program",
]  # fmt: skip

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Patient:
    """A play with all that must agree with it.

    `record` is `None` where its state cannot be read. `column` is where the table says that the player stands, `posted` the
    sums of the ledger, `balances` what is kept of them.
    """

    play: PlayKey
    digest: str
    sequence: int
    column: str
    record: PlayerRecord | None
    balances: Mapping[str, int]
    posted: Mapping[str, int]
    entitled: Mapping[str, int]
    timers: Mapping[str, SetTimer]


@dataclass(frozen=True, slots=True)
class Around:
    """What waits: messages by state, the oldest that is due, timers that are overdue, deliveries that were given up."""

    messages: Mapping[str, int]
    oldest_message: int | None
    overdue: int
    given_up: int


async def patients(database: Database, after: _Key | None, limit: int) -> tuple[Patient, ...]:
    """Return plays in the order of their keys, from the one that follows `after`, each as it is at one moment."""

    async def work(connection: AsyncConnection) -> tuple[Patient, ...]:
        await at_one_moment(connection)
        query = select(players).order_by(players.c.player, players.c.story).limit(limit)
        if after is not None:
            query = query.where(tuple_(players.c.player, players.c.story) > tuple_(*after))
        rows = (await connection.execute(query)).mappings().all()
        if not rows:
            return ()
        beside = _Beside(connection, rows[0]["player"], rows[-1]["player"])
        sums = func.sum(ledger.c.amount)
        posted = await beside.pairs(ledger, ledger.c.points, sums, grouped=True)
        kept = await beside.pairs(balances, balances.c.points, balances.c.amount)
        entitled = await beside.pairs(entitlements, entitlements.c.kind, entitlements.c.until)
        clocks = await beside.timers()
        return tuple(
            _patient(dict(row), kept=kept, posted=posted, entitled=entitled, clocks=clocks)
            for row in rows
        )

    return await database.read(work)


class _Beside:
    """Reads rows beside a range of players."""

    def __init__(self, connection: AsyncConnection, first: str, last: str) -> None:
        self._connection, self._first, self._last = connection, first, last

    async def pairs(
        self, table: Table, name: Any, value: Any, *, grouped: bool = False
    ) -> Mapping[_Key, Mapping[str, int]]:
        """Return names and numbers by play."""
        query = select(table.c.player, table.c.story, name, value).where(
            table.c.player.between(self._first, self._last)
        )
        if grouped:
            query = query.group_by(table.c.player, table.c.story, name)
        found: defaultdict[_Key, dict[str, int]] = defaultdict(dict)
        for player, story, word, number in await self._connection.execute(query):
            found[player, story][word] = int(number)
        return found

    async def timers(self) -> Mapping[_Key, Mapping[str, SetTimer]]:
        """Return timers by play."""
        query = select(timers).where(timers.c.player.between(self._first, self._last))
        found: defaultdict[_Key, dict[str, SetTimer]] = defaultdict(dict)
        for row in (await self._connection.execute(query)).mappings():
            timer = SetTimer(row["key"], row["kind"], row["due_at"], json.loads(row["payload"]))
            found[row["player"], row["story"]][timer.key] = timer
        return found


def _patient(
    row: Mapping[str, Any],
    *,
    kept: Mapping[_Key, Mapping[str, int]],
    posted: Mapping[_Key, Mapping[str, int]],
    entitled: Mapping[_Key, Mapping[str, int]],
    clocks: Mapping[_Key, Mapping[str, SetTimer]],
) -> Patient:
    key = row["player"], row["story"]
    play = PlayKey(PlayerKey.read(row["player"]), StoryId(row["story"]))
    return Patient(
        play,
        row["digest"],
        row["sequence"],
        row["fragment"],
        _record(play, row),
        kept.get(key, {}),
        posted.get(key, {}),
        entitled.get(key, {}),
        clocks.get(key, {}),
    )


def _record(play: PlayKey, row: Mapping[str, Any]) -> PlayerRecord | None:
    try:
        state = decode_state(json.loads(row["state"]))
    except (ValueError, Malformed):
        return None
    return PlayerRecord(play, row["digest"], row["sequence"], state, row["updated_at"])


async def settle_balances(database: Database, play: PlayKey) -> None:
    """Make the kept balances of a play what its ledger says."""
    key = {"player": str(play.player), "story": play.story}

    async def work(connection: AsyncConnection) -> None:
        await in_turn(connection, key["player"], key["story"])
        await connection.execute(delete(balances).filter_by(**key))
        query = select(ledger.c.points, func.sum(ledger.c.amount)).filter_by(**key)
        for points, amount in (await connection.execute(query.group_by(ledger.c.points))).all():
            row = {**key, "points": points, "amount": int(amount)}
            await connection.execute(insert(balances).values(row))

    await database.write(work)


# Stories ------------------------------------------------------------------------------------------


async def stored_program(database: Database, version: int) -> Program | None:
    """Return a stored program; `None` if it cannot be read, or is not what its name says."""
    query = select(story_versions.c.program, story_versions.c.digest).filter_by(id=version)
    async with database.transaction(writes=False) as connection:
        stored, name = (await connection.execute(query)).one()
    try:
        program = decode(stored)
    except (ValueError, Malformed):
        return None
    return program if digest(program) == name else None


async def content_differs(database: Database, version: int, program: Program) -> bool:
    """Return whether the rows that lists and searches go by are not those of the program."""
    async with database.transaction(writes=False) as connection:
        for table, rows in content_rows(program).items():
            columns = [column for column in table.columns if column.name != "version_id"]
            query = select(*columns).where(table.c.version_id == version)
            found = [dict(row) for row in (await connection.execute(query)).mappings()]
            names = [column.name for column in columns]
            if _sorted(found, names) != _sorted(rows, names):
                return True
    return False


def _sorted(rows: list[dict[str, Any]], names: list[str]) -> list[str]:
    return sorted(repr([row.get(name) for name in names]) for row in rows)


async def mend_content(database: Database, version: int, program: Program) -> None:
    """Write the rows of a program anew."""

    async def work(connection: AsyncConnection) -> None:
        tables = content_rows(program)
        for table in tables:
            await connection.execute(delete(table).where(table.c.version_id == version))
        for table, rows in tables.items():
            if rows:
                numbered = [{**row, "version_id": version} for row in rows]
                await connection.execute(insert(table), numbered)

    await database.write(work, slow=True)


async def missing_media(database: Database, names: frozenset[str]) -> frozenset[str]:
    """Return which of these files are not stored."""
    async with database.transaction(writes=False) as connection:
        query = select(media.c.digest).where(media.c.digest.in_(sorted(names)))
        return names - set((await connection.scalars(query)).all())


# What waits ---------------------------------------------------------------------------------------


async def around(database: Database, now: int) -> Around:
    """Return what waits, as it is `now`."""

    async def work(connection: AsyncConnection) -> Around:
        states = await connection.execute(
            select(outbox.c.state, func.count()).group_by(outbox.c.state)
        )
        ready = select(func.min(outbox.c.due_at)).where(outbox.c.state == "ready")
        late = select(func.count()).select_from(timers).where(timers.c.free_at <= now)
        lost = select(func.count()).select_from(parked).where(parked.c.given_up)
        return Around(
            {row[0]: row[1] for row in states},
            await connection.scalar(ready),
            await connection.scalar(late) or 0,
            await connection.scalar(lost) or 0,
        )

    return await database.read(work)
