"""The outbox to Telegram: each message at least once, a second time only where nobody could know, within every limit."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from botapi.errors import ApiError
from botapi.faults import (
    Cut,
    Fault,
    Garble,
    Hold,
    Refuse,
    forbidden,
    migrated,
    server_error,
    too_many_requests,
)
from botapi.player import Player
from botstage import CHANNEL, Stage, before_curtain, until
from diana_engine.adapters.telegram.api.calls import Calls
from diana_engine.adapters.telegram.sending.office import Manner
from diana_engine.adapters.telegram.sending.pacing import Limits, Rate
from diana_engine.adapters.telegram.showing.payloads import (
    SCENE,
    Disarm,
    Live,
    Payload,
    Settle,
    Write,
    pack,
)
from diana_engine.adapters.telegram.showing.screen import Key
from diana_engine.database.port import Decision, PlayerKey, PlayKey
from diana_engine.database.ports.outbox import Message, Outbox, Policy, Priority
from strategies.stories import cellar


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage on which no bot runs yet."""
    async with before_curtain(cellar(), tmp_path) as stage:
        yield stage


def person(stage: Stage, user: int) -> Player:
    """Return somebody to whom the bot may write."""
    player = Player(stage.api, user)
    stage.api.store.chat(str(user)).started = True
    return player


async def put(
    stage: Stage, user: int, *rows: Payload, priority: Priority = "reply", policy: Policy = "again"
) -> None:
    """Put rows for somebody into the outbox."""
    messages = tuple(Message(str(user), pack(row), _kind(row), priority, policy) for row in rows)
    play = PlayKey(PlayerKey(CHANNEL, str(user)), stage.program.story)
    await stage.store.players.step(play, None, lambda _: Decision("said", messages=messages))


def _kind(row: Payload) -> str:
    return SCENE if isinstance(row, Write) and row.live is not None else ""


def texts(player: Player) -> list[str]:
    return [message.text for message in player.messages]


# At least once, and once where it can be known -----------------------------------------------------


async def test_without_faults_each_message_comes_once_and_in_its_order(stage: Stage) -> None:
    players = [person(stage, user) for user in range(1, 21)]
    for number in range(5):
        for player in players:
            await put(stage, player.user.id, Write(html=f"{number}"))
    async with stage.bot():
        await stage.quiet()
    assert [texts(player) for player in players] == [list("01234")] * 20


FAULTS: list[Fault] = [
    Cut(delivered=True), Cut(delivered=False), Garble(), server_error(), server_error(500, "Internal Server Error"),
    too_many_requests(1),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
async def test_there_are_never_more_copies_than_outcomes_that_nobody_knew(
    stage: Stage, seed: int
) -> None:
    chance = random.Random(seed)
    players = [person(stage, user) for user in range(1, 9)]
    for player in players:
        await put(stage, player.user.id, *(Write(html=f"{n}") for n in range(4)))
        for _ in range(2):
            fault = chance.choice(FAULTS)
            stage.api.faults.plan("sendMessage", fault, skip=chance.randrange(4), chat_id=player.user.id)  # fmt: skip
    async with stage.bot():
        await stage.quiet()
    counts = await stage.store.outbox.counts(CHANNEL)
    copies = 0
    for player in players:
        seen = Counter(texts(player))
        assert set(seen) == set("0123")
        assert list(dict.fromkeys(texts(player))) == list("0123")
        copies += sum(seen.values()) - 4
    assert stage.api.faults.left == 0
    assert copies <= counts.unknown_outcomes
    assert counts.dead == 0


async def test_a_message_that_arrived_while_its_call_timed_out_comes_once_more_and_is_counted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Calls.make, "__defaults__", (1,)
    )  # seconds for a call, ten as it is shipped
    ana = person(stage, 7)
    hold = Hold(delivered=True)
    stage.api.faults.plan("sendMessage", hold)
    await put(stage, 7, Write(html="one"), Write(html="two"))
    async with stage.bot():
        await stage.quiet()
    assert not hold.released.is_set(), "Telegram never answered"
    hold.release()
    assert texts(ana) == ["one", "one", "two"]
    counts = await stage.store.outbox.counts(CHANNEL)
    assert (counts.sent, counts.dead, counts.unknown_outcomes) == (2, 0, 1)
    told = stage.metrics.render().decode()
    assert 'diana_sends_total{method="sendMessage",outcome="unknown"} 1.0' in told


async def test_a_message_in_the_air_when_its_worker_stops_is_sent_once_more(stage: Stage) -> None:
    ana = person(stage, 7)
    hold = Hold(delivered=True)
    stage.api.faults.plan("sendMessage", hold)
    await put(stage, 7, Write(html="one"), Write(html="two"))
    async with stage.bot(manner=Manner(glance=0.1, drain=0.1)):
        await hold.reached.wait()
    hold.release()
    async with stage.bot():
        await stage.quiet()
    assert texts(ana) == ["one", "one", "two"]
    assert (await stage.store.outbox.counts(CHANNEL)).unknown_outcomes == 1


async def test_what_a_worker_held_that_is_no_more_is_taken_over_when_its_lease_is_over(
    stage: Stage,
) -> None:
    ana = person(stage, 7)
    await put(stage, 7, Write(html="one"), Write(html="two"))
    now = stage.clock()
    (lost,) = await stage.store.outbox.claim(CHANNEL, "killed", now, lease=1, limit=9)
    assert lost.message.chat == "7"
    async with stage.bot():
        await stage.quiet()
    assert texts(ana) == ["one", "two"]
    assert stage.clock() >= now + 1


class Troubled:
    """The real outbox, whose first claims raise an error that nobody expects."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.troubles = 2

    def __getattr__(self, name: str) -> Any:
        if name == "claim" and self.troubles:
            self.troubles -= 1
            raise ZeroDivisionError
        return getattr(self._outbox, name)


async def test_a_sender_that_fails_by_a_mistake_of_ours_begins_again(stage: Stage) -> None:
    ana = person(stage, 7)
    stage.store.outbox = troubled = Troubled(stage.store.outbox)
    await put(stage, 7, Write(html="one"))
    async with stage.bot():
        await ana.wait_for_message(1)
    assert troubled.troubles == 0
    assert texts(ana) == ["one"]


async def test_while_telegram_is_down_nothing_is_lost_and_nothing_comes_twice(
    stage: Stage,
) -> None:
    players = [person(stage, user) for user in range(1, 11)]
    async with stage.bot():
        await until(lambda: bool(stage.api.calls_of("getUpdates")))
        await stage.api.stop()
        for player in players:
            await put(stage, player.user.id, Write(html="one"), Write(html="two"))
        await until(lambda: "diana_telegram_away 1.0" in stage.metrics.render().decode())
        await stage.api.start()
        await stage.quiet()
    assert [texts(player) for player in players] == [["one", "two"]] * 10
    assert "diana_telegram_away 0.0" in stage.metrics.render().decode()


async def test_what_was_sent_into_the_dark_too_often_is_given_up_and_the_next_one_goes(
    stage: Stage,
) -> None:
    ana = person(stage, 7)
    stage.api.faults.plan("sendMessage", Cut(delivered=True), times=2)
    await put(stage, 7, Write(html="one"), Write(html="two"))
    async with stage.bot(manner=Manner(glance=0.1, unknowns=2)):
        await stage.quiet()
    assert texts(ana) == ["one", "one", "two"]
    counts = await stage.store.outbox.counts(CHANNEL)
    assert (counts.dead, counts.sent) == (1, 1)


async def test_a_row_that_no_diana_can_read_holds_nobody_up(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    ana = person(stage, 7)
    play = PlayKey(PlayerKey(CHANNEL, "7"), stage.program.story)
    strange = Message("7", {"type": "sing"}, policy="drop")
    await stage.store.players.step(play, None, lambda _: Decision("said", messages=(strange,)))
    await put(stage, 7, Write(html="two"))
    async with stage.bot():
        await stage.quiet()
    assert texts(ana) == ["two"]
    assert "by a mistake of ours" in caplog.text


# Limits --------------------------------------------------------------------------------------------


async def test_one_message_of_a_chat_is_in_the_air_at_a_time_and_chats_do_not_wait_for_each_other(
    stage: Stage,
) -> None:
    ana, bea = person(stage, 7), person(stage, 8)
    hold = Hold()
    stage.api.faults.plan("sendMessage", hold, chat_id=7)
    await put(stage, 7, Write(html="one"), Write(html="two"))
    await put(stage, 8, Write(html="one"), Write(html="two"))
    async with stage.bot():
        await bea.wait_for_message(2)
        assert len([call for call in stage.api.calls_of("sendMessage") if call.params["chat_id"] == 7]) == 1  # fmt: skip
        hold.release()
        await stage.quiet()
    assert texts(ana) == texts(bea) == ["one", "two"]


async def test_no_call_comes_before_the_time_that_a_429_gave(stage: Stage) -> None:
    person(stage, 7)
    at: list[float] = []
    stage.api.faults.plan("sendMessage", too_many_requests(1), times=2)
    await put(stage, 7, Write(html="one"), Write(html="two"))
    async with stage.bot():
        for count in (1, 2, 3):
            await stage.api.wait_for(lambda n=count: len(stage.api.calls_of("sendMessage")) >= n)  # type: ignore[misc]
            at.append(time.monotonic())
        await stage.quiet()
    assert at[1] - at[0] > 0.9
    assert at[2] - at[1] > 0.9


async def test_replies_go_before_reminders_and_those_before_broadcasts(stage: Stage) -> None:
    order: list[int] = []
    kinds: dict[int, Priority] = {1: "broadcast", 2: "reminder", 3: "reply"}
    for user, priority in kinds.items():
        for chat in range(user * 100, user * 100 + 4):
            person(stage, chat)
            await put(stage, chat, Write(html="x"), priority=priority)
    slow = Manner(hands=1, limits=Limits(bulk=Rate(0.01, 1)))
    async with stage.bot(manner=slow):
        await stage.quiet()
    order = [int(call.params["chat_id"]) // 100 for call in stage.api.calls_of("sendMessage")]
    assert order == [3] * 4 + [2] * 4 + [1] * 4


async def test_a_scene_keeps_its_buttons_when_an_older_wake_up_comes_after_it(stage: Stage) -> None:
    ana = person(stage, 7)

    def scene(words: str) -> tuple[Disarm, Write]:
        """Return what shows a scene: the one before loses its buttons."""
        button = ((Key("Go on", "p.token.2.c"),),)
        return Disarm(), Write(html=words, rows=button, live=Live(0))

    await put(stage, 7, *scene("The wait is over."), priority="reminder")
    await put(stage, 7, *scene("What /start shows."))
    async with stage.bot():
        await stage.quiet()
    assert [(one.text, len(one.buttons)) for one in ana.messages] == [("What /start shows.", 1)]


async def test_a_reply_does_not_wait_for_a_broadcast_under_way(stage: Stage) -> None:
    for chat in range(100, 200):
        person(stage, chat)
        await put(stage, chat, Write(html="x"), priority="broadcast")
    ana = person(stage, 7)
    slow = Manner(glance=0.05, drain=0.1, limits=Limits(bulk=Rate(5, 2)))
    async with stage.bot(manner=slow):
        await stage.api.wait_for(lambda: len(stage.api.calls_of("sendMessage")) == 2)
        await ana.say("/help")
        await ana.wait_for_message(1)
        assert len(stage.api.calls_of("sendMessage")) == 3
    counts = await stage.store.outbox.counts(CHANNEL)
    assert (counts.ready, counts.sending, counts.sent) == (98, 0, 3)


# People who are not there --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        forbidden(),
        forbidden("user is deactivated"),
        Refuse(ApiError(400, "Bad Request: chat not found")),
    ],
)
async def test_nothing_more_goes_to_who_is_not_there_until_they_are_back(
    stage: Stage, fault: Fault
) -> None:
    ana, bea = person(stage, 7), person(stage, 8)
    stage.api.faults.plan("sendMessage", fault, chat_id=7)
    await put(stage, 7, Write(html="one"), Write(html="two"))
    await put(stage, 8, Write(html="one"))
    async with stage.bot():
        await bea.wait_for_message(1)
        await stage.quiet()
        assert texts(ana) == []
        await ana.say("/start")
        await ana.wait_for_message("El Jardín")
        await stage.quiet()
    assert len(texts(ana)) == 1


async def test_a_group_that_became_a_supergroup_is_followed(stage: Stage) -> None:
    new = person(stage, 77)  # the server of the tests has no groups; what counts is the number
    person(stage, 7)
    stage.api.faults.plan("sendMessage", migrated(77), chat_id=7)
    await put(stage, 7, Write(html="one"), Write(html="two"))
    async with stage.bot():
        await stage.quiet()
    assert texts(new) == ["one", "two"]
    assert [call.params["chat_id"] for call in stage.api.calls_of("sendMessage")] == [7, 77, 77]  # fmt: skip


# Edits ---------------------------------------------------------------------------------------------


async def test_an_edit_that_was_made_already_is_success(stage: Stage) -> None:
    ana = person(stage, 7)
    await put(stage, 7, Write(html="one"))
    settle = Settle(message=1, text="one", chosen="Go")
    async with stage.bot():
        await ana.wait_for_message(1)
        await put(stage, 7, settle, settle, Disarm(message=1), policy="drop")
        stage.api.faults.plan("editMessageText", Cut(delivered=True))
        await stage.quiet()
    assert texts(ana) == ["one\n\n▸ Go"]
    counts = await stage.store.outbox.counts(CHANNEL)
    assert (counts.sent, counts.dead, counts.unknown_outcomes) == (4, 0, 0)
