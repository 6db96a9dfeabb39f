"""What a player types on Telegram is the answer to what the story asks, once, and is never read as anything else."""

from __future__ import annotations

from pathlib import Path

from botstage import on_stage
from diana_engine.adapters.phrases import LANGUAGES
from diana_engine.expressions.terms import VariableId, WordOf
from diana_engine.expressions.text import Show
from diana_engine.program.model import Ask, Next, OneOf, Program, WholeNumber, Words
from strategies.builders import ending, fragment, onward, story, words

NAME, MOOD, AGE = VariableId("name"), VariableId("mood"), VariableId("age")
EN = LANGUAGES["en"]


def asking() -> Program:
    """A door where one is asked for a name, then for a mood, then for an age."""

    def question(name: str, to: str, into: VariableId, **parts: object) -> object:
        return fragment(name, Next(onward(to).branches, Ask(into, **parts)), f"Your {into}?")  # type: ignore[arg-type]

    end = ending()
    greeting = (*words("Hello "), Show(WordOf(NAME)), *words("!"))
    return story(
        question("door", "mood", NAME, retry=words("A *short* one.")),  # type: ignore[arg-type]
        question("mood", "age", MOOD),  # type: ignore[arg-type]
        question("age", "end", AGE),  # type: ignore[arg-type]
        type(end)(end.id, end.chapter, end.kind, end.exit, greeting),
        variables={
            NAME: Words("", 20),
            MOOD: OneOf(("calm", "hurt"), "calm"),
            AGE: WholeNumber(0, 0, 130),
        },
    )


async def test_a_name_a_word_and_a_number_are_typed_and_the_story_goes_on(tmp_path: Path) -> None:
    async with on_stage(asking(), tmp_path) as stage:
        ana = await stage.begin()
        assert ana.messages[0].text == f"Your name?\n\n✎ {EN.ask_text}"
        await ana.say(" <b>*Ana*</b>\u202e ")
        mood = await ana.wait_for_message("Your mood?")
        assert mood.buttons == ["calm", "hurt"]
        await ana.say("HURT")
        await ana.wait_for_message("Your age?")
        assert ana.messages[1].buttons == []
        await ana.say("41")
        await ana.wait_for_message("Hello <b>*Ana*</b>!")
        values = (await stage.record(ana)).state.values
        assert values == {NAME: "<b>*Ana*</b>", MOOD: "hurt", AGE: 41}


async def test_a_word_of_a_list_can_be_tapped_too(tmp_path: Path) -> None:
    async with on_stage(asking(), tmp_path) as stage:
        ana = await stage.begin()
        await ana.say("Ana")
        await ana.wait_for_message("Your mood?")
        await ana.tap("hurt")
        await ana.wait_for_message("Your age?")
        assert (await stage.record(ana)).state.values[MOOD] == "hurt"


async def test_what_does_not_fit_is_asked_for_again_in_the_writers_words_or_in_ours(
    tmp_path: Path,
) -> None:
    async with on_stage(asking(), tmp_path) as stage:
        ana = await stage.begin()
        await ana.say("A name that is much too long to be one")
        assert (await ana.wait_for_message(2)).text == "A *short* one."
        assert (await stage.record(ana)).sequence == 1
        for typed in ("Ana", "calm"):
            await ana.say(typed)
        await ana.wait_for_message("Your age?")
        await ana.say("four")
        again = await ana.wait_for_message(5)
        assert again.text == f"{EN.no_answer} {EN.ask_number_between.format(low=0, high=130)}"


async def test_an_answer_that_is_delivered_twice_counts_once(tmp_path: Path) -> None:
    async with on_stage(asking(), tmp_path) as stage:
        ana = await stage.begin()
        said = await ana.say("calm")
        await ana.wait_for_message("Your mood?")
        assert said.update_id is not None
        stage.api.updates.repeat(said.update_id)
        await stage.quiet()
        record = await stage.record(ana)
        assert (record.sequence, record.state.fragment) == (2, "main.mood")


async def test_a_command_at_a_question_is_a_command(tmp_path: Path) -> None:
    async with on_stage(asking(), tmp_path) as stage:
        ana = await stage.begin()
        await ana.say("/help")
        await ana.wait_for_message(EN.help)
        assert (await stage.record(ana)).sequence == 1
