"""A program as a graph over whole numbers: the form in which all plays are analysed.

A place is a fragment, entered. A variable is a part of a player's state that some requirement asks for, as a whole
number; flags are 0 or 1. An edge leads from place to place where its guard holds, and changes variables by
``x := max(a, min(b, x + k))``; changes one after the other are again of this form. `lowering` makes models from
programs, and a property test holds every model equal to `play`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from diana_engine.compiler.analysis.states.graph.pace import TIMELESS, Pace
from diana_engine.expressions.terms import NUMBER_LIMIT, FragmentId

__all__ = [
    "ALWAYS", "BEYOND", "LIMIT", "NEVER", "NOWHERE", "UNCHANGED", "AllOf", "Always", "AnyOf", "AtLeast", "Below", "Change", "Changes", "Edge",
    "Guard", "Model", "Never", "Option", "Slot", "Turn", "Variable", "changed",
]  # fmt: skip

Slot = tuple[
    Literal["value", "item", "visits", "chosen", "draw", "earned", "level", "achieved", "pending", "active", "done", "count",
            "tally", "vip", "streak", "stack", "entered", "begun", "rested", "late"],
    str,
]  # fmt: skip
"""A part of a player's state: its kind, and the id in that kind; of a draw, its fragment, place and size.

`earned` is what was earned of points, `level` a level that was reached, `achieved` an achievement, which is `pending` until
the step ends. A mission is `active` and was `done`; a `count` is what one that repeats has counted since it began, a `tally`
all there ever was of an event. `vip` and `streak` are as the world will have them. Clocks count how much time has passed since a
fragment was `entered`, a mission that is under way was `begun`, and one that may be repeated was done and `rested`; `late` counts how
often time has passed in the present wait.
"""

Turn = FragmentId | tuple[FragmentId, int]
"""How an edge comes to lead where it does: a gate turned the player away, or the sub-story that a fragment called was over, and its
branch of this number, from 1, was taken."""

NOWHERE = -1
"""The source of the edges with which plays begin, and their option."""


# Guards -------------------------------------------------------------------------------------------------------------
#
# Guards are compared by identity, and `guards.Guards` makes each only once: they share parts, and a walk that forgets
# where it has been could take for ever.


@dataclass(frozen=True, slots=True, eq=False)
class Always:
    """Holds in every state."""


@dataclass(frozen=True, slots=True, eq=False)
class Never:
    """Holds in no state."""


@dataclass(frozen=True, slots=True, eq=False)
class AtLeast:
    """The variable has this value or more."""

    variable: int
    bound: int


@dataclass(frozen=True, slots=True, eq=False)
class Below:
    """The variable has less than this value."""

    variable: int
    bound: int


@dataclass(frozen=True, slots=True, eq=False)
class AllOf:
    """Every part holds; there are two or more."""

    guards: tuple[Guard, ...]


@dataclass(frozen=True, slots=True, eq=False)
class AnyOf:
    """At least one part holds; there are two or more."""

    guards: tuple[Guard, ...]


Guard: TypeAlias = Always | Never | AtLeast | Below | AllOf | AnyOf

ALWAYS = Always()
NEVER = Never()


# Changes ------------------------------------------------------------------------------------------------------------

Change = tuple[int, int, int]
"""``(k, a, b)`` makes x to ``max(a, min(b, x + k))``."""
Changes: TypeAlias = Mapping[int, Change]
"""What becomes of each variable that is changed."""

UNCHANGED: Changes = {}


def changed(value: int, change: Change) -> int:
    """Return what a value becomes."""
    k, least, most = change
    return max(least, min(most, value + k))


# The graph ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Variable:
    """A part of a player's state that some requirement asks for.

    `low` and `high` are what it can come to. Where a story declares no end and none could be derived, they are
    artificial and the variable is `capped`: values beyond are taken for the end. `words` are those of a one_of or
    text variable that have values of their own, from 1; all others are 0. `marks` are those of a clock: its value is how many
    of these seconds have passed, and all of them for a clock that does not go.
    """

    slot: Slot
    low: int
    high: int
    initial: int
    capped: bool = False
    words: Mapping[str, int] = field(default_factory=dict)
    marks: tuple[int, ...] = ()


class Edge(NamedTuple):
    """A way from place to place, with all that happens on it up to having entered the target.

    It belongs to the option with this index. After it the `loose` variables have any value of their range, as the
    player or luck will have it. An edge that is not `certain` may or may not be there: it stands for what is opaque
    to the analysis.
    """

    source: int
    target: int
    guard: Guard
    changes: Changes
    option: int
    certain: bool = True
    loose: tuple[int, ...] = ()


class Option(NamedTuple):
    """A way on from its place, with its `number` among them (`program.exits.ways_of`).

    0 is what nobody chooses: that a wait ends, or that who came by comes to rest.

    Where `open` holds it may be taken with the best luck; where `sure` holds, whatever is drawn. If it is not `certain`,
    `open` says too much and `sure` too little.
    """

    place: int
    number: int
    open: Guard
    sure: Guard
    certain: bool = True


@dataclass(slots=True)
class Model:
    """All plays of a program.

    `out` and `inn` hold the numbers of the edges that leave and enter each place, `options_of` the numbers of its
    options. `beginnings` are the edges with which plays begin: their source is `NOWHERE`, and their guards and changes
    are over the initial values. A place with `rests` 0 is passed through: no player chooses there. `opaque` says
    what could not be followed: a choice, branch or fragment, and why.

    The first places are the program's fragments, in its order. After them come places beside these: where one waits on
    the way of a choice, and, for decks that players may pass by, where they come to see whether there is anything to rest
    for; `coming` leads from the deck to that, and `waits` says of a place where one waits on the way of which choice it is.
    `turned` holds the edges on which gates turn players away, or sub-stories end, with how they come to lead where they do. `pace` says how time
    passes for clocks, where there are any.
    """

    variables: list[Variable]
    places: list[FragmentId]
    ending: bytearray
    rests: bytearray
    edges: list[Edge]
    out: list[list[int]]
    inn: list[list[int]]
    options: list[Option]
    options_of: list[range]
    beginnings: list[int]
    coming: Mapping[int, int] = field(default_factory=dict)
    waits: Mapping[int, int] = field(default_factory=dict)
    turned: Mapping[int, tuple[Turn, ...]] = field(default_factory=dict)
    opaque: dict[str, str] = field(default_factory=dict)
    pace: Pace = TIMELESS


LIMIT = NUMBER_LIMIT
"""The bound of a variable to which nothing sets an end."""
BEYOND = 64
"""How far past the largest constant of a story a number without a bound is followed."""
