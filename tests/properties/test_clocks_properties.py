"""What is proved of stories that ask what time it is, held against every play of them in which time passes."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, settings

from diana_engine.adapters.terminal.screen import Look
from diana_engine.adapters.terminal.session import resume
from diana_engine.adapters.terminal.witness import play_witness
from diana_engine.adapters.terminal.words import words
from diana_engine.compiler.analysis.states import Report, prove
from diana_engine.compiler.analysis.states.graph import pace
from diana_engine.compiler.analysis.states.results.report import passes, time_of
from diana_engine.compiler.compilation import Compilation
from diana_engine.compiler.load import Document, Sources, read_text
from diana_engine.compiler.pipeline import compile_sources
from diana_engine.play.actions import Pass
from diana_engine.program.model import Choices, Program
from diana_engine.source import SourceFile
from tests.properties.test_states_properties import played_again
from tests.strategies.clocked import Clocked, clocked, lived

LENIENT = settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
LOOK = Look(words("en"), 80, colour=False, spoilers="bracketed")
QUARTER = 900
EIGHTH = 450


def checked(text: str) -> Compilation:
    file = SourceFile("story.yaml", text)
    root, found = read_text(file)
    assert not found
    return compile_sources(Sources(Path(), Document(file, root, True), ()))


def compiled(text: str) -> Program:
    program = checked(text).program
    assert program is not None
    return program


def told(text: str, tick: int) -> tuple[Program, Report, Clocked]:
    program = compiled(text)
    found = lived(program, tick)
    assume(found.complete)
    return program, prove(program), found


def hold_exactly(program: Program, report: Report, found: Clocked) -> None:
    assert report.complete, report.reasons
    assert report.winnable == found.winnable
    for id, verdict in report.fragments.items():
        assert (verdict.reachable == "yes") == (id in found.entered), id
        if program.fragments[id].rests:
            assert (verdict.stuck == "some") == (id in found.stuck), id
            assert (verdict.soft_lock == "some") == (id in found.locked), id
    for way, verdict in report.choices.items():
        if isinstance(program.fragments[way[0]].exit, Choices):
            wanted = "never"
            if way in found.opened:
                wanted = "sometimes" if way in found.shut else "always"
            assert verdict == wanted, way
    lost = {
        point.choice: sum(not passes(number) for _, number in point.witness)
        for point in report.points_of_no_return
        if not passes(point.choice[1])
    }
    if all(program.fragments[id].rests for id, _ in lost):
        chosen = {
            way: length
            for way, length in found.losing.items()
            if isinstance(program.fragments[way[0]].exit, Choices)  # type: ignore[index]
        }
        assert {
            way: length
            for way, length in lost.items()
            if isinstance(program.fragments[way[0]].exit, Choices)
        } == chosen


def hold_loosely(program: Program, report: Report, found: Clocked) -> None:
    """Hold that nothing is told that is not so; what is unknown may be anything."""
    event("complete" if report.complete else "not complete")
    assert report.winnable in (None, found.winnable)
    for id, verdict in report.fragments.items():
        assert verdict.reachable != "no" or id not in found.entered, id
        assert verdict.reachable != "yes" or id in found.entered, id
        if program.fragments[id].rests:
            assert verdict.stuck != "none" or id not in found.stuck, id
            assert verdict.stuck != "some" or id in found.stuck, id
            assert verdict.soft_lock != "none" or id not in found.locked, id
            assert verdict.soft_lock != "some" or id in found.locked, id
    for way, verdict in report.choices.items():
        if isinstance(program.fragments[way[0]].exit, Choices):
            assert verdict != "never" or way not in found.opened, way
            assert verdict != "always" or way not in found.shut, way
            assert verdict != "sometimes" or way in found.opened & found.shut, way


def replay_all(program: Program, report: Report) -> None:
    for point in report.points_of_no_return:
        assert point.played is not None
        assert played_again(program, point.played) == point.played.state
        passed = [time_of(number) or 0 for _, number in point.witness]
        waited = sum(s.move.seconds for s in point.played.steps if isinstance(s.move, Pass))
        assert sum(passed) <= waited


@LENIENT
@given(clocked(1, waits=False))
def test_verdicts_with_one_clock_are_those_of_every_play(text: str) -> None:
    program, report, found = told(text, QUARTER)
    hold_exactly(program, report, found)
    replay_all(program, report)


@LENIENT
@given(clocked(2, waits=False))
def test_verdicts_with_two_clocks_are_those_of_every_play(text: str) -> None:
    program, report, found = told(text, QUARTER)
    hold_exactly(program, report, found)
    replay_all(program, report)


@LENIENT
@given(clocked(0, days=True))
def test_verdicts_with_streaks_are_those_of_every_play(text: str) -> None:
    program, report, found = told(text, QUARTER)
    assume(not report.bounded)
    hold_exactly(program, report, found)
    replay_all(program, report)


@LENIENT
@given(clocked(1))
def test_verdicts_with_a_clock_and_waits_are_those_of_every_play(text: str) -> None:
    program, report, found = told(text, EIGHTH if "90m" in text or "30m" in text else QUARTER)
    hold_exactly(program, report, found)
    replay_all(program, report)


@LENIENT
@given(
    clocked(1)
    | clocked(2)
    | clocked(3)
    | clocked(1, hunts=True)
    | clocked(1, earns=True)
    | clocked(1, days=True)
)
def test_nothing_is_told_of_times_that_is_not_so(text: str) -> None:
    program, report, found = told(text, EIGHTH if "90m" in text or "30m" in text else QUARTER)
    hold_loosely(program, report, found)
    replay_all(program, report)


@LENIENT
@given(clocked(1) | clocked(2) | clocked(1, hunts=True))
def test_nothing_is_told_that_is_not_so_where_times_are_too_many_to_tell_apart(text: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pace, "_MOST", 1)
        program, report, found = told(text, QUARTER)
    hold_loosely(program, report, found)
    replay_all(program, report)


@LENIENT
@given(clocked(1, hunts=True) | clocked(1, earns=True) | clocked(0, days=True) | clocked(2))
def test_the_play_of_a_finding_is_made_again_in_the_terminal(text: str) -> None:
    result = checked(text)
    assert result.program is not None
    for one in result.diagnostics:
        if one.witness is not None:
            game = play_witness(result.program, one.witness, lambda _: None, LOOK).game
            again = resume(result.program, game.seed, game.moves)
            assert (again.state, again.now, again.moves) == (game.state, game.now, game.moves)
