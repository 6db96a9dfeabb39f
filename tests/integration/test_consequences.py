"""What follows from a step is stored with it, on every store: events, the ledger, timers, entitlements."""

from __future__ import annotations

import pytest

from diana_engine.database.port import Entitlement, SetTimer, UpdateId
from diana_engine.runtime.events.catalogue import ErrorOccurred, read_event
from diana_engine.runtime.requests import Begin, Request
from stage import DAWN, Make, Stage
from strategies.gardens import DAY, GOLD, garden


@pytest.fixture
async def stage(make_store: Make) -> Stage:
    return await Stage(make_store, garden()).open()


async def names(stage: Stage) -> list[tuple[str, str | None]]:
    return [
        (one.event.name, one.event.correlation) for one in await stage.store.events.read(0, 100)
    ]


async def test_the_events_of_a_step_are_stored_once_in_order_with_what_caused_them(stage: Stage):
    first = await stage.begin()
    await stage.tap(first, 0)
    await stage.tap(first, 0)  # a stale tap changes nothing, and nothing of it is told
    assert await names(stage) == [
        ("user_interaction", "update:1"),
        ("story_started", "update:1"),
        ("narrative_progress", "update:1"),
        ("reminder_set", "update:1"),
        ("user_interaction", "update:2"),
        ("narrative_decision", "update:2"),
        ("points_spent", "update:2"),
        ("wait_began", "update:2"),
    ]


async def test_a_refused_choice_costs_nothing_and_is_told(stage: Stage):
    first = await stage.begin()
    refused = await stage.tap(first, 2)
    assert refused.outcome == "refused"
    assert (await names(stage))[4:] == [
        ("user_interaction", "update:2"),
        ("narrative_access_denied", "update:2"),
    ]
    assert await stage.store.history.balances(stage.play()) == {GOLD: 5}


async def test_the_ledger_tells_what_came_and_went_and_why(stage: Stage):
    reply = await stage.begin()
    reply = await stage.tap(reply, 1)
    await stage.tap(reply, 0)
    posted = [one.entry for one in await stage.store.history.ledger(stage.play())]
    assert [(one.amount, one.reason) for one in posted] == [
        (5, "start"),
        (4, "choice:main.hall.gift"),
        (-3, "choice:main.hall.plant"),
    ]
    await stage.ask(Begin(anew=True))
    assert await stage.store.history.balances(stage.play()) == {GOLD: 5}


async def test_timers_and_entitlements_follow_the_state(stage: Stage):
    reply = await stage.begin()
    assert await stage.store.timers.of(stage.play()) == (SetTimer("remind", "remind", DAWN + 7),)
    reply = await stage.tap(reply, 1)
    await stage.tap(reply, 0)
    assert await stage.store.timers.of(stage.play()) == (
        SetTimer("vip", "vip", DAWN + 60),
        SetTimer("wait", "wait", DAWN + DAY),
    )
    given = Entitlement("vip", DAWN + 60, "story")
    assert await stage.store.history.entitlements(stage.play()) == (given,)


async def test_an_update_that_is_given_up_is_told(stage: Stage):
    request = Request(stage.play().player, Begin(), UpdateId(9))
    assert not await stage.coordinator.park(request, "KeyError: 'x'", after=2)
    assert await names(stage) == []
    assert await stage.coordinator.park(request, "KeyError: 'x'", after=2)
    [told] = await stage.store.events.read(0, 9)
    assert read_event(told.event) == ErrorOccurred("update 9", "KeyError: 'x'")
    assert told.event.correlation == "update:9"


async def test_a_failure_that_quotes_what_no_database_takes_is_given_up_all_the_same(stage: Stage):
    request = Request(stage.play().player, Begin(), UpdateId(9))
    assert await stage.coordinator.park(request, "half a pair \ud800, a \0", after=1)
    [told] = await stage.store.events.read(0, 9)
    assert read_event(told.event) == ErrorOccurred(
        "update 9", "half a pair ?, a \N{REPLACEMENT CHARACTER}"
    )
