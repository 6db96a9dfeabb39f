"""The verdicts on a program, as `diana prove` tells them.

A verdict is what was proved over all plays, or `unknown`. Fragments stand by their full id, choices and the branches
of a `next` as ``fragment#n``, counted from 1 in the order of writing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from diana_engine.compiler.analysis.states.results.played import Played
from diana_engine.expressions.durations import spelled
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.systems import INCOME

__all__ = [
    "DAYS",
    "PASSING",
    "Availability",
    "Dominated",
    "Earning",
    "Effort",
    "Found",
    "FragmentVerdict",
    "Needed",
    "NeedsIncome",
    "PointOfNoReturn",
    "Reachable",
    "Report",
    "Way",
    "combination_of",
    "decided",
    "few",
    "number_of",
    "number_of_combination",
    "number_of_streak",
    "number_of_time",
    "passes",
    "source_of",
    "streak_of",
    "time_of",
    "written",
]  # fmt: skip

Reachable = Literal["yes", "no", "unknown"]
Found = Literal["none", "some", "unknown"]
Availability = Literal["never", "sometimes", "always", "unknown"]
_MOST_REASONS = 3

Way = tuple[FragmentId, int]
"""A choice or branch: its fragment, and its number from 1. In a play, a number below 0 is an income or a
combination, or time that passes: see `source_of`, `combination_of`, `time_of` and `streak_of`."""


def number_of(source: str) -> int:
    """Return the number that stands for an income."""
    return -1 - INCOME.index(source)


def source_of(number: int) -> str | None:
    """Return the income for which a number stands, or nothing for that of a choice."""
    return INCOME[-1 - number] if _COMBINED < number < 0 else None


_COMBINED = -1_000
"""From here downwards numbers stand for combinations."""
PASSING = -1_000_000
"""Stands for time that passes while a player does nothing; from there downwards numbers say how much of it, in seconds."""
DAYS = -(10**12)
"""Stands for days that come and go while a player does nothing in the story; from there downwards numbers say the streak."""


def number_of_combination(index: int) -> int:
    """Return the number that stands for a combination, the first in the manifest being 0."""
    return _COMBINED - index


def combination_of(number: int) -> int | None:
    """Return the index of the combination for which a number stands, or nothing where it stands for none."""
    return _COMBINED - number if PASSING < number <= _COMBINED else None


def number_of_time(seconds: int) -> int:
    """Return the number that stands for so much time."""
    return PASSING - seconds


def time_of(number: int) -> int | None:
    """Return the seconds of time for which a number stands, or nothing where it stands for none."""
    return PASSING - number if DAYS < number <= PASSING else None


def number_of_streak(streak: int) -> int:
    """Return the number that stands for coming to a streak."""
    return DAYS - streak


def streak_of(number: int) -> int | None:
    """Return the streak for which a number stands, or nothing where it stands for none."""
    return DAYS - number if number <= DAYS else None


def passes(number: int) -> bool:
    """Return whether a number stands for what comes while a player does nothing."""
    return number <= PASSING


@dataclass(frozen=True, slots=True)
class FragmentVerdict:
    """Whether players reach a fragment, whether one may be stuck there, and whether one may be past all endings."""

    reachable: Reachable
    stuck: Found
    soft_lock: Found


@dataclass(frozen=True, slots=True)
class PointOfNoReturn:
    """A choice after which no ending may be left, and a shortest play up to and including it.

    `vip` says whether that is so only for players who are VIP at first, or only for those who are not. `played` is the play
    as the rules of play made it, with all that is drawn and typed in it, and the time that passes.
    """

    choice: Way
    witness: tuple[Way, ...]
    vip: bool | None = None
    played: Played | None = None


@dataclass(frozen=True, slots=True)
class Earning:
    """Whether points or a number without a `max` can be gained without end.

    If so, `play` leads to a `loop`, and each time round it brings `gain`. `played` is the play and once round the loop, as
    the rules of play made it.
    """

    variable: str
    farmable: Literal["yes", "no", "unknown"]
    gain: int = 0
    play: tuple[Way, ...] = ()
    loop: tuple[Way, ...] = ()
    played: Played | None = None


@dataclass(frozen=True, slots=True)
class Dominated:
    """A choice that is never better than another one of its fragment, which leaves players better off `in_what`."""

    choice: Way
    by: Way
    in_what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Needed:
    """How often something is to be done outside the story for what is missing, and on how many days that is at least."""

    source: str
    points: str
    times: int
    days: int


@dataclass(frozen=True, slots=True)
class NeedsIncome:
    """A choice, or with number 0 a fragment, to which players come only with what they earn outside the story.

    `missing` is the least of each kind of points that it takes, `by` what brings it; both are empty if that is not known.
    """

    what: Way
    missing: tuple[tuple[str, int], ...] = ()
    by: tuple[Needed, ...] = ()


@dataclass(frozen=True, slots=True)
class Effort:
    """How far a search got: its budget of nodes, how many were used (`None`: all), and what was decided by which layer.

    Each layer stands with how many fragments and choices were decided after it.
    """

    budget: int
    used: int | None
    layers: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All verdicts on a program.

    `winnable` is `None` where it is unknown. `reasons` tell why something is unknown; `bounded` names what has no
    declared `max` or `min` and was followed only up to a cap. `assumed` says what was taken for granted of the world outside.
    `earnings` are about points and numbers without a `max`. `after_calls` tell of each branch that follows a
    sub-story, counted from 1, when it is taken. `gates` tell of each fragment with a requirement of its own
    whether it turns anybody away. `dominated` are choices that are never better than another one, as far as that was found.
    `only_for` says for whom alone a story can end, if not for all: for who is VIP at first, or for who is not.
    `effort` says how far the search got; there is none where nothing was searched. `needs_income` is what nobody comes to without what is earned outside the story, and somebody with it.
    """

    fragments: Mapping[FragmentId, FragmentVerdict]
    choices: Mapping[Way, Availability]
    points_of_no_return: tuple[PointOfNoReturn, ...]
    winnable: bool | None
    reasons: tuple[str, ...] = ()
    bounded: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    earnings: tuple[Earning, ...] = ()
    gates: Mapping[FragmentId, Found] = field(default_factory=dict)
    after_calls: Mapping[Way, Availability] = field(default_factory=dict)
    dominated: tuple[Dominated, ...] = ()
    needs_income: tuple[NeedsIncome, ...] = ()
    combinations: tuple[str, ...] = ()
    effort: Effort | None = None
    only_for: bool | None = None

    @property
    def complete(self) -> bool:
        """Whether nothing is unknown."""
        return (
            self.winnable is not None
            and not self.reasons
            and "unknown" not in self.choices.values()
            and "unknown" not in self.gates.values()
            and "unknown" not in self.after_calls.values()
            and not any(
                "unknown" in (one.reachable, one.stuck, one.soft_lock)
                for one in self.fragments.values()
            )
        )

    @property
    def followed(self) -> bool:
        """Whether plays were followed at all: they are not where a story has something that no analysis knows yet."""
        return any(one.reachable != "unknown" for one in self.fragments.values())


def decided(report: Report) -> tuple[int, int]:
    """Return of how many fragments and of how many choices all is known."""
    return (
        sum(
            "unknown" not in (one.reachable, one.stuck, one.soft_lock)
            for one in report.fragments.values()
        ),
        sum(one != "unknown" for one in report.choices.values()),
    )


def few(reasons: Sequence[str]) -> str:
    """Return the first of many reasons in a sentence, and how many more there are."""
    told = "; ".join(reasons[:_MOST_REASONS])
    left = len(reasons) - _MOST_REASONS
    return f"{told}; and {left} more" if left > 0 else told


def written(way: Way, combinations: Sequence[str] = ()) -> str:
    """Return how a way is named in reports; of what was put together, or earned outside the story, where and what.

    Of time, it is said how much passed, and of days, to which streak.
    """
    fragment, number = way
    if (seconds := time_of(number)) is not None:
        return f"{fragment}~{spelled(seconds) if seconds else ''}"
    if (streak := streak_of(number)) is not None:
        return f"{fragment}@{streak}"
    if (index := combination_of(number)) is not None:
        return f"{fragment}*{combinations[index]}"
    if (source := source_of(number)) is not None:
        return f"{fragment}+{source}"
    return f"{fragment}#{number}"
