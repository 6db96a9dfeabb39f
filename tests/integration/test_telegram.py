"""The bot plays a story against a real Bot API over loopback, with whatever goes wrong between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from botapi.faults import (
    Cut,
    Fault,
    Garble,
    Hold,
    bad_request,
    forbidden,
    server_error,
    too_many_requests,
)
from botapi.player import Player
from botapi.records import Message
from botstage import CHANNEL, Stage, before_curtain, until
from diana_engine.adapters.phrases import LANGUAGES
from diana_engine.adapters.telegram.bot import StoryBot
from diana_engine.adapters.telegram.receiving.updates import read
from diana_engine.adapters.telegram.showing.callback import Press, decode, encode
from diana_engine.errors import DianaError
from strategies.stories import cellar

EN = LANGUAGES["en"]
TAKE, DOWN, BRIBE = "Take the key", "Go down", "Pay the guard"


@pytest.fixture
async def idle(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage on which no bot runs yet."""
    async with before_curtain(cellar(), tmp_path) as stage:
        yield stage


@pytest.fixture
async def stage(idle: Stage) -> AsyncIterator[Stage]:
    async with idle.bot():
        yield idle


@pytest.fixture
async def ana(stage: Stage) -> Player:
    """A player who stands in the first scene."""
    player = Player(stage.api)
    await player.say("/start")
    await player.wait_for_message("El Jardín")
    await stage.quiet()
    return player


def live(player: Player) -> list[Message]:
    """The messages that still have buttons."""
    return [message for message in player.messages if message.buttons]


# Playing ------------------------------------------------------------------------------------------


async def test_start_shows_the_scene_with_its_choices_as_buttons(ana: Player) -> None:
    (shown,) = ana.messages
    assert shown.text.startswith("The hall\n\nLucien\nEl Jardín está cerrado. ")
    assert [(one.type, one.offset) for one in shown.entities] == [
        ("bold", 0), ("italic", 10), ("bold", 32),
    ]  # fmt: skip
    assert shown.buttons == [TAKE, f"🔒 {DOWN}", f"🔒 {BRIBE} · 50 coins"]


async def test_a_tap_writes_the_choice_below_its_scene_and_sends_the_next(
    stage: Stage, ana: Player
) -> None:
    before = ana.messages[0]
    tapped = await ana.tap(TAKE)
    after = await ana.wait_for_message(2)
    assert after.text.startswith("It is cold.\n\nThe hall\n\nLucien\n")
    assert after.buttons == [DOWN, f"🔒 {BRIBE} · 50 coins"]
    assert ana.messages[0].text == f"{before.text}\n\n▸ {TAKE}"
    *entities, chosen = ana.messages[0].entities
    assert tuple(entities) == before.entities
    assert (chosen.type, chosen.offset, chosen.length) == ("italic", len(before.text) + 2, 14)
    assert live(ana) == [after]
    assert (await ana.wait_for_answer(tapped)).text == ""
    await stage.quiet()


async def test_a_story_is_played_to_its_ending_and_again_from_its_beginning(
    stage: Stage, ana: Player
) -> None:
    for label, words in ((TAKE, "It is cold."), (DOWN, "Barrels"), ("Continue", "Dawn.")):
        await ana.tap(label)
        await ana.wait_for_message(words)
    assert ana.screen().text == "Dawn.\n\n— The end: dawn —"
    assert ana.screen().buttons == [EN.play_again]
    await ana.tap(EN.play_again)
    await ana.wait_for_screen(lambda screen: TAKE in screen.buttons)
    await stage.quiet()
    assert len(live(ana)) == 1
    assert [message.text.partition("▸ ")[2] for message in ana.messages] == [
        TAKE, DOWN, "Continue", EN.play_again, "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        (f"🔒 {DOWN}", "The door is locked."),
        (f"🔒 {BRIBE} · 50 coins", "This costs 50 coins, and you have 3."),
    ],
)
async def test_a_locked_choice_answers_with_its_reason_and_changes_nothing(
    stage: Stage, ana: Player, label: str, reason: str
) -> None:
    before = ana.messages
    answer = await ana.wait_for_answer(await ana.tap(label))
    assert (answer.text, answer.show_alert) == (reason, True)
    await stage.quiet()
    assert ana.messages == before
    assert await stage.sequence(ana) == 1


async def test_other_talk_gets_a_kind_word_and_the_scene_brought_down(
    stage: Stage, ana: Player
) -> None:
    await ana.say("hola")
    await ana.wait_for_message(3)
    await stage.quiet()
    assert ana.messages[-2].text == EN.use_buttons
    assert live(ana) == [ana.messages[-1]]
    assert await stage.sequence(ana) == 1


async def test_help_is_short_and_start_shows_where_the_player_is(stage: Stage, ana: Player) -> None:
    await ana.tap(TAKE)
    await ana.wait_for_message(2)
    await ana.say("/help")
    assert "/restart" in (await ana.wait_for_message(3)).text
    await ana.say("/start")
    assert (await ana.wait_for_message(4)).buttons[0] == DOWN
    await stage.quiet()
    assert len(live(ana)) == 1


async def test_restart_asks_first_and_begins_anew_once(stage: Stage, ana: Player) -> None:
    await ana.tap(TAKE)
    await ana.wait_for_message(2)
    await ana.say("/restart")
    question = await ana.wait_for_message(EN.confirm_anew)
    for _ in range(2):
        await ana.tap(EN.begin_anew, question)
    await ana.wait_for_screen(lambda screen: TAKE in screen.buttons)
    await stage.quiet()
    assert len(ana.messages) == 4
    assert await stage.sequence(ana) == 3
    assert [answer.text for answer in ana.answers][-1] == EN.moment_passed


async def test_an_old_question_whether_to_begin_anew_loses_nothing(
    stage: Stage, ana: Player
) -> None:
    await ana.say("/restart")
    question = await ana.wait_for_message(EN.confirm_anew)
    await ana.tap(TAKE, ana.messages[0])
    await ana.wait_for_message("It is cold.")
    answer = await ana.wait_for_answer(await ana.tap(EN.begin_anew, question))
    assert answer.text == EN.moment_passed
    await stage.quiet()
    assert await stage.sequence(ana) == 2


async def test_staying_shows_the_scene_again(stage: Stage, ana: Player) -> None:
    await ana.say("/restart")
    await ana.wait_for_message(EN.confirm_anew)
    await ana.tap(EN.stay)
    shown = await ana.wait_for_message(3)
    await stage.quiet()
    assert live(ana) == [shown]
    assert await stage.sequence(ana) == 1


async def test_who_has_no_play_begins_one_however_they_come(stage: Stage) -> None:
    bea, eva = Player(stage.api, 2), Player(stage.api, 3)
    await bea.say("hola")
    await bea.wait_for_message("El Jardín")
    await eva.say("/help")
    shown = await eva.wait_for_message(1)
    await eva.forge(encode(Press("abc", 5, 0)), shown)
    await eva.wait_for_message("El Jardín")
    await stage.quiet()
    assert (await stage.sequence(bea), await stage.sequence(eva)) == (1, 1)


# Taps that should not be --------------------------------------------------------------------------


async def test_a_double_tap_steps_once_and_shows_one_scene(stage: Stage, ana: Player) -> None:
    scene = ana.messages[0]
    taps = [await ana.tap(TAKE, scene) for _ in range(3)]
    answers = [(await ana.wait_for_answer(tap)).text for tap in taps]
    await stage.quiet()
    assert answers == ["", EN.moment_passed, EN.moment_passed]
    assert len(ana.messages) == 2
    assert await stage.sequence(ana) == 2


async def test_an_old_button_brings_the_scene_down_once_and_never_floods_the_chat(
    stage: Stage, ana: Player
) -> None:
    old = ana.messages[0]
    await ana.tap(TAKE)
    await ana.wait_for_message(2)
    await ana.tap(DOWN)
    await ana.wait_for_message(3)
    for _ in range(5):
        answer = await ana.wait_for_answer(await ana.tap(TAKE, old))
        assert answer.text == EN.moment_passed
    await stage.quiet()
    assert [message.text for message in ana.messages[2:]] == ["Barrels, 100% dust."] * 2
    assert live(ana) == [ana.messages[-1]]
    assert await stage.sequence(ana) == 3


async def test_an_old_button_is_known_as_well_after_a_restart_of_the_bot(idle: Stage) -> None:
    player = Player(idle.api)
    async with idle.bot():
        await player.say("/start")
        first = await player.wait_for_message(1)
        await player.tap(TAKE)
        await player.wait_for_message(2)
        await idle.quiet()
    async with idle.bot():
        await player.tap(TAKE, first)  # the scene stands right below
        await idle.quiet()
        assert len(player.messages) == 2
        await player.tap(DOWN)
        await player.wait_for_message(3)
        for _ in range(2):
            await player.tap(TAKE, first)
        await idle.quiet()
    assert len(player.messages) == 4
    assert live(player) == [player.messages[-1]]
    assert await idle.sequence(player) == 3


async def test_a_tap_whose_bot_died_right_after_the_commit_is_shown_as_if_it_had_not(
    idle: Stage,
) -> None:
    player = Player(idle.api)
    async with idle.bot():
        await player.say("/start")
        scene = await player.wait_for_message(1)
    tapped = await player.tap(TAKE, scene)
    story = StoryBot(idle.coordinator, idle.store.outbox, lambda: None, EN, CHANNEL, idle.metrics)
    await story.handle(
        read({"update_id": tapped.update_id, "callback_query": tapped.query.as_json()})
    )
    async with idle.bot():
        shown = await player.wait_for_message(2)
        await idle.quiet()
    assert player.messages[0].text.endswith(f"\n\n▸ {TAKE}")
    assert live(player) == [shown]
    assert [answer.text for answer in player.answers] == [""]
    assert await idle.sequence(player) == 2


async def test_forged_data_changes_nothing_and_is_answered_kindly(
    stage: Stage, ana: Player
) -> None:
    button = decode(str(ana.messages[0].keyboard[0][0]["callback_data"]))
    assert isinstance(button, Press)
    forged = [
        "", "x", "p", "☃", "p.abc.1.0\n", "p.abc.1.0",
        encode(Press(button.story, 0, 0)),
        encode(Press(button.story, 2, 0)),
        encode(Press(button.story, 10**18, 0)),
        encode(Press(button.story, button.sequence, 3)),
        encode(Press(button.story, button.sequence, None)),
    ]  # fmt: skip
    for data in forged:
        answer = await ana.wait_for_answer(await ana.forge(data))
        assert answer.text in (EN.moment_passed, EN.not_now), data
    await stage.quiet()
    assert live(ana) == ana.messages
    assert len(ana.messages) == 1
    assert await stage.sequence(ana) == 1


async def test_the_same_update_delivered_again_steps_once(stage: Stage, ana: Player) -> None:
    tapped = await ana.tap(TAKE)
    await ana.wait_for_message(2)
    await stage.quiet()
    await ana.repeat(tapped)
    await ana.say("/help")
    await ana.wait_for_message("/help")
    await stage.quiet()
    assert await stage.sequence(ana) == 2
    assert len(ana.messages) == 3


# Trouble on the way -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "copies"),
    [
        (too_many_requests(1), 1),
        (server_error(), 1),
        (Cut(delivered=False), 1),
        # Whether these arrived cannot be known: a story's text is rather sent twice than never.
        (Cut(delivered=True), 2),
        (Garble(), 2),
    ],
)
async def test_a_scene_arrives_in_spite_of_a_fault_and_is_stepped_to_once(
    stage: Stage, ana: Player, fault: Fault, copies: int
) -> None:
    stage.api.faults.plan("sendMessage", fault)
    await ana.tap(TAKE)
    await ana.wait_for_message(1 + copies)
    await stage.quiet()
    assert len(ana.messages) == 1 + copies
    assert await stage.sequence(ana) == 2
    await ana.tap(DOWN)
    await ana.wait_for_message("Barrels")


@pytest.mark.parametrize("method", ["answerCallbackQuery", "editMessageText"])
@pytest.mark.parametrize(
    "fault", [Cut(), server_error(), bad_request("query is too old"), too_many_requests(60)]
)
async def test_courtesies_that_fail_do_not_hold_up_the_story(
    stage: Stage, ana: Player, method: str, fault: Fault
) -> None:
    stage.api.faults.plan(method, fault, times=None)
    await ana.tap(TAKE)
    shown = await ana.wait_for_message(2)
    await stage.quiet()
    assert live(ana) == [shown]


async def test_a_scene_that_was_deleted_is_no_obstacle(stage: Stage, ana: Player) -> None:
    scene = ana.messages[0]
    tapped = await ana.tap(TAKE)
    stage.api.store.delete(stage.api.store.chat(str(ana.user.id)), scene.id)
    await ana.wait_for_answer(tapped)
    await ana.wait_for_message("It is cold.")


async def test_markup_that_telegram_refuses_is_sent_without(
    stage: Stage, ana: Player, caplog: pytest.LogCaptureFixture
) -> None:
    stage.api.faults.plan("sendMessage", bad_request("can't parse entities: sorry"))
    await ana.tap(TAKE)
    shown = await ana.wait_for_message(2)
    assert shown.text.startswith("It is cold.\n\nThe hall")
    assert shown.entities == ()
    assert shown.buttons
    assert "cannot read our markup" in caplog.text


async def test_who_blocked_the_bot_is_noted_without_another_try(
    stage: Stage, ana: Player, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    stage.api.faults.plan("sendMessage", forbidden(), chat_id=ana.user.id, times=None)
    await ana.tap(TAKE)
    await stage.api.wait_for(lambda: len(stage.api.calls_of("sendMessage")) == 2)
    await ana.block()
    await stage.quiet()
    assert len(stage.api.calls_of("sendMessage")) == 2
    assert "nobody to answer to" in caplog.text
    assert "blocked the bot" in caplog.text
    stage.api.faults.clear()
    await ana.unblock()
    await ana.say("/start")
    await ana.wait_for_message("It is cold.")


async def test_polling_goes_on_after_telegram_was_away(stage: Stage, ana: Player) -> None:
    for fault in (Cut(), server_error(), Garble(), too_many_requests(1)):
        stage.api.faults.plan("getUpdates", fault)
    await ana.tap(TAKE)
    await ana.wait_for_message(2)
    await stage.api.stop()
    await asyncio.sleep(0.1)
    await stage.api.start()
    await ana.tap(DOWN)
    await ana.wait_for_message("Barrels")


# Nothing lost, nobody held up ---------------------------------------------------------------------


async def test_an_update_is_acknowledged_only_after_its_commit(stage: Stage, ana: Player) -> None:
    stage.players.open.clear()
    tapped = await ana.tap(TAKE)
    polls = len(stage.api.calls_of("getUpdates"))
    await until(lambda: len(stage.api.calls_of("getUpdates")) >= polls + 3)
    assert stage.api.updates.pending == [tapped.update_id]
    stage.players.open.set()
    await ana.wait_for_message(2)
    await stage.quiet()
    assert await stage.sequence(ana) == 2


async def test_a_player_who_waits_holds_up_the_offset_but_nobody_else(
    stage: Stage, ana: Player
) -> None:
    away = {str(ana.user.id)}
    stage.players.trouble = lambda play: DianaError("!") if play.player.user in away else None
    tapped = await ana.tap(TAKE)
    others = [Player(stage.api, number) for number in range(1, 21)]
    for other in others:
        await other.say("/start")
    for other in others:
        await other.tap(TAKE, await other.wait_for_message(1))
        await other.wait_for_message("It is cold.")
    assert stage.api.updates.pending[0] == tapped.update_id
    await ana.say("/help")
    away.clear()
    await ana.wait_for_message("/help")
    await stage.quiet()
    assert [message.text[:6] for message in ana.messages[1:]] == ["It is ", "Read, "]
    # What came again meanwhile, because the offset stood still, was not handled again.
    assert {len(other.messages) for other in others} == {2}


async def test_a_scene_on_its_way_holds_up_neither_the_offset_nor_anybody_else(
    stage: Stage, ana: Player
) -> None:
    hold = Hold(delivered=False)
    stage.api.faults.plan("sendMessage", hold, chat_id=ana.user.id)
    await ana.tap(TAKE)
    await hold.reached.wait()
    await ana.say("/help")
    await until(lambda: not stage.api.updates.pending)
    bea = await Player(stage.api, 2).say("/start")
    await until(lambda: bea.update_id not in stage.api.updates.pending)
    hold.release()
    await ana.wait_for_message("/help")
    assert [message.text[:6] for message in ana.messages[1:]] == ["It is ", "Read, "]


async def test_one_players_updates_are_handled_in_their_order(stage: Stage, ana: Player) -> None:
    stage.players.open.clear()
    scene = ana.messages[0]
    await ana.tap(TAKE, scene)
    await ana.say("/start")
    await ana.tap(f"🔒 {DOWN}", scene)
    stage.players.open.set()
    await ana.wait_for_message(3)
    await stage.quiet()
    assert [answer.text for answer in ana.answers] == ["", EN.moment_passed]
    assert await stage.sequence(ana) == 2


async def test_a_poisonous_update_is_skipped_and_blocks_nobody(
    stage: Stage, ana: Player, caplog: pytest.LogCaptureFixture
) -> None:
    bad = Player(stage.api, 13)
    stage.players.trouble = lambda play: RuntimeError("!") if play.player.user == "13" else None
    await bad.say("/start")
    stage.api.updates.push("message", {"message_id": 1, "from": {}, "chat": {"type": "private"}})
    stage.api.updates.push("callback_query", {"id": 7})
    await ana.tap(TAKE)
    await ana.wait_for_message(2)
    await stage.quiet()
    assert "is skipped after 4 attempts" in caplog.text
    assert caplog.text.count("it cannot be read") == 2
    stage.players.trouble = lambda _: None
    await bad.say("/start")
    await bad.wait_for_message(1)


async def test_an_update_waits_for_a_database_that_comes_back(stage: Stage, ana: Player) -> None:
    down = iter((DianaError("away"), DianaError("away")))
    stage.players.trouble = lambda _: next(down, None)
    await ana.tap(TAKE)
    await ana.wait_for_message(2)
    await stage.quiet()
    assert await stage.sequence(ana) == 2


async def test_a_step_whose_scene_could_not_be_sent_is_not_made_again(
    stage: Stage, ana: Player
) -> None:
    stage.api.faults.plan("sendMessage", bad_request("chat is odd"), times=2)
    await ana.tap(TAKE)
    await ana.wait_for_message(2)
    await stage.quiet()
    assert await stage.sequence(ana) == 2
    assert len(ana.messages) == 2


async def test_a_group_is_none_of_the_bots_business(stage: Stage, ana: Player) -> None:
    group = {"id": -5, "type": "group", "title": "G"}
    sender = {"id": 1, "is_bot": False, "first_name": "A"}
    stage.api.updates.push(
        "message", {"message_id": 9, "from": sender, "chat": group, "text": "/start"}
    )
    before = len(stage.api.calls_of("sendMessage"))
    await stage.quiet()
    assert len(stage.api.calls_of("sendMessage")) == before


# The end ------------------------------------------------------------------------------------------


async def test_a_stop_finishes_what_is_in_work_and_acknowledges_it(idle: Stage) -> None:
    player = Player(idle.api)
    async with idle.bot():
        idle.players.open.clear()
        await player.say("/start")
        await until(lambda: idle.coordinator.active > 0)
        asyncio.get_running_loop().call_later(0.2, idle.players.open.set)
    assert len(player.messages) == 1
    assert idle.api.updates.pending == []


async def test_a_second_poller_ends_the_first_with_a_clear_message(idle: Stage) -> None:
    async def two_bots() -> None:
        async with idle.bot() as first:
            await until(lambda: bool(idle.api.calls_of("getUpdates")))
            async with idle.bot():
                await asyncio.wait([first], timeout=10)

    with pytest.raises(DianaError, match="Another program takes this bot's updates"):
        await two_bots()
