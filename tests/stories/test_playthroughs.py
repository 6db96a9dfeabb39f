"""Every story that is shipped compiles clean, and its playthroughs hold and reach all of its endings."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from diana_engine.compiler.pipeline import compile_story
from diana_engine.compiler.playthroughs import (
    check_playthrough,
    playthrough_paths,
    read_playthrough,
)
from diana_engine.diagnostics.render.terminal import render
from diana_engine.play.playthrough import Playthrough, run
from diana_engine.program.model import Ending, Program

ROOT = Path(__file__).parents[2] / "stories"
STORIES = sorted(path.parent.name for path in ROOT.glob("*/story.yaml"))
PLAYTHROUGHS = [(story, path.name) for story in STORIES for path in playthrough_paths(ROOT / story)]


@cache
def program_of(story: str) -> Program:
    result = compile_story(ROOT / story)
    assert result.program is not None, render(result.diagnostics, colour=False, width=100)
    return result.program


@cache
def playthrough_of(story: str, name: str) -> Playthrough:
    playthrough, found = read_playthrough(ROOT / story / "tests" / name)
    assert found == [], render(found, colour=False, width=100)
    assert playthrough is not None
    return playthrough


def test_there_are_stories() -> None:
    assert STORIES


@pytest.mark.parametrize("story", STORIES)
def test_a_story_compiles_without_a_finding(story: str) -> None:
    found = compile_story(ROOT / story).diagnostics
    assert found == (), render(found, colour=False, width=100)


@pytest.mark.parametrize(("story", "name"), PLAYTHROUGHS)
def test_a_playthrough_holds(story: str, name: str) -> None:
    found = check_playthrough(program_of(story), playthrough_of(story, name))
    assert found == [], render(found, colour=False, width=100)


@pytest.mark.parametrize(("story", "name"), PLAYTHROUGHS)
def test_a_playthrough_is_called_like_its_file_and_says_what_it_shows(
    story: str, name: str
) -> None:
    playthrough = playthrough_of(story, name)
    assert f"{playthrough.id}.yaml" == name
    assert playthrough.about


@pytest.mark.parametrize("story", STORIES)
def test_every_ending_of_a_story_is_reached_by_a_playthrough(story: str) -> None:
    program = program_of(story)
    exits = (fragment.exit for fragment in program.fragments.values())
    endings = {exit_.name for exit_ in exits if isinstance(exit_, Ending)}
    reached: set[str | None] = set()
    for path in playthrough_paths(ROOT / story):
        *_, last = run(program, playthrough_of(story, path.name))
        reached.add(last.view.ending)
    assert endings
    assert endings <= reached
