"""A play can be made again from its step log alone: the same states, step by step, by their digests."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count
from random import Random

import pytest

from diana_engine.database.port import PlayerKey, PlayKey, UpdateId
from diana_engine.database.ports.store import Store
from diana_engine.database.steps.settle import state_digest
from diana_engine.play import step
from diana_engine.play.saved import decode_action
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.model import Program
from diana_engine.runtime.coordinator import Begin, Coordinator, Request, Tap
from diana_engine.runtime.versions.library import Library
from stage import Shelf
from strategies.stories import cellar, endless

ANA = PlayerKey("test", "ana")


async def runtime(store: Store, program: Program) -> Coordinator:
    library = Library(Shelf())
    await library.store(program)
    seeds, times = count(100), count(1_700_000_000, 7)
    return Coordinator(
        store.players, library, program.story, lambda: next(times), lambda: next(seeds)
    )


@pytest.mark.parametrize("make", [cellar, endless])
async def test_a_play_is_made_again_from_its_log(store: Store, make):
    program, luck = make(), Random(7)
    coordinator, updates = await runtime(store, program), count(1)
    for _ in range(60):
        reply = await coordinator.handle(Request(ANA, Begin(), UpdateId(next(updates))))
        while reply.view.ending is None and next(updates) % 20:
            wanted = luck.choice([None, *range(len(reply.view.choices))])
            tap = Tap(reply.story_token, reply.sequence, wanted)
            reply = await coordinator.handle(Request(ANA, tap, UpdateId(next(updates))))
    state: PlayerState | None = None
    log = await store.history.steps(PlayKey(ANA, program.story))
    for one in log:
        outcome = step(program, state, decode_action(one.action), Moment(one.now))
        state = outcome.state
        assert (state.seed, state_digest(state)) == (one.seed, one.state_digest)
    record = await store.players.find(PlayKey(ANA, program.story))
    assert (record.state, record.sequence) == (state, len(log))
    assert len(log) > 30
    assert state_digest(replace(state, entry=state.entry + 1)) != log[-1].state_digest


async def test_who_is_cancelled_in_the_middle_is_answered_from_the_inbox(store: Store):
    coordinator = await runtime(store, endless())
    reply = await coordinator.handle(Request(ANA, Begin()))
    for number in range(40):
        tap = Request(ANA, Tap(reply.story_token, reply.sequence, 0), UpdateId(number))
        task = asyncio.create_task(coordinator.handle(tap))
        await asyncio.sleep(number / 20_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        again = await coordinator.handle(tap)
        assert again.outcome in ("moved", "repeated")
        assert again.sequence == reply.sequence + 1
        reply = again
    assert coordinator.active == 0
    assert len(await store.history.steps(PlayKey(ANA, endless().story))) == 41
