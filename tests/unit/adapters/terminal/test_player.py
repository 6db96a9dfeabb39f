"""The loop of a game: every line is answered, and the game is saved whichever way one leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.adapters.terminal.player import Player, Setting
from diana_engine.adapters.terminal.saves import load
from diana_engine.adapters.terminal.screen import Look
from diana_engine.adapters.terminal.session import Session, begin, resume
from diana_engine.adapters.terminal.words import words
from diana_engine.errors import DianaError
from diana_engine.expressions.terms import Compare, Constant, FragmentId, HoursSince, VariableId
from diana_engine.expressions.text import Format
from diana_engine.program.model import Ask, Choices, Cost, Next, OneOf, Points, Program, Wait, Words
from strategies import builders
from strategies.builders import choice, ending, fragment, onward, story
from strategies.programs import programs
from strategies.stories import cellar

EN = words("en")
LOOK = Look(EN, 80, spoilers="masked")


class Script:
    """A console at which a list of lines is typed; a line may also be what the keyboard raises."""

    def __init__(self, lines: Iterable[str | type[BaseException]]) -> None:
        self.lines = list(lines)
        self.told: list[str] = []

    def ask(self, prompt: str) -> str:
        line = self.lines.pop(0) if self.lines else EOFError
        if isinstance(line, str):
            return line
        raise line

    def tell(self, text: str) -> None:
        self.told.append(text)

    def look(self) -> Look:
        return LOOK

    @property
    def last(self) -> str:
        return self.told[-1].strip()


def play(
    *lines: str | type[BaseException], program: Program | None = None, save: Path | None = None
) -> tuple[Session, Script]:
    script = Script(lines)
    seeds = iter(range(100, 1000))
    player = Player(
        begin(program or cellar(), 1), script, Setting("digest", lambda: next(seeds), save)
    )
    player.run()
    return player.session, script


def test_numbers_choose_and_enter_continues_to_the_ending() -> None:
    game, script = play("1", "1", "")
    assert game.view.ending == "dawn"
    assert script.last == EN.over


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (["9"], "There is no choice 9 here. Choose by number, from 1 to 3."),
        (["0"], "Choose by number, from 1 to 3."),
        ([""], "Choose by number, from 1 to 3."),
        (["2"], "The door is locked."),
        (["3"], "This costs 50 coins, and you have 3."),
        (["1", "1", "1"], EN.one_way),
        (["1", "1", "", "1"], EN.over),
        (["u"], EN.nothing_to_undo),
        (["s"], EN.unsaved),
        (["v"], EN.not_shown),
        (["go \x1b[1mnorth"], "I do not know “go [1mnorth”; ? shows what can be typed."),
        (["\x1b\u202e"], "Choose by number, from 1 to 3."),
        (["r", "n"], EN.unchanged),
        (["r", ""], EN.unchanged),
    ],
)
def test_what_cannot_be_done_is_answered_kindly(lines: list[str], answer: str) -> None:
    _, script = play(*lines)
    assert script.last == answer


def test_help_shows_the_commands_and_the_seed() -> None:
    _, script = play("?")
    assert script.last == f"{EN.help}\nThis game's chance is fixed by --seed 1."


def test_undo_takes_back_and_shows_the_scene_again() -> None:
    game, script = play("1", "u")
    assert game.state == begin(cellar(), 1).state
    assert "1. Take the key" in script.last


def test_beginning_anew_asks_first_takes_a_new_seed_and_can_be_undone() -> None:
    game, _ = play("1", "r", "Y")
    assert (game.seed, game.moves) == (100, ())
    game, _ = play("1", "r", "yes", "u")
    assert (game.seed, len(game.moves)) == (1, 1)


def test_v_shows_what_is_covered() -> None:
    hall = replace(
        fragment("hall", onward("end")), text=(Format("spoiler", builders.words("Ana")),)
    )
    _, script = play("v", program=story(hall, ending()))
    assert "▒▒▒" in script.told[0]
    assert "Ana" not in script.told[0]
    assert script.last.startswith("[Ana]")


def test_at_a_dead_end_of_a_draft_the_player_learns_what_is_left() -> None:
    hall = fragment("hall", Choices((choice("hall.go", "wall"),)))
    _, script = play("1", program=story(hall, fragment("wall")))
    assert script.last == EN.stuck


def test_a_passage_without_end_is_told_and_changes_nothing() -> None:
    hall = fragment("hall", Choices((choice("hall.go", "a"),)))
    ring = (fragment("a", onward("b"), ""), fragment("b", onward("a"), ""))
    game, script = play("1", program=story(hall, *ring))
    assert game.moves == ()
    assert "without coming to rest" in script.last.replace("\n", " ")


# Saving


@pytest.mark.parametrize("way_out", ["q", EOFError])
def test_whoever_leaves_finds_the_game_saved(tmp_path: Path, way_out: str | type[EOFError]) -> None:
    save = tmp_path / "cellar.json"
    game, script = play("1", way_out, save=save)
    kept = load(save)
    assert kept is not None
    assert (kept.story, kept.program, kept.seed, kept.moves) == ("cellar", "digest", 1, game.moves)
    assert script.last == EN.goodbye


@pytest.mark.parametrize("before", [[], ["r"]])
def test_ctrl_c_saves_too_and_goes_on_up(tmp_path: Path, before: list[str]) -> None:
    save = tmp_path / "cellar.json"
    with pytest.raises(KeyboardInterrupt):
        play("1", *before, KeyboardInterrupt, save=save)
    kept = load(save)
    assert kept is not None
    assert len(kept.moves) == 1


def test_each_move_is_saved_at_once(tmp_path: Path) -> None:
    save = tmp_path / "cellar.json"
    with pytest.raises(ZeroDivisionError):
        play("1", "1", "u", ZeroDivisionError, save=save)
    kept = load(save)
    assert kept is not None
    assert len(kept.moves) == 1


def test_trouble_with_saving_is_told_once_and_does_not_stop_the_game(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    script = Script(["1", "1", "s", "q"])
    setting = Setting("digest", lambda: 1, tmp_path / "file" / "x.json")
    player = Player(begin(cellar(), 1), script, setting)
    with pytest.raises(DianaError, match="cannot be saved"):
        player.run()
    assert len(player.session.moves) == 2
    assert sum("cannot be saved" in text for text in script.told) == 2  # by itself, and when asked


def test_save_says_where(tmp_path: Path) -> None:
    _, script = play("s", save=tmp_path / "x.json")
    assert EN.saved.format(path=tmp_path / "x.json") in " ".join("".join(script.told).split())


def test_a_hint_is_given_only_where_somebody_sits() -> None:
    script = Script([])
    Player(begin(cellar(), 1), script, Setting("digest", lambda: 1, None, attended=False)).run()
    assert EN.hint not in "".join(script.told)
    assert EN.hint in "".join(play()[1].told)


lines = st.one_of(
    st.sampled_from(["1", "2", "3", "", "u", "u", "s", "r", "y", "v", "?", "c", "q"]),
    st.integers(-9, 99).map(str),
    st.text(max_size=8),
)


@settings(max_examples=60, deadline=None)
@given(programs(), st.lists(lines, max_size=15))
def test_no_line_whatever_makes_the_game_fail(program: Program, typed: list[str]) -> None:
    game, script = play(*typed, program=program)
    assert all(text.startswith("\n") for text in script.told)
    assert game.view is not None


# Answers


def asking() -> Program:
    """A door where one is asked for a name, and then for a mood."""
    name, mood = VariableId("name"), VariableId("mood")
    retry = builders.words("At most five letters.")
    return story(
        fragment("door", Next(onward("mood").branches, Ask(name, retry)), "Your name?"),
        fragment("mood", Next(onward("end").branches, Ask(mood)), "Your mood?"),
        ending(),
        variables={name: Words("", 5), mood: OneOf(("calm", "2", "hurt"), "calm")},
    )


def test_what_is_typed_where_the_story_asks_is_the_answer() -> None:
    session, script = play("Ana", "hurt", program=asking())
    assert session.state.values == {"name": "Ana", "mood": "hurt"}
    assert "2. 2" in script.told[2]
    assert script.told[0].strip().endswith(EN.phrases.ask_text)


def test_an_answer_that_does_not_fit_is_asked_for_again() -> None:
    session, script = play("Anastasia", program=asking())
    assert script.told[2].strip() == "At most five letters."
    assert session.moves == ()
    _, script = play("Ana", "happy", program=asking())
    assert script.last == f"{EN.phrases.no_answer} {EN.phrases.ask_one_of}"


@pytest.mark.parametrize(("typed", "mood"), [("1", "calm"), ("3", "hurt"), ("2", "2")])
def test_a_word_of_a_list_can_be_named_by_its_number_unless_it_is_one(
    typed: str, mood: str
) -> None:
    assert play("Ana", typed, program=asking())[0].state.values["mood"] == mood


def test_a_command_of_one_letter_works_where_the_story_asks_and_in_quotes_it_is_an_answer() -> None:
    session, _ = play("Ana", "u", '"u"', program=asking())
    assert session.state.values["name"] == "u"
    assert session.state.fragment == "main.mood"


def test_answers_are_saved_and_resumed(tmp_path: Path) -> None:
    place = tmp_path / "game.json"
    session, _ = play("*A*", "calm", program=asking(), save=place)
    saved = load(place)
    assert saved is not None
    assert resume(asking(), saved.seed, saved.moves).state == session.state


# Waiting


def sown() -> Program:
    """A seed that takes a day to grow; the gold is not enough for not waiting twice."""
    wait = Wait(86_400, Cost(VariableId("gold"), 3))
    plant = choice("hall.plant", "hall", wait=wait)
    away = choice(
        "hall.away", "end", requires=Compare(">=", HoursSince(FragmentId("main.hall")), Constant(8))
    )
    hall = fragment("hall", Choices((plant, away)))
    variables = {VariableId("gold"): Points(5)}
    return story(hall, ending(), variables=variables, timed=(hall.id,))


def test_enter_lets_the_time_of_a_wait_pass_and_one_step_back_undoes_both() -> None:
    session, script = play("1", "", program=sown())
    assert "⏳ 1 d left" in script.told[2]
    assert f"[{EN.enter}] {EN.wait}" in script.told[2]
    assert (session.now, session.state.waiting, session.state.entry) == (86_400, None, 2)
    before, _ = play("1", "", "u", program=sown())
    assert (before.now, before.view.wait is None) == (0, False)


def test_not_waiting_is_paid_by_its_number_while_the_points_suffice() -> None:
    session, script = play("1", "1", "1", "1", program=sown())
    assert session.state.values["gold"] == 2
    assert script.last == "This costs 3 gold, and you have 2."


def test_time_passes_when_the_player_says_so() -> None:
    assert play("w 7h", "2", program=sown())[0].view.ending is None
    session, _ = play("w 7h", "e 60m", "2", program=sown())
    assert session.view.ending == "end"


def test_time_is_saved_and_resumed(tmp_path: Path) -> None:
    place = tmp_path / "game.json"
    session, _ = play("w 5h", "1", "1", "w 3h", "1", "", program=sown(), save=place)
    saved = load(place)
    assert saved is not None
    assert resume(sown(), saved.seed, saved.moves) == session
