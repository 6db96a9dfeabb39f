"""Beginning and going on: what is found where the game is saved decides, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from diana_engine.adapters.terminal.opening import Opened, Wish, open_game
from diana_engine.adapters.terminal.saves import Save, encode, keep, load
from diana_engine.adapters.terminal.session import begin
from diana_engine.adapters.terminal.words import words
from diana_engine.errors import DianaError
from diana_engine.expressions.terms import ChoiceKey
from diana_engine.play.actions import Choose
from diana_engine.program.model import StoryId
from strategies.stories import cellar, endless

TAKE, DOWN = Choose(ChoiceKey("house.hall.take")), Choose(ChoiceKey("house.hall.down"))
NEW = 42
EN = words("en")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cellar.json"


def opened(path: Path | None, *, seed: int | None = None, anew: bool = False) -> Opened:
    return open_game(cellar(), Wish("now", lambda: NEW if seed is None else seed, path, seed, anew))


def saved(*moves: Choose, story: str = "cellar", digest: str = "now") -> Save:
    return Save(StoryId(story), digest, 7, moves)


def test_without_a_saved_game_a_new_one_begins_and_nothing_is_written(path: Path) -> None:
    assert opened(path) == Opened(begin(cellar(), NEW))
    assert opened(None, seed=3) == Opened(begin(cellar(), 3))
    assert not path.exists()


def test_a_saved_game_goes_on_with_its_own_seed(path: Path) -> None:
    keep(path, saved(TAKE, DOWN))
    game, notes = opened(path).session, opened(path).notes
    assert (game.seed, game.moves) == (7, (TAKE, DOWN))
    assert notes == (EN.resumed,)
    assert opened(path, seed=3).notes == (EN.resumed, EN.other_seed)
    assert opened(path, seed=7).notes == (EN.resumed,)


def test_a_story_that_has_changed_is_told_even_where_every_move_fits(path: Path) -> None:
    keep(path, saved(TAKE, DOWN, digest="then"))
    assert opened(path).notes == (EN.changed,)
    assert opened(path).session.moves == (TAKE, DOWN)
    keep(path, saved(digest="then"))
    assert opened(path).notes == ()


def test_moves_that_no_longer_fit_are_left_out_and_the_old_save_is_kept(path: Path) -> None:
    lost = Choose(ChoiceKey("house.hall.window"))
    keep(path, saved(TAKE, lost, DOWN))
    game = opened(path)
    assert game.session.moves == (TAKE,)
    aside = path.with_name("cellar.json.outdated-1")
    assert game.notes == (EN.outdated.format(all=3, kept=1, path=aside),)
    assert load(aside) == saved(TAKE, lost, DOWN)


def test_a_damaged_save_is_put_aside_as_it_is(path: Path) -> None:
    broken = encode(saved(TAKE))[:-5]
    path.write_bytes(broken)
    game = opened(path)
    aside = path.with_name("cellar.json.damaged-1")
    assert (game.session.seed, game.notes) == (NEW, (EN.damaged.format(path=aside),))
    assert aside.read_bytes() == broken


def test_beginning_anew_keeps_the_game_that_was_saved(path: Path) -> None:
    keep(path, saved(TAKE))
    assert opened(path, anew=True) == Opened(begin(cellar(), NEW))
    assert load(path.with_name("cellar.json.previous")) == saved(TAKE)
    assert opened(path, anew=True) == Opened(begin(cellar(), NEW))


def test_a_game_of_another_story_is_not_touched(path: Path) -> None:
    keep(path, saved(story="endless"))
    with pytest.raises(DianaError, match="saved game of the story `endless`, and this is `cellar`"):
        opened(path)
    assert load(path) == saved(story="endless")
    assert open_game(endless(), Wish("now", lambda: 1, path)).session.seed == 7


def test_what_is_told_is_in_the_language_of_the_story(path: Path) -> None:
    keep(path, saved(TAKE))
    wish = Wish("now", lambda: NEW, path)
    assert open_game(replace(cellar(), language="es"), wish).notes == (words("es").resumed,)
