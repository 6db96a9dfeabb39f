"""What a writer is told of all plays, held against every play of the story as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from diana_engine.adapters.terminal.screen import Look
from diana_engine.adapters.terminal.witness import as_playthrough, play_witness
from diana_engine.adapters.terminal.words import words
from diana_engine.compiler.compilation import Compilation
from diana_engine.compiler.load import Document, Sources, read_text
from diana_engine.compiler.pipeline import compile_sources
from diana_engine.compiler.playthroughs import check_playthrough, read_playthrough
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.play.state import PlayerState
from diana_engine.program.model import Choices, Program
from diana_engine.source import SourceFile
from strategies.brute import Brute, explore

LENIENT = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
LOOK = Look(words("en"), 80, colour=False, spoilers="bracketed")
HEAD = """\
story: s
title: S
language: en
start: n0
variables:
  met: {type: flag}
  trust: {type: number, min: 0, max: 3}
  coins: {type: points, max: 3, initial: 1}
items:
  key: {name: Key}
conditions:
  close: trust >= 2 or met
fragments:
"""
ASKS = (
    "met", "not met", "trust >= 2", "trust < 1", "has key", "not has key", "close", "chance(40)",
    "coins >= 2", "visits(n1) >= 2", "visited n2", "has key and trust >= 1", "[met, has key]",
)  # fmt: skip
DOES = (
    "set met", "clear met", "trust += 1", "trust -= 1", "give key", "take key", "coins += 1",
    "coins -= 1", "trust = 0", "'trust += roll(0 to 2)'",
)  # fmt: skip


@st.composite
def stories(draw: st.DrawFn) -> str:
    """Return a small story in which much can go wrong."""
    count = draw(st.integers(3, 5))
    names = [f"n{index}" for index in range(count)] + ["end"]

    def maybe(line: str, values: tuple[str, ...], often: int = 2) -> list[str]:
        found = draw(st.sampled_from(values))
        return [line.format(found)] if draw(st.integers(0, often)) == 0 else []

    lines: list[str] = []
    for index, name in enumerate(names[:-1]):
        later = names[index + 1 :]
        lines += [f"  {name}:"]
        if index and draw(st.integers(0, 4)) == 0:
            lines += [f"    requires: {draw(st.sampled_from(ASKS))}", f"    otherwise: {later[-1]}"]
        lines += maybe("    on_enter: [{}]", DOES, 3)
        if draw(st.integers(0, 4)) == 0:
            lines += ["    text: T"] if draw(st.booleans()) else []
            lines += ["    next:", f"      - if: {draw(st.sampled_from(ASKS))}"]
            lines += [f"        to: {draw(st.sampled_from(later))}"]
            lines += [f"      - to: {draw(st.sampled_from(later))}"]
            continue
        lines += ["    text: T", "    choices:"]
        for number in range(1, draw(st.integers(1, 3)) + 1):
            # Mostly a story leads on: else all there is to tell is that nothing leads to its other rooms.
            to = later[0] if number == 1 else draw(st.sampled_from(names))
            lines += [f"      - text: Go {name} {number}", f"        to: {to}"]
            lines += maybe("        requires: {}", ASKS, 4 if number == 1 else 1)
            lines += maybe("        effects: [{}]", DOES, 1)
            lines += maybe("        cost: {} coins", ("1", "2"), 5)
            lines += maybe("        once: {}", ("true",), 5)
    return HEAD + "\n".join([*lines, "  end:", "    text: E", "    ending: e"]) + "\n"


def compiled(text: str) -> Compilation:
    file = SourceFile("story.yaml", text)
    root, found = read_text(file)
    assert not found
    return compile_sources(Sources(Path(), Document(file, root, True), ()))


def marked(one: Diagnostic) -> str:
    span = one.primary.span
    return span.file.text[span.start : span.end]


def way_at(one: Diagnostic) -> tuple[str, int]:
    """Return the choice at or after which a finding stands, by its words ``Go n1 2``."""
    text, at = one.primary.span.file.text, one.primary.span.start
    begin = text.rindex("Go ", 0, at + 3)
    _, name, number = text[begin : text.index("\n", begin)].split()
    return f"main.{name}", int(number)


def played(program: Program, one: Diagnostic, folder: Path) -> PlayerState:
    """Return where the play of a finding leads; as a playthrough it leads there too."""
    assert one.witness is not None
    play = play_witness(program, one.witness, lambda _: None, LOOK)
    if not one.witness.laid:
        path = folder / "play.yaml"
        path.write_text(as_playthrough(one, play), encoding="utf-8")
        playthrough, found = read_playthrough(path)
        assert playthrough is not None, found
        assert check_playthrough(program, playthrough) == []
    return play.game.state


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plays")


def of(result: Compilation, *codes: str) -> list[Diagnostic]:
    return [one for one in result.diagnostics if one.code in codes]


def tried(text: str) -> tuple[Compilation, Program, Brute]:
    result = compiled(text)
    assert result.program is not None, [one.message for one in result.diagnostics]
    found = explore(result.program)
    assume(found.complete)
    assert result.report is not None
    assert result.report.complete
    return result, result.program, found


def has_graph_error(result: Compilation) -> bool:
    return any(one.family == 4 and one.severity == "error" for one in result.diagnostics)


@LENIENT
@given(stories())
def test_each_soft_lock_is_told_at_exactly_its_points_of_no_return(text: str) -> None:
    result, program, found = tried(text)
    told = [one for one in of(result, "DIA501") if marked(one).startswith("Go ")]
    ways = [way_at(one) for one in told]
    wanted = {
        way
        for way in found.losing
        if isinstance(program.fragments[way[0]].exit, Choices)  # type: ignore[index]
    }
    assert len(ways) == len(set(ways))
    assert set(ways) <= wanted
    if not has_graph_error(result):
        assert set(ways) == (wanted if found.winnable else set())
        assert bool(of(result, "DIA502")) == (not found.winnable)
    if found.winnable and not found.locked:
        assert not of(result, "DIA501", "DIA502", "DIA503")


@LENIENT
@given(stories())
def test_the_play_of_a_finding_can_be_played_and_locks_its_player_in(
    folder: Path, text: str
) -> None:
    result, program, found = tried(text)
    numbers: dict[str, int] = {}
    for one in result.diagnostics:
        if one.witness is None:
            continue
        numbers[one.code] = numbers.get(one.code, 0) + 1
        assert one.witness.number == numbers[one.code]
        assert played(program, one, folder).fragment in found.locked
        if one.code == "DIA501" and marked(one).startswith("Go "):
            assert len(one.witness.steps) == found.losing[way_at(one)]


@LENIENT
@given(stories())
def test_what_is_said_never_or_always_to_be_is_so_in_every_play(text: str) -> None:
    result, program, found = tried(text)
    for one in of(result, "DIA505"):
        assert way_at(one) not in found.opened, one.message
    for one in of(result, "DIA510"):
        assert way_at(one) not in found.shut, one.message
    for one in of(result, "DIA504", "DIA506", "DIA508"):
        named = [id for id in program.fragments if f"`{id}`" in one.message]
        if one.code == "DIA506":
            named = ["main.end"]  # type: ignore[list-item]
        assert named
        assert not found.entered.intersection(named), one.message


@LENIENT
@given(stories())
def test_what_no_play_comes_to_is_told_once_or_follows_from_what_is(text: str) -> None:
    result, program, found = tried(text)
    if of(result, "DIA502") or has_graph_error(result):
        return
    lost = program.fragments.keys() - found.entered
    ordinary = {"DIA224", "DIA226", "DIA321", "DIA322", "DIA323", "DIA326", "DIA401"}
    known = [one for one in result.diagnostics if one.family == 5 or one.code in ordinary]
    assert not lost or known, lost
    told = [way_at(one) for one in of(result, "DIA505")]
    assert len(told) == len(set(told))
