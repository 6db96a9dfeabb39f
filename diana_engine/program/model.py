"""A compiled story: everything that playing needs, and nothing else.

The value is immutable. Mappings are in the order of their keys, so that a program that was just compiled and the same
one read from a database behave and print alike. Where an order that the writer chose matters, it stands in a tuple.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, NewType, assert_never, get_args

from diana_engine.expressions.terms import (
    NUMBER_LIMIT,
    ChoiceKey,
    ConditionId,
    Effect,
    FragmentId,
    ItemId,
    Requirement,
    VariableId,
)
from diana_engine.expressions.text import Text
from diana_engine.program.systems import (
    Achievement,
    Around,
    Combination,
    Growth,
    Levels,
    Mission,
    Stage,
    Vip,
)
from diana_engine.records import dataclass

__all__ = [
    "MEDIA_KINDS", "MOST_OFFERED", "NUMBER_LIMIT", "Ask", "Branch", "Call", "Chapter", "ChapterId", "Character", "Choice",
    "Choices", "Cost", "Deck", "Ending", "Exit", "Flag", "Fragment", "Gate", "Item", "Kind", "Media", "MediaKind", "Next",
    "OneOf", "Points", "Program", "Remind", "Return", "StoryId", "Storylet", "Variable", "Wait", "WholeNumber", "Words",
]  # fmt: skip

MOST_OFFERED = 100
"""How many storylets a deck offers at a time where it does not say: as many as Telegram has buttons."""

StoryId = NewType("StoryId", str)
ChapterId = NewType("ChapterId", str)


# Variables ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """A whole number, clamped to its range."""

    initial: int = 0
    minimum: int = -NUMBER_LIMIT
    maximum: int = NUMBER_LIMIT


@dataclass(frozen=True, slots=True)
class Points:
    """A currency: whole, never below 0; effects of a choice that would take it below make the choice unavailable."""

    initial: int = 0
    maximum: int = NUMBER_LIMIT


@dataclass(frozen=True, slots=True)
class Flag:
    """A yes or no."""

    initial: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some words."""

    values: tuple[str, ...]
    initial: str


@dataclass(frozen=True, slots=True)
class Words:
    """A text, never markup and never an expression."""

    initial: str = ""
    max_length: int = 256


Variable = WholeNumber | Points | Flag | OneOf | Words


# Media --------------------------------------------------------------------------------------------------------------

MediaKind = Literal["photo", "video", "audio", "voice", "animation", "document"]
MEDIA_KINDS: tuple[MediaKind, ...] = get_args(MediaKind)


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, a sound or another file: what it is called, and the SHA-256 of its bytes, which are stored by that.

    `digest` is empty in a draft whose file is missing.
    """

    kind: MediaKind
    name: str
    digest: str = ""


# Things and people --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """Something a player may hold, from 0 to `maximum` of it."""

    name: str
    category: str | None = None
    clue: bool = False
    maximum: int = 1
    text: str | None = None
    photo: Media | None = None


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody who speaks."""

    name: str


# Fragments ----------------------------------------------------------------------------------------------------------

Kind = Literal["story", "decision", "info", "ending"]


@dataclass(frozen=True, slots=True)
class Cost:
    """Points that a choice takes; it is available only to who can pay."""

    points: VariableId
    amount: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Time that must pass before the player can go on; who pays `skip` need not wait."""

    seconds: int
    skip: Cost | None = None


@dataclass(frozen=True, slots=True)
class Remind:
    """What a player is told who has not gone on `after` so many seconds in which that was possible."""

    after: int
    text: Text


@dataclass(frozen=True, slots=True)
class Choice:
    """What a player may do in a fragment.

    `locked` is the reason shown when `requires` is not met; without it the choice is hidden then.
    """

    key: ChoiceKey
    text: Text
    to: FragmentId
    requires: Requirement | None = None
    locked: Text | None = None
    cost: Cost | None = None
    once: bool = False
    say: Text | None = None
    effects: tuple[Effect, ...] = ()
    wait: Wait | None = None
    remind: Remind | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """One way on, taken when `requires` holds; `None` always does."""

    to: FragmentId
    requires: Requirement | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """The player chooses. Empty only in a draft: a dead end."""

    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """The player types a value for the variable `into`; `retry` is shown when what was typed does not fit."""

    into: VariableId
    retry: Text | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """The first branch that holds is taken; the last one always does.

    With `ask`, once the player has answered; with `wait`, once the time is over. It has one of them at most.
    """

    branches: tuple[Branch, ...]
    ask: Ask | None = None
    wait: Wait | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """The story ends here."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A sub-story comes first, which begins at `to`. When it returns, the first branch that holds is taken."""

    to: FragmentId
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Return:
    """The sub-story is over: what called it last goes on. Where nothing did, in a draft, this is a dead end."""


@dataclass(frozen=True, slots=True)
class Deck:
    """Storylets are offered, at most `show` of those that fit now, and then the `choices`.

    `storylets` are the highest in priority first, then in the order of writing. Where none fits and there are no choices,
    the player goes on to `otherwise`, or is stuck. With `branches` a storylet is a sub-story, and these come after it.
    """

    storylets: tuple[FragmentId, ...]
    show: int = MOST_OFFERED
    otherwise: FragmentId | None = None
    choices: tuple[Choice, ...] = ()
    branches: tuple[Branch, ...] = ()


Exit = Choices | Next | Ending | Call | Return | Deck


@dataclass(frozen=True, slots=True)
class Gate:
    """Who does not meet `requires` lands in `otherwise` instead; tested before the visit counts."""

    requires: Requirement
    otherwise: FragmentId


@dataclass(frozen=True, slots=True)
class Storylet:
    """How decks offer a fragment: what the button says, when, and how it is chosen among others.

    With `once` it is offered only until it was visited. `tags` tell writers which decks find it; decks know already.
    """

    tags: tuple[str, ...]
    text: Text
    requires: Requirement | None = None
    priority: int = 0
    weight: int = 1
    once: bool = False


@dataclass(frozen=True, slots=True)
class Fragment:
    """A place in the story. `text` and `media` are empty where the player only passes through."""

    id: FragmentId
    chapter: ChapterId
    kind: Kind
    exit: Exit
    text: Text = ()
    title: str | None = None
    speaker: str | None = None
    gate: Gate | None = None
    on_enter: tuple[Effect, ...] = ()
    tags: tuple[str, ...] = ()
    storylet: Storylet | None = None
    remind: Remind | None = None
    media: tuple[Media, ...] = ()

    @property
    def shows(self) -> bool:
        """Whether there is something to be read or looked at."""
        return bool(self.text or self.media)

    @property
    def rests(self) -> bool:
        """Whether the player stops here, a deck's if it has something to offer; else passes through within the step."""
        match self.exit:
            case Next(_, ask, wait):
                return self.shows or ask is not None or wait is not None
            case Call() | Return():
                return self.shows
            case Choices() | Ending() | Deck():
                return True
            case _:
                assert_never(self.exit)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A file of fragments, in the order in which they were written."""

    title: str | None
    fragments: tuple[FragmentId, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled story. `timed` are the fragments of which it is asked when they were entered."""

    story: StoryId
    title: str
    language: str
    version: str
    start: FragmentId
    time_zone: str = "UTC"
    variables: Mapping[VariableId, Variable] = field(default_factory=dict)
    items: Mapping[ItemId, Item] = field(default_factory=dict)
    conditions: Mapping[ConditionId, Requirement] = field(default_factory=dict)
    characters: Mapping[str, Character] = field(default_factory=dict)
    chapters: Mapping[ChapterId, Chapter] = field(default_factory=dict)
    fragments: Mapping[FragmentId, Fragment] = field(default_factory=dict)
    timed: tuple[FragmentId, ...] = ()
    levels: Levels | None = None
    achievements: tuple[Achievement, ...] = ()
    missions: tuple[Mission, ...] = ()
    combinations: tuple[Combination, ...] = ()
    stages: tuple[Stage, ...] = ()
    vip: Vip | None = None
    around: Around = field(default_factory=Around)
    growth: Growth = field(default_factory=Growth)

    @property
    def settles(self) -> bool:
        """Whether anything may happen at the end of a step of play: a level, a mission or an achievement."""
        return bool(self.levels or self.missions or self.achievements)
