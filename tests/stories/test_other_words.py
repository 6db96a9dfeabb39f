"""Recorded plays of the shipped stories, played again on the same stories in other words."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from diana_engine.compiler.pipeline import compile_story
from diana_engine.expressions.terms import ChoiceKey
from diana_engine.expressions.text import Plain, Text
from diana_engine.play import step
from diana_engine.play.actions import Action, Choose, Start
from diana_engine.play.carrying import Carried, Passage, carry, passage
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.compare.compare import compare
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Choice, Choices, Deck, Fragment, Program
from strategies.programs import pick

STORIES = sorted(path.parent for path in Path("stories").glob("*/story.yaml"))
HISTORIES = 1_000
STEPS = 30
NOW = 1_700_000_000


@cache
def told(folder: Path) -> Program:
    program = compile_story(folder).program
    assert program is not None
    return program


@cache
def reworded(folder: Path) -> Program:
    """Return the story with other words in every fragment and choice; those without an id get other hashes."""
    program = told(folder)
    fragments = {id: _reworded(one) for id, one in program.fragments.items()}
    return replace(program, version="other", fragments=fragments)


def _words(text: Text) -> Text:
    return (*text, Plain(" *")) if text else text


def _reworded(fragment: Fragment) -> Fragment:
    way = fragment.exit
    if isinstance(way, Choices | Deck):
        way = replace(way, choices=tuple(_reworded_choice(one) for one in choices_of(way)))
    return replace(fragment, text=_words(fragment.text), exit=way)


def _reworded_choice(choice: Choice) -> Choice:
    key = f"{choice.key}f" if "~" in choice.key else choice.key
    return replace(choice, key=ChoiceKey(key), text=_words(choice.text))


def recorded(program: Program, seed: int) -> list[tuple[Action, PlayerState, Moment]]:
    """Return a play at random: what was done, where it led, and when."""
    chance = random.Random(seed)
    moment = Moment(NOW)
    state = step(program, None, Start(seed), moment).state
    history: list[tuple[Action, PlayerState, Moment]] = [(Start(seed), state, moment)]
    for _ in range(STEPS):
        moment = Moment(moment.now + chance.choice((0, 60, 40_000)))
        action = pick(program, state, chance.randrange(1_000) * 4 + 1, moment)
        state = step(program, state, action, moment).state
        history.append((action, state, moment))
    return history


def as_now(way: Passage, state: PlayerState) -> PlayerState:
    """Return the state with its choices under their keys in the new version."""
    chosen = {way.match.key(key): times for key, times in state.chosen.items()}
    said = None if state.said is None else way.match.key(state.said)
    waiting = state.waiting
    if waiting is not None and waiting.choice is not None:
        waiting = replace(waiting, choice=way.match.key(waiting.choice))
    return replace(state, chosen=chosen, said=said, waiting=waiting)


@pytest.mark.parametrize("folder", STORIES, ids=lambda path: path.name)
def test_a_thousand_recorded_histories_replay_alike_and_nobody_is_left(folder: Path) -> None:
    old, new = told(folder), reworded(folder)
    assert compare(old, new).words_only
    way = passage(old, new)
    for seed in range(HISTORIES // len(STORIES) + 1):
        state = None
        for action, expected, moment in recorded(old, seed):
            same = Choose(way.match.key(action.choice)) if isinstance(action, Choose) else action
            state = step(new, state, same, moment).state
            assert state == as_now(way, expected)
            assert carry(way, expected, moment) == Carried(state)
