"""A game as its actions: undo, beginning anew, and going on in a story that has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.adapters.terminal.session import Session, begin, resume
from diana_engine.expressions.terms import ChoiceKey
from diana_engine.play.actions import Choose, Continue, Start
from diana_engine.play.rules import EndlessPassage
from diana_engine.program.model import Choices, Program
from strategies.builders import choice, ending, fragment, onward, story
from strategies.programs import pick, plays, programs
from strategies.stories import cellar

TAKE, DOWN = Choose(ChoiceKey("house.hall.take")), Choose(ChoiceKey("house.hall.down"))


def after(session: Session, *moves: Choose | Continue) -> Session:
    for move in moves:
        session, outcome = session.act(move)
        assert outcome.refused is None
    return session


def test_a_move_that_is_refused_leaves_the_game_as_it_is() -> None:
    game = begin(cellar(), 1)
    same, outcome = game.act(DOWN)
    assert outcome.refused is not None
    assert same is game


def test_at_the_very_beginning_there_is_nothing_to_undo() -> None:
    assert begin(cellar(), 1).undo() is None


def test_beginning_anew_can_be_undone_once_the_new_game_is_back_at_its_beginning() -> None:
    played = after(begin(cellar(), 1), TAKE, DOWN)
    new = after(played.anew(2), TAKE)
    assert (new.seed, len(new.moves)) == (2, 1)
    back = new.undo()
    assert back is not None
    assert back.undo() == played


def test_a_game_before_the_last_one_is_not_kept_for_ever() -> None:
    third = begin(cellar(), 1).anew(2).anew(3)
    assert third.before is not None
    assert third.before.before is None


def test_a_game_goes_on_in_a_changed_story_as_far_as_its_moves_fit() -> None:
    played = after(begin(cellar(), 1), TAKE, DOWN, Continue())
    program = cellar("2.0.0")
    assert resume(program, 1, played.moves).moves == played.moves
    hall = program.fragments[program.start]
    assert isinstance(hall.exit, Choices)
    without = replace(
        hall, exit=Choices(tuple(c for c in hall.exit.choices if c.key != DOWN.choice))
    )
    changed = replace(program, fragments={**program.fragments, hall.id: without})
    assert resume(changed, 1, played.moves).moves == (TAKE,)


def test_a_passage_without_end_ends_what_still_fits() -> None:
    hall = fragment("hall", Choices((choice("hall.go", "a"),)))
    ring = (fragment("a", onward("b"), ""), fragment("b", onward("a"), ""))
    go = Choose(ChoiceKey("main.hall.go"))
    assert resume(story(hall, *ring), 1, [go]).moves == ()
    with pytest.raises(EndlessPassage):
        begin(story(*ring), 1)
    with pytest.raises(EndlessPassage):
        begin(story(hall, *ring), 1).act(go)


def test_a_game_that_has_ended_can_be_taken_back() -> None:
    game = after(begin(story(fragment("hall", onward("end")), ending()), 1), Continue())
    assert game.view.ending == "end"
    back = game.undo()
    assert back is not None
    assert back.view.can_continue


@settings(max_examples=60, deadline=None)
@given(programs(), plays, st.integers(0, 9))
def test_undo_after_any_move_returns_the_very_state_before(
    program: Program, numbers: list[int], seed: int
) -> None:
    game = begin(program, seed)
    for number in numbers:
        action = pick(program, game.state, number)
        if isinstance(action, Start):
            continue
        before = game
        game, outcome = before.act(action)
        assert game.view == outcome.view
        if outcome.refused is not None:
            assert game is before
            continue
        back = game.undo()
        assert back is not None
        assert (back.state, back.moves) == (before.state, before.moves)
    assert resume(program, seed, game.moves) == game
