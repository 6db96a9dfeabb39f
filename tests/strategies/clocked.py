"""Random stories that ask what time it is, and every play of them by brute force, with time passing in small steps.

The rules of play make every move. A player's time always begins at 0: when time passes, what happened is put so much
further back, and what is further back than anything asks for is not told apart. So the states are finitely many.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st

from diana_engine.play import rules
from diana_engine.play.actions import Choose, Continue, Earn, Skip
from diana_engine.play.earning import DAY
from diana_engine.play.events import FragmentEntered
from diana_engine.play.state import PlayerState
from diana_engine.play.walk import Walk
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Ending, Program
from tests.strategies.brute import Fate, Table, Way, rule

__all__ = ["LONGEST", "MISSIONS", "Clocked", "clocked", "lived"]

_Key = TypeVar("_Key", bound=str)
LONGEST_STREAK = 3
LONGEST = 2 * 3_600
"""No story asks for more seconds than these."""

HEAD = """\
story: s
title: S
language: en
version: 1.0.0
start: n0
variables:
  met: {type: flag}
  coins: {type: points, max: 2, initial: 1}
items:
  key: {name: Key}
"""
MISSIONS = """\
missions:
  hunt:
    title: Hunt
    steps: [{item: key}]
    effects: [set met]
"""
ASKS = (
    "met", "not met", "has key", "coins >= 2", "visited n1",
    "hours_since(n0) >= 1", "hours_since(n0) < 2", "hours_since(n0) == 1", "hours_since(n0) != 1",
    "not visited n0 or hours_since(n0) >= 2", "hours_since(n0) between 0 and 1",
)  # fmt: skip
OTHERS = (
    "hours_since(n1) >= 1", "hours_since(n1) < 1", "hours_since(n1) >= 2",
    "hours_since(n1) >= 1 and hours_since(n0) < 2", "2 > hours_since(n1)",
)  # fmt: skip
THIRDS = ("hours_since(n2) >= 1", "hours_since(n2) < 1 and hours_since(n1) >= 1")
HUNTS = ("mission hunt done", "mission hunt active", "not mission hunt done")
DAYS = ("streak >= 2", "streak < 2", "streak == 1", "streak * coins >= 2")
DOES = ("set met", "clear met", "give key", "take key", "coins += 1", "coins -= 1")
WAITS = ("30m", "1h", "90m", "1h")


@st.composite
def clocked(
    draw: st.DrawFn,
    clocks: int = 1,
    *,
    waits: bool = True,
    hunts: bool = False,
    earns: bool = False,
    days: bool = False,
) -> str:
    """Return a small story that asks how long so many things are ago."""
    count = draw(st.integers(2, 4))
    names = [f"n{index}" for index in range(max(count, clocks))] + ["end"]
    asks = ASKS + OTHERS * (clocks > 1) + THIRDS * (clocks > 2) + HUNTS * hunts
    asks = asks if clocks else ("met", "has key", "coins >= 2", "visited n1", "not met")
    asks += DAYS * 2 * days
    does = DOES + ("start hunt",) * (3 if hunts else 0)
    lines = [HEAD.rstrip()]
    if hunts:
        lines += [MISSIONS.rstrip()]
        lines += [f"    expires: {draw(st.sampled_from(WAITS))}"] if draw(st.booleans()) else []
        if draw(st.booleans()):
            lines += ["    repeat: true"]
            lines += (
                [f"    cooldown: {draw(st.sampled_from(WAITS))}"] if draw(st.booleans()) else []
            )

    def maybe(line: str, values: tuple[str, ...], often: int) -> list[str]:
        found = draw(st.sampled_from(values))
        return [line.format(found)] if draw(st.integers(0, often)) == 0 else []

    def wait(indent: str, often: int) -> list[str]:
        found = maybe(indent + "wait: {}", WAITS, often) if waits else []
        return found + (maybe(indent + "skip: {} coins", ("1", "2"), 1) if found else [])

    lines += ["income:", "  check_in: {points: coins, amount: 1}"] if earns else []
    lines += ["streak: {reward: coins += 1}"] if days else []
    lines += ["fragments:"]
    for index, name in enumerate(names[:-1]):
        later = names[index + 1 :]
        lines += [f"  {name}:"]
        if index and draw(st.integers(0, 4)) == 0:
            lines += [f"    requires: {draw(st.sampled_from(asks))}", f"    otherwise: {later[-1]}"]
        lines += maybe("    on_enter: [{}]", does, 3)
        if draw(st.integers(0, 3)) == 0:
            rests = draw(st.booleans())
            lines += ["    text: T"] if rests else []
            lines += wait("    ", 1) if rests else []
            lines += ["    next:", f"      - if: {draw(st.sampled_from(asks))}"]
            lines += [f"        to: {draw(st.sampled_from(later))}"]
            lines += [f"      - to: {draw(st.sampled_from(later))}"]
            continue
        lines += ["    text: T", "    choices:"]
        for number in range(1, draw(st.integers(1, 3)) + 1):
            to = later[0] if number == 1 else draw(st.sampled_from(names))
            lines += [f"      - text: Go {name} {number}", f"        to: {to}"]
            lines += maybe("        requires: {}", asks, 3 if number == 1 else 1)
            lines += maybe("        effects: [{}]", does, 1)
            lines += maybe("        once: {}", ("true",), 5)
            lines += wait("        ", 4)
    return "\n".join([*lines, "  end:", "    text: E", "    ending: e"]) + "\n"


# Brute force --------------------------------------------------------------------------------------------------------


@dataclass
class Clocked:
    """What was found, as in `brute.Brute`; `edges` say also how many of a player's moves each is."""

    entered: set[str] = field(default_factory=set)
    opened: set[Way] = field(default_factory=set)
    shut: set[Way] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)
    losing: dict[Way, int] = field(default_factory=dict)
    lost_by_time: set[str] = field(default_factory=set)
    winnable: bool = False
    complete: bool = True


def lived(program: Program, tick: int, budget: int = 4_000) -> Clocked:
    """Return all that plays of `program` come to if players do something every `tick` seconds, or wait for a while."""
    with pytest.MonkeyPatch.context() as patched:
        fate = Fate(program)
        rule(patched, fate)
        return _Lives(program, fate, tick).run(budget)


class _Lives:
    def __init__(self, program: Program, fate: Fate, tick: int) -> None:
        self.program, self.fate, self.tick, self.found = program, fate, tick, Clocked()
        self.stands: list[tuple[PlayerState, Table]] = []
        self.index: dict[Any, int] = {}
        self.edges: list[tuple[int, int, int, int]] = []
        self.idle: set[int] = set()

    def run(self, budget: int) -> Clocked:
        for walk in self.fate.runs({}, lambda: rules.begin(self.program, 0)):
            self.add(walk)
        begins, done = len(self.stands), 0
        while done < len(self.stands):
            if len(self.stands) > budget:
                self.found.complete = False
                return self.found
            self.look(done)
            done += 1
        self.judge(begins)
        return self.found

    def add(self, walk: Walk, passed: int = 0) -> int:
        self.found.entered |= {e.fragment for e in walk.events if isinstance(e, FragmentEntered)}
        state = _later(walk.state(), passed)
        table = {
            (0, place, size): value
            for (entry, place, size), value in self.fate.known.items()
            if entry == state.entry and ".deck:" not in place
        }
        state = replace(state, seed=0, entry=0, said=None)
        key = (repr(state), tuple(sorted(table.items())))
        if key not in self.index:
            self.index[key] = len(self.stands)
            self.stands.append((state, table))
        return self.index[key]

    def look(self, source: int) -> None:
        state, table = self.stands[source]
        way_on = self.program.fragments[state.fragment].exit
        if isinstance(way_on, Ending):
            return
        self.fate.known = dict(table)
        later = self.add(Walk(self.program, state), self.tick)
        self.edges.append((source, 0, 0, later))
        for source_of_points in self.program.around.income:
            self.do(source, Earn(source_of_points), 0, 0)
            rested = replace(_later(state, DAY), incomes={})
            self.do(source, Earn(source_of_points), 0, 0, rested)
        if self.program.around.streak is not None:
            self.live(source, min(state.streak + 1, LONGEST_STREAK), DAY)
            self.live(source, 0, 2 * DAY)
        if state.waiting is not None:
            # What is done on the way of a choice belongs to it, and is no move more.
            keys = [choice.key for choice in choices_of(way_on)]
            on_way = state.waiting.choice is not None
            number = 1 + keys.index(state.waiting.choice) if on_way else 1
            self.do(source, Skip(), number, 0 if on_way else 1)
            if state.waiting.due <= 0:
                self.do(source, Continue(), number, 0 if on_way else 1)
            return
        is_open = False
        for number, choice in enumerate(choices_of(way_on), start=1):
            taken = self.do(source, Choose(choice.key), number, 1)
            (self.found.opened if taken else self.found.shut).add((state.fragment, number))
            is_open |= taken
        if not choices_of(way_on):
            is_open = self.do(source, Continue(), 1, 1)
        if not is_open:
            self.idle.add(source)

    def live(self, source: int, streak: int, takes: int) -> None:
        """Let days come and go."""
        state, table = self.stands[source]
        self.fate.known = dict(table)
        later = self.add(Walk(self.program, replace(state, streak=streak)), takes)
        self.edges.append((source, 0, 0, later))

    def do(
        self, source: int, action: Any, number: int, moves: int, at: PlayerState | None = None
    ) -> bool:
        state, table = self.stands[source]
        state = at or state
        some = False
        for walk in self.fate.runs(table, lambda: self.after(state, action)):
            if walk is not None:
                some = True
                self.edges.append((source, number, moves, self.add(walk)))
        return some

    def after(self, state: PlayerState, action: Any) -> Walk | None:
        walk = Walk(self.program, state)
        return None if rules.act(walk, action) is not None else walk

    def judge(self, begins: int) -> None:
        self.judge_idle()
        can_end = self.can_end()
        fragments = [state.fragment for state, _ in self.stands]
        for index, (state, _) in enumerate(self.stands):
            on_way = state.waiting is not None and state.waiting.choice is not None
            if index not in can_end and not on_way:
                self.found.locked.add(state.fragment)
        depth = self.depths(begins)
        for source, number, moves, to in self.edges:
            if source in can_end and to not in can_end:
                if not number:
                    self.found.lost_by_time.add(fragments[source])
                else:
                    way, length = (fragments[source], number), depth[source] + moves
                    self.found.losing[way] = min(self.found.losing.get(way, length), length)

    def can_end(self) -> set[int]:
        before: dict[int, set[int]] = {}
        for source, _, _, to in self.edges:
            before.setdefault(to, set()).add(source)
        waiting = [
            index
            for index, (state, _) in enumerate(self.stands)
            if isinstance(self.program.fragments[state.fragment].exit, Ending)
        ]
        self.found.winnable = bool(waiting)
        found = set(waiting)
        while waiting:
            fresh = before.get(waiting.pop(), set()) - found
            found |= fresh
            waiting.extend(fresh)
        return found

    def judge_idle(self) -> None:
        """Of those who have nothing to do, only those are stuck whom no time helps."""
        later: dict[int, set[int]] = {}
        for source, number, _, to in self.edges:
            if not number:
                later.setdefault(source, set()).add(to)
        helpless = set(self.idle)
        while helped := {one for one in helpless if later[one] - helpless}:
            helpless -= helped
        self.found.stuck = {self.stands[one][0].fragment for one in helpless}

    def depths(self, begins: int) -> dict[int, int]:
        leaving: dict[int, list[tuple[int, int]]] = {}
        for source, _, moves, to in self.edges:
            leaving.setdefault(source, []).append((moves, to))
        found: dict[int, int] = {}
        waiting = [(0, index) for index in range(begins)]
        while waiting:
            length, at = heapq.heappop(waiting)
            if at in found:
                continue
            found[at] = length
            for moves, to in leaving.get(at, ()):
                heapq.heappush(waiting, (length + moves, to))
        return found


def _later(state: PlayerState, passed: int) -> PlayerState:
    """Return a player for whom so much time has passed, as they are told apart."""
    waiting = state.waiting
    if waiting is not None:
        waiting = replace(waiting, due=max(0, waiting.due - passed))
    return replace(
        state,
        entered=_back(state.entered, passed),
        missions={
            id: replace(
                run,
                times=min(run.times, 1),
                since=max(-LONGEST, run.since - passed) if run.active else 0,
                done=max(-LONGEST, run.done - passed) if run.times else 0,
            )
            for id, run in sorted(state.missions.items())
        },
        visits={id: min(count, 1) for id, count in sorted(state.visits.items())},
        chosen=dict.fromkeys(sorted(state.chosen), 1),
        items=dict(sorted(state.items.items())),
        values=dict(sorted(state.values.items())),
        waiting=waiting,
    )


def _back(entered: Mapping[_Key, int], passed: int) -> dict[_Key, int]:
    return {id: max(-LONGEST, at - passed) for id, at in sorted(entered.items())}
