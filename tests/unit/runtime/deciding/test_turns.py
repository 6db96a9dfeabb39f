"""What comes of a request is decided without a database."""

import pytest

from diana_engine.database.port import PlayerKey, PlayerRecord, PlayKey, StoryVersion
from diana_engine.play.state import Moment
from diana_engine.runtime.deciding.turns import Turn, begin, present, tap
from diana_engine.runtime.requests import Tap
from diana_engine.runtime.versions.library import OpenStory, story_token
from strategies.stories import cellar

PROGRAM = cellar()
DIGEST = "0123456789abcdef"
STORY = OpenStory(StoryVersion(1, PROGRAM.story, DIGEST, "1", "Cellar", "en", 0), PROGRAM)
PLAY = PlayKey(PlayerKey("test", "ana"), PROGRAM.story)


def record(turn: Turn, sequence: int = 1) -> PlayerRecord:
    assert turn.save is not None
    return PlayerRecord(PLAY, turn.save.digest, sequence, turn.save.state, 0)


def button(choice: int | None, sequence: int = 1) -> Tap:
    return Tap(story_token(DIGEST), sequence, choice)


@pytest.fixture
def started() -> PlayerRecord:
    return record(begin(STORY, Moment(), seed=7))


def test_a_story_begins_with_the_given_seed_in_the_given_version():
    turn = begin(STORY, Moment(), seed=7)
    assert (turn.result, turn.save.state.seed, turn.save.digest) == ("started", 7, DIGEST)
    assert turn.view.fragment == "house.hall"


def test_a_choice_moves_the_player(started: PlayerRecord):
    turn = tap(PROGRAM, started, button(0), Moment())
    assert turn.result == "moved"
    assert turn.save.state.items == {"silver_key": 1}
    assert turn.save.digest == started.digest


@pytest.mark.parametrize(
    "stale",
    [button(0, sequence=0), button(0, sequence=2), Tap("01234567x", 1, 0), Tap("", 1, 0)],
    ids=["earlier", "later", "other story", "no story"],
)
def test_a_button_of_another_scene_changes_nothing(started: PlayerRecord, stale: Tap):
    turn = tap(PROGRAM, started, stale, Moment())
    assert (turn.result, turn.save) == ("stale", None)
    assert turn.view == present(PROGRAM, started, Moment()).view


@pytest.mark.parametrize(
    ("choice", "why"),
    [
        (1, "requirement"),
        (2, "cost"),
        (3, "no such choice"),
        (-1, "no such choice"),
        (10**30, "no such choice"),
        (None, "nothing to continue"),
    ],
)
def test_a_forged_or_locked_choice_changes_nothing(started: PlayerRecord, choice, why: str):
    turn = tap(PROGRAM, started, button(choice), Moment())
    assert (turn.result, turn.save, turn.refusal.why) == ("refused", None, why)
    assert turn.view == present(PROGRAM, started, Moment()).view


@pytest.mark.parametrize("choice", [0, None])
def test_after_an_ending_there_is_nothing_to_tap(started: PlayerRecord, choice):
    record_ = started
    for sequence, way in enumerate((0, 0, None), start=1):
        turn = tap(PROGRAM, record_, button(way, sequence), Moment())
        assert turn.result == "moved"
        record_ = record(turn, sequence + 1)
    assert present(PROGRAM, record_, Moment()).over
    turn = tap(PROGRAM, record_, button(choice, 4), Moment())
    assert (turn.result, turn.refusal.why) == ("refused", "over")
