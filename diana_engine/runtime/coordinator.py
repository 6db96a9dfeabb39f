"""The one entry for every player's action, whatever the channel.

A request becomes at most one durable step. What protects it, from the outside in: a lock per player in this process,
so that a player's own requests wait here and not in the database; the delivery's number, so that a repetition is
answered from what was recorded; the row's lock and sequence, between processes; and the sequence that a button
carries, so that an old button does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import assert_never

from diana_engine.database.port import (
    Clock,
    Decision,
    PlayerKey,
    PlayerRecord,
    PlayerStore,
    PlayKey,
)
from diana_engine.play.state import Moment
from diana_engine.program.model import Program, StoryId
from diana_engine.runtime.library import Library, story_token
from diana_engine.runtime.locks import KeyedLocks
from diana_engine.runtime.requests import (
    Begin,
    Intent,
    Look,
    Reply,
    Request,
    Result,
    Say,
    Tap,
)
from diana_engine.runtime.turns import Turn, begin, present, say, tap

__all__ = ["Begin", "Coordinator", "Intent", "Look", "Reply", "Request", "Say", "Seeds", "Tap"]

Seeds = Callable[[], int]
"""Gives a new play its seed."""

_Programs = Callable[[str], Program]
_Decide = Callable[[PlayerRecord | None, _Programs], Turn]


class _NotLoadedError(Exception):
    """A player's program is not in memory. Reading it is waiting, which a decision must not do."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest


class Coordinator:
    """Serves one story to any number of players.

    Args:
        players: where plays are kept.
        library: where programs are kept.
        story: the story's id; new plays begin with its latest version, and stay with that.
        clock: seconds since 1970 in UTC.
        seeds: gives each new play its seed.
    """

    def __init__(
        self, players: PlayerStore, library: Library, story: StoryId, clock: Clock, seeds: Seeds
    ) -> None:
        self._players = players
        self._library = library
        self._story = story
        self._clock = clock
        self._seeds = seeds
        self._locks: KeyedLocks[PlayerKey] = KeyedLocks()

    @property
    def active(self) -> int:
        """How many players have a request in hand at this moment."""
        return len(self._locks)

    async def handle(self, request: Request) -> Reply:
        """Handle one request; when this returns, what it says is durable.

        Raises:
            DianaError: the database or the player's version of the story is not there; nothing was changed, and the
                same request can be handed in again.
        """
        play = PlayKey(request.player, self._story)
        async with self._locks.hold(request.player):
            match request.intent:
                case Look() if request.present is None:
                    return await self._shown(await self._players.find(play), "shown")
                case Look():
                    return await self._step(play, request, self._looking())
                case Begin() as start:
                    return await self._step(play, request, await self._beginning(start))
                case Tap() as button:
                    return await self._step(play, request, self._tapping(button))
                case Say(typed):
                    return await self._step(play, request, self._saying(typed))
                case other:
                    assert_never(other)

    async def park(self, request: Request, error: str, *, after: int) -> bool:
        """Note that a delivery failed by a mistake of ours; at the `after`-th time it is given up, and this returns true.

        Raises:
            DianaError: the database is not there; nothing was noted.
        """
        assert request.update is not None, "only a delivery that can come again is parked"
        play = PlayKey(request.player, self._story)
        return await self._players.park(play, request.update, error, after=after)

    # The decisions, which run inside the store's transaction

    def _looking(self) -> _Decide:
        def decide(record: PlayerRecord | None, programs: _Programs) -> Turn:
            if record is None:
                return Turn("unknown player", None)
            return present(programs(record.digest), record, Moment(self._clock()))

        return decide

    async def _beginning(self, start: Begin) -> _Decide:
        latest = await self._library.open(self._story)

        def decide(record: PlayerRecord | None, programs: _Programs) -> Turn:
            moment = Moment(self._clock())
            if start.only_at is not None:
                if record is None:
                    return Turn("unknown player", None)
                if start.only_at != (story_token(record.digest), record.sequence):
                    return present(programs(record.digest), record, moment, "stale")
            if record is not None and not start.anew:
                scene = present(programs(record.digest), record, moment)
                if not scene.over:
                    return scene
            return begin(latest, moment, self._seeds(), record)

        return decide

    def _tapping(self, button: Tap) -> _Decide:
        def decide(record: PlayerRecord | None, programs: _Programs) -> Turn:
            if record is None:
                return Turn("unknown player", None)
            return tap(programs(record.digest), record, button, Moment(self._clock()))

        return decide

    def _saying(self, typed: str) -> _Decide:
        def decide(record: PlayerRecord | None, programs: _Programs) -> Turn:
            if record is None:
                return Turn("unknown player", None)
            return say(programs(record.digest), record, typed, Moment(self._clock()))

        return decide

    # Around the transaction

    async def _step(self, play: PlayKey, request: Request, decide: _Decide) -> Reply:
        at_hand: dict[str, Program] = {}
        turns: list[Turn] = []  # a store that lost a race asks again; the last answer counts

        def decision(record: PlayerRecord | None) -> Decision:
            turns.append(decide(record, lambda digest: self._program(digest, at_hand)))
            return _decision(turns[-1], record, request)

        while True:
            try:
                stored = await self._players.step(play, request.update, decision)
            except _NotLoadedError as missing:
                at_hand[missing.digest] = await self._library.program(self._story, missing.digest)
                continue
            if stored.repeated:
                return await self._shown(stored.record, "repeated")
            return _reply(turns[-1], stored.record)

    def _program(self, digest: str, at_hand: Mapping[str, Program]) -> Program:
        program = at_hand.get(digest) or self._library.loaded(digest)
        if program is None:
            raise _NotLoadedError(digest)
        return program

    async def _shown(self, record: PlayerRecord | None, result: Result) -> Reply:
        if record is None:
            return _reply(Turn("unknown player", None), None)
        program = await self._library.program(self._story, record.digest)
        return _reply(present(program, record, Moment(self._clock()), result), record)


def _decision(turn: Turn, record: PlayerRecord | None, request: Request) -> Decision:
    """Return what the store needs of a turn, with the messages that go out because of it."""
    say, update = request.present, request.update
    messages = () if say is None else say(_foreseen(turn, record))
    correlation = None if update is None else f"update:{update}"
    return replace(turn.decision(correlation), messages=messages)


def _foreseen(turn: Turn, record: PlayerRecord | None) -> Reply:
    """Return the reply as it will be once the turn is saved."""
    if turn.save is None:
        return _reply(turn, record)
    sequence = 1 if record is None else record.sequence + 1
    return Reply(turn.result, turn.view, sequence, story_token(turn.save.digest), turn.refusal)


def _reply(turn: Turn, record: PlayerRecord | None) -> Reply:
    if record is None:
        return Reply(turn.result, turn.view, 0, "", turn.refusal)
    token = story_token(record.digest)
    return Reply(turn.result, turn.view, record.sequence, token, turn.refusal)
