"""Saved games: what is written is read again, and nothing else is taken for one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.adapters.terminal.saves import (
    Damaged,
    Save,
    decode,
    default_path,
    encode,
    keep,
    load,
    put_aside,
)
from diana_engine.adapters.terminal.session import begin, resume
from diana_engine.errors import DianaError
from diana_engine.expressions.terms import ChoiceKey
from diana_engine.play.actions import Choose, Continue, Earn, Pass, Start
from diana_engine.program.model import Program, StoryId
from diana_engine.program.systems import INCOME
from strategies.programs import pick, plays, programs

SAVE = Save(
    StoryId("diana"),
    "ab12",
    7,
    (Continue(), Choose(ChoiceKey("plaza.a.b")), Choose(ChoiceKey("p.a~1"))),
)
GOOD = json.loads(encode(SAVE))

keys = st.from_regex(r"[a-z]{1,4}\.[a-z]{1,4}(\.[a-z]{1,4}|~[0-9a-f]{4})", fullmatch=True)
saves = st.builds(
    Save,
    st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True).map(StoryId),
    st.text("0123456789abcdef", max_size=64),
    st.integers(0, 2**64 - 1),
    st.lists(
        st.just(Continue())
        | keys.map(ChoiceKey).map(Choose)
        | st.sampled_from(INCOME).map(Earn)
        | st.builds(Pass, st.integers(0, 999), st.none() | st.integers(0, 9))
    ).map(tuple),
)


@given(saves)
def test_what_is_encoded_is_decoded_again(save: Save) -> None:
    assert decode(encode(save)) == save


@settings(max_examples=50, deadline=None)
@given(programs(), plays, st.integers(0, 9))
def test_a_game_that_is_saved_and_loaded_is_the_same_game(
    program: Program, numbers: list[int], seed: int
) -> None:
    game = begin(program, seed)
    for number in numbers:
        action = pick(program, game.state, number)
        if not isinstance(action, Start):
            game, _ = game.act(action)
    save = decode(encode(Save(program.story, "digest", game.seed, game.moves)))
    assert resume(program, save.seed, save.moves) == game


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        b"\xff\xfe",
        encode(SAVE)[:-10],
        b"[" * 100_000,
        b"null",
        b"{}",
        b'{"diana_save": NaN}',
        *(
            json.dumps({**GOOD, **change}).encode()
            for change in (
                {"diana_save": 2},
                {"story": None},
                {"program": 3},
                {"seed": -1},
                {"seed": True},
                {"seed": 2**64},
                {"seed": 1.5},
                {"moves": "continue"},
                {"moves": [None]},
                {"moves": [["a.b"]]},
                {"moves": ["b"]},
            )
        ),
    ],
)
def test_what_is_no_saved_game_is_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        decode(data)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_saved_game_or_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        decode(data)


def test_a_game_is_kept_in_a_folder_that_is_made_for_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "diana.json"
    assert load(path) is None
    keep(path, SAVE)
    assert load(path) == SAVE
    assert [one.name for one in path.parent.iterdir()] == ["diana.json"]


def test_a_save_that_cannot_be_written_leaves_the_old_one_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "diana.json"
    keep(path, SAVE)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DianaError, match=r"cannot be saved in .*: No space left on device\."):
        keep(path, Save(StoryId("other"), "", 1, ()))
    assert load(path) == SAVE
    assert [one.name for one in tmp_path.iterdir()] == ["diana.json"]


def test_a_save_may_be_a_link_which_stays_one(tmp_path: Path) -> None:
    link, target = tmp_path / "link.json", tmp_path / "deep" / "target.json"
    target.parent.mkdir()
    target.touch()
    link.symlink_to(target)
    keep(link, SAVE)
    assert link.is_symlink()
    assert load(target) == SAVE


def test_a_place_that_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(DianaError, match="cannot be read: Is a directory"):
        load(tmp_path)
    with pytest.raises(DianaError, match="cannot be saved in"):
        keep(tmp_path, SAVE)
    (tmp_path / "file").touch()
    with pytest.raises(DianaError, match="cannot be saved in"):
        keep(tmp_path / "file" / "diana.json", SAVE)


def test_what_is_put_aside_takes_no_other_s_place(tmp_path: Path) -> None:
    path = tmp_path / "diana.json"
    for number in (1, 2, 3):
        path.write_text(str(number))
        assert put_aside(path, "damaged") == tmp_path / f"diana.json.damaged-{number}"
    assert sorted(one.read_text() for one in tmp_path.iterdir()) == ["1", "2", "3"]


def test_a_story_s_save_never_leaves_its_folder(tmp_path: Path) -> None:
    assert default_path(tmp_path, StoryId("first_steps")) == tmp_path / "first_steps.json"
    assert default_path(tmp_path, StoryId("../../etc/x")).parent == tmp_path
