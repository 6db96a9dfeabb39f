"""Steps on a store, in few words."""

from __future__ import annotations

from diana_engine.database.port import (
    Decision,
    Delivery,
    Entry,
    Message,
    NewEvent,
    PlayerKey,
    PlayerRecord,
    PlayKey,
    Save,
    Stored,
)
from diana_engine.database.ports.store import Store
from diana_engine.database.ports.timers import TimerChange
from diana_engine.play import step
from diana_engine.play.actions import Start
from diana_engine.play.state import Moment, PlayerState
from strategies.stories import cellar

__all__ = ["DIGEST", "Steps", "play", "state"]

DIGEST = "d" * 64


def play(user: str) -> PlayKey:
    """Return somebody's play."""
    return PlayKey(PlayerKey("test", user), cellar().story)


def state(seed: int) -> PlayerState:
    """Return a state that tells which decision saved it."""
    return step(cellar(), None, Start(seed), Moment()).state


class Steps:
    """Makes steps that change what they are told to, and one in the seed, so that a lost one would show."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def make(
        self,
        *,
        who: str = "ana",
        where: PlayKey | None = None,
        delivery: Delivery | None = None,
        result: str = "moved",
        entries: tuple[Entry, ...] = (),
        events: tuple[NewEvent, ...] = (),
        messages: tuple[Message, ...] = (),
        timers: tuple[TimerChange, ...] = (),
        saves: bool = True,
        **more: object,
    ) -> Stored:
        """Make a step."""

        def decide(record: PlayerRecord | None) -> Decision:
            seed = 1 if record is None else record.state.seed + 1
            save = Save(DIGEST, state(seed), {"do": "this"}, 1_234) if saves else None
            return Decision(result, save, entries, events, messages, timers, **more)

        return await self._store.players.step(where or play(who), delivery, decide)

    async def say(
        self, *messages: Message, who: str = "ana", where: PlayKey | None = None
    ) -> Stored:
        """Make a step that says something."""
        return await self.make(who=who, where=where, messages=messages)

    async def tell(self, *names: str, who: str = "ana") -> Stored:
        """Make a step in which something happens."""
        return await self.make(who=who, events=tuple(NewEvent(name) for name in names))
