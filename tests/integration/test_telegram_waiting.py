"""Waiting on Telegram: what is left is told, nobody goes on too early, and the price of not waiting is paid once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from botstage import on_stage
from diana_engine.adapters.phrases import LANGUAGES
from diana_engine.expressions.terms import VariableId
from diana_engine.program.model import Choices, Cost, Points, Program, Remind, Wait
from strategies.builders import choice, ending, fragment, onward, story, words

GOLD = VariableId("gold")
EN = LANGUAGES["en"]
DAY = 86_400


def sown() -> Program:
    """A seed that takes a day to grow, then two; either can be paid off, and the gold is enough for one."""
    wait = Wait(DAY, Cost(GOLD, 3))
    plant = choice("hall.plant", "sprout", wait=wait, say=words("It is sown."))
    sprout = fragment(
        "sprout", replace(onward("end"), wait=replace(wait, seconds=2 * DAY)), "Green."
    )
    return story(fragment("hall", Choices((plant,))), sprout, ending(), variables={GOLD: Points(5)})


async def test_who_presses_too_early_reads_how_much_is_left_and_later_goes_on(
    tmp_path: Path,
) -> None:
    async with on_stage(sown(), tmp_path) as stage:
        ana = await stage.begin()
        await ana.tap("hall.plant")
        waiting = await ana.wait_for_message("It is sown.")
        assert waiting.text == "It is sown.\n\n⏳ 1 d left"
        assert waiting.buttons == [EN.go_on, f"{EN.do_not_wait} · 3 gold"]
        stage.now += 3_600
        early = await ana.tap(EN.go_on)
        assert (await ana.wait_for_answer(early)).text == "Not yet: 23 h left."
        stage.now += DAY
        await ana.tap(EN.go_on)
        await ana.wait_for_message("Green.")
        assert (await stage.record(ana)).state.waiting is not None


async def test_paying_goes_on_at_once_and_who_cannot_pay_reads_why(tmp_path: Path) -> None:
    async with on_stage(sown(), tmp_path) as stage:
        ana = await stage.begin()
        await ana.tap("hall.plant")
        await ana.wait_for_message("It is sown.")
        await ana.tap(f"{EN.do_not_wait} · 3 gold")
        there = await ana.wait_for_message("Green.")
        assert there.buttons == [EN.go_on, f"🔒 {EN.do_not_wait} · 3 gold"]
        poor = await ana.tap(1)
        assert (await ana.wait_for_answer(poor)).text == "This costs 3 gold, and you have 2."
        assert (await stage.record(ana)).state.values[GOLD] == 2


async def test_a_price_pressed_after_the_wait_is_over_is_not_paid(tmp_path: Path) -> None:
    async with on_stage(sown(), tmp_path) as stage:
        ana = await stage.begin()
        await ana.tap("hall.plant")
        await ana.wait_for_message("It is sown.")
        stage.now += 2 * DAY
        await ana.tap(1)
        await ana.wait_for_message("Green.")
        assert (await stage.record(ana)).state.values[GOLD] == 5


async def test_the_bot_writes_first_when_a_wait_is_over_and_once(tmp_path: Path) -> None:
    async with on_stage(sown(), tmp_path) as stage:
        ana = await stage.begin()
        await ana.tap("hall.plant")
        waiting = await ana.wait_for_message("It is sown.")
        stage.now += DAY
        shown = await ana.wait_for_message(3)
        await stage.quiet()
        assert "left" not in shown.text
        assert shown.buttons == [EN.go_on]
        assert [message.buttons for message in ana.messages[:-1]] == [[], []]
        assert ana.messages[1].id == waiting.id
        await ana.tap(EN.go_on)
        await ana.wait_for_message("Green.")
        await stage.quiet()
        assert len(ana.messages) == 4


async def test_a_reminder_comes_when_it_is_due_and_not_to_who_went_on(tmp_path: Path) -> None:
    hall = fragment(
        "hall", Choices((choice("hall.go", "end"),)), remind=Remind(DAY, words("Psst."))
    )
    async with on_stage(story(hall, ending()), tmp_path) as stage:
        ana, bea = await stage.begin(1), await stage.begin(2)
        await bea.tap("hall.go")
        await bea.wait_for_message(2)
        stage.now += DAY
        reminder = await ana.wait_for_message(2)
        await stage.quiet()
        assert (reminder.text, reminder.buttons) == ("Psst.", [])
        assert ana.messages[0].buttons == ["hall.go"]
        assert len(bea.messages) == 2
