"""The one entry for every player's action, whatever the channel.

A request becomes at most one durable step. What protects it, from the outside in: a lock per player in this process,
so that a player's own requests wait here and not in the database; the delivery's number, so that a repetition is
answered from what was recorded; the row's lock and sequence, between processes; and the sequence that a button
carries, so that an old button does nothing.

Whoever is on another version than the one in force is carried over first, with the same step (`following`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import assert_never

from diana_engine.database.port import (
    Clock,
    Decision,
    PlayerKey,
    PlayerRecord,
    PlayerStore,
    PlayKey,
)
from diana_engine.play.carrying import Passage
from diana_engine.play.state import Moment
from diana_engine.program.model import Program, StoryId
from diana_engine.runtime.deciding.touches import (
    Decide,
    Opening,
    Seeds,
    Touch,
    beginning,
    looking,
    saying,
    tapping,
)
from diana_engine.runtime.deciding.turns import Turn, present
from diana_engine.runtime.failures import failure
from diana_engine.runtime.locks import KeyedLocks, Room
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
from diana_engine.runtime.versions.following import Followed, InForce, followed
from diana_engine.runtime.versions.guide import Guide
from diana_engine.runtime.versions.library import Library, story_token

__all__ = [
    "ROOM",
    "Begin",
    "Coordinator",
    "Intent",
    "Look",
    "Reply",
    "Request",
    "Say",
    "Seeds",
    "Tap",
]


ROOM = Room(most=1_000, each=32)
"""More requests than this wait too long, or were made by no person; whoever makes them is told so, and comes again."""


class _NotLoadedError(Exception):
    """A player's program is not in memory. Reading it is waiting, which a decision must not do."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest


class _UnsureError(Exception):
    """A player is on another version than what was known to be in force: that is to be read anew, after having seen theirs."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest


class _NoWayError(Exception):
    """A way between two versions is not at hand; finding it takes too long for a decision."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest


class Coordinator:
    """Serves one story to any number of players.

    Args:
        players: where plays are kept.
        library: where programs are kept.
        story: the story's id; plays are carried over to what is in force of it, by its policy.
        clock: seconds since 1970 in UTC.
        seeds: gives each new play its seed.
        room: how many requests may wait.
    """

    def __init__(
        self, players: PlayerStore, library: Library, story: StoryId, clock: Clock, seeds: Seeds,
        room: Room = ROOM,
    ) -> None:  # fmt: skip
        self._players = players
        self._library = library
        self._story = story
        self._clock = clock
        self._seeds = seeds
        self._guide = Guide(library, story, clock)
        self._locks: KeyedLocks[PlayerKey] = KeyedLocks(room)

    @property
    def active(self) -> int:
        """How many players have a request in hand at this moment."""
        return len(self._locks)

    async def handle(self, request: Request) -> Reply:
        """Handle one request; when this returns, what it says is durable.

        Raises:
            DianaError: the database or the player's version of the story is not there, or too many requests wait (a
                `BusyError`); nothing was changed, and the same request can be handed in again.
        """
        play = PlayKey(request.player, self._story)
        async with self._locks.hold(request.player):
            match request.intent:
                case Look() if request.present is None:
                    return await self._look(play, request)
                case Look():
                    return await self._step(play, request, looking)
                case Begin() as start:
                    opening = Opening(await self._library.open(self._story), start, self._seeds)
                    return await self._step(play, request, partial(beginning, opening))
                case Tap() as button:
                    return await self._step(play, request, partial(tapping, button))
                case Say(typed):
                    return await self._step(play, request, partial(saying, typed))
                case other:
                    assert_never(other)

    async def park(self, request: Request, error: str, *, after: int) -> bool:
        """Note that a delivery failed by a mistake of ours; at the `after`-th time it is given up, and this returns true.

        Raises:
            DianaError: the database is not there; nothing was noted.
        """
        assert request.update is not None, "only a delivery that can come again is parked"
        play = PlayKey(request.player, self._story)
        return await self._players.park(play, failure(request.update, error), after=after)

    async def _look(self, play: PlayKey, request: Request) -> Reply:
        """Show the scene without a step, unless the player is to be carried over."""
        record = await self._players.find(play)
        in_force = await self._guide.in_force()
        if in_force is not None and in_force.wants(record):
            return await self._step(play, request, looking)
        return await self._shown(record, "shown")

    # Around the transaction

    async def _step(self, play: PlayKey, request: Request, decide: Decide) -> Reply:
        step = _Step(request, decide, await self._guide.in_force())
        while True:
            try:
                stored = await self._players.step(play, request.update, partial(self._decide, step))
            except _NotLoadedError as missing:
                program = await self._library.program(self._story, missing.digest)
                step.programs[missing.digest] = program
                continue
            except _UnsureError as unsure:
                step.in_force, step.seen = await self._guide.asked(), unsure.digest
                continue
            except _NoWayError as missing:
                assert step.in_force is not None, "ways lead to what is in force"
                way = await self._guide.find_way(missing.digest, step.in_force)
                step.ways = {missing.digest: way}
                continue
            if stored.repeated:
                return await self._shown(stored.record, "repeated")
            return _reply(step.turns[-1], stored.record)

    def _decide(self, step: _Step, record: PlayerRecord | None) -> Decision:
        """Return what shall come of a request: a decision of the store's, which must not wait."""
        moment = Moment(self._clock())
        moved = self._moved(step, record, moment)
        turn = self._turn(step, Touch(record, partial(self._program, step.programs), moment), moved)
        step.turns.append(turn)
        return _decision(turn, record, step.request, moment)

    def _turn(self, step: _Step, touch: Touch, moved: Followed | None) -> Turn:
        """Return what comes of a touch by a player who is carried over before, if they are `moved`."""
        if moved is None:
            return step.decide(touch)
        at_hand = {**step.programs, moved.now.digest: moved.program}
        programs = partial(self._program, at_hand)
        turn = step.decide(Touch(moved.now, programs, touch.moment, moved))
        if moved.keeps and _is_unseen(turn, step.request.intent):
            # To carry them over would make the buttons old that stand before them, and show no others.
            stays = step.decide(touch)
            if stays.save is None:
                return stays
        return turn.after(moved, touch.moment)

    def _moved(self, step: _Step, record: PlayerRecord | None, moment: Moment) -> Followed | None:
        """Return the player carried over to what is in force, if they are on another version and can go on there."""
        in_force = step.in_force
        if record is None or in_force is None or not in_force.wants(record):
            return None
        if step.seen != record.digest:
            raise _UnsureError(record.digest)
        ways = {**self._guide.ways(in_force), **step.ways}
        if record.digest not in ways:
            raise _NoWayError(record.digest)
        return followed(record, in_force, ways, moment)

    def _program(self, at_hand: Mapping[str, Program], digest: str) -> Program:
        program = at_hand.get(digest) or self._library.loaded(digest)
        if program is None:
            raise _NotLoadedError(digest)
        return program

    async def _shown(self, record: PlayerRecord | None, result: Result) -> Reply:
        if record is None:
            return _reply(Turn("unknown player", None), None)
        program = await self._library.program(self._story, record.digest)
        return _reply(present(program, record, Moment(self._clock()), result), record)


@dataclass(slots=True)
class _Step:
    """A step that is asked of the store, perhaps several times, with what has been found for it so far.

    `seen` is the version on which the player was seen before what is in force was read last. Of the `turns` the last one counts: a
    store that lost a race asks again.
    """

    request: Request
    decide: Decide
    in_force: InForce | None
    seen: str | None = None
    programs: dict[str, Program] = field(default_factory=dict)
    ways: dict[str, Passage] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)


def _is_unseen(turn: Turn, intent: Intent) -> bool:
    """Return whether what comes of an intent leaves the screen as it is."""
    return turn.save is None and (turn.result == "refused" or intent == Look(shown=False))


def _decision(
    turn: Turn, record: PlayerRecord | None, request: Request, moment: Moment
) -> Decision:
    """Return what the store needs of a turn, with the messages that go out because of it."""
    say, update = request.present, request.update
    messages = () if say is None else say(_foreseen(turn, record))
    correlation = None if update is None else f"update:{update}"
    return turn.decision(moment, correlation, messages)


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
