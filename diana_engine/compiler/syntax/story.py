"""What a writer wrote, construct by construct, with every part located. `None` where a part was not readable.

Names are not resolved here: that `to:` holds the id of a fragment is known, that there is such a fragment is not.

What a story has by the ten thousand is slotted and, unlike other values of the engine, not frozen: that takes a third
of the time.
"""

from __future__ import annotations

from dataclasses import field

from diana_engine.compiler.syntax.parts import (
    Parsed,
    ParsedCost,
    ParsedEffect,
    ParsedRequirement,
    ParsedText,
)
from diana_engine.compiler.syntax.systems import ParsedSystems
from diana_engine.program.model import MediaKind
from diana_engine.records import dataclass
from diana_engine.source import Located, SourceFile

__all__ = [
    "Parsed", "ParsedAsk", "ParsedBranch", "ParsedChapter", "ParsedCharacter", "ParsedChoice", "ParsedCondition",
    "ParsedCost", "ParsedDeck", "ParsedEffect", "ParsedFragment", "ParsedIgnore", "ParsedInclude", "ParsedItem", "ParsedLevel",
    "ParsedManifest", "ParsedMedia", "ParsedRemind", "ParsedRequirement", "ParsedShared", "ParsedStory", "ParsedStorylet",
    "ParsedText", "ParsedVariable", "ParsedWait",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParsedVariable:
    """A variable's declaration."""

    id: Located
    type: Located | None = None
    initial: Located | None = None
    minimum: Located | None = None
    maximum: Located | None = None
    values: tuple[Located, ...] = ()
    max_length: Located | None = None


@dataclass(frozen=True, slots=True)
class ParsedItem:
    """An item's declaration."""

    id: Located
    name: Located | None = None
    category: Located | None = None
    clue: bool = False
    maximum: int = 1
    text: Located | None = None
    photo: Located | None = None


@dataclass(frozen=True, slots=True)
class ParsedCondition:
    """A named requirement; `requirement` is empty where it could not be read."""

    id: Located
    requirement: ParsedRequirement = ()


@dataclass(frozen=True, slots=True)
class ParsedCharacter:
    """A character's declaration."""

    id: Located
    name: Located | None = None


@dataclass(frozen=True, slots=True)
class ParsedWait:
    """``wait:``, ``skip:`` and ``remind:`` of a fragment or a choice; each is `None` where it does not stand or could not be read."""

    time: Located | None = None
    skip: ParsedCost | None = None
    remind: ParsedRemind | None = None


@dataclass(frozen=True, slots=True)
class ParsedRemind:
    """``remind:``, which `key` locates."""

    key: Located
    after: Located | None = None
    text: ParsedText | None = None


@dataclass(frozen=True, slots=True)
class ParsedMedia:
    """``photo: gate.jpg``: the key, and where the name of the file stands."""

    kind: MediaKind
    file: Located


@dataclass(frozen=True, slots=True)
class ParsedIgnore:
    """``ignore: DIA407``, and from where to where in its file it holds."""

    code: Located
    start: int
    end: int


@dataclass(slots=True, eq=False)
class ParsedChoice:
    """A choice. `anchor` is what a finding about all of it points at.

    `included` is the place of the ``include:`` that brought it into its fragment, if one did. `whole` is false where a key could not be told: what is absent may then only be unread.
    """

    anchor: Located
    whole: bool = True
    id: Located | None = None
    text: ParsedText | None = None
    requires: ParsedRequirement = ()
    access: Located | None = None
    locked: ParsedText | None = None
    cost: ParsedCost | None = None
    once: bool = False
    say: ParsedText | None = None
    effects: tuple[ParsedEffect, ...] = ()
    to: Located | None = None
    waits: ParsedWait = ParsedWait()
    ignore: tuple[ParsedIgnore, ...] = ()
    included: Located | None = None


@dataclass(frozen=True, slots=True)
class ParsedInclude:
    """``include: ways_home``: the name of shared choices, and before which of the fragment's own they stand."""

    name: Located
    before: int


@dataclass(frozen=True, slots=True)
class ParsedShared:
    """Choices that several fragments share, and their name."""

    id: Located
    choices: tuple[ParsedChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedBranch:
    """A branch of ``next``; `anchor` is its target. Without `requires` it always holds."""

    to: Located | None
    requires: ParsedRequirement = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class ParsedAsk:
    """``ask:``, which `key` locates; `into` is `None` where it could not be read."""

    key: Located
    into: Located | None = None
    retry: ParsedText | None = None


@dataclass(slots=True, eq=False)
class ParsedStorylet:
    """How decks offer a fragment. `key` is where it says so; `nameless` whether neither a text nor a title was written."""

    key: Located
    tags: tuple[Located, ...] = ()
    text: ParsedText | None = None
    when: ParsedRequirement = ()
    priority: int = 0
    weight: int = 1
    once: bool = False
    nameless: bool = False


@dataclass(slots=True, eq=False)
class ParsedDeck:
    """A deck of storylets; `key` is where it says so."""

    key: Located
    tags: tuple[Located, ...] = ()
    show: int | None = None
    otherwise: Located | None = None


@dataclass(slots=True, eq=False)
class ParsedFragment:
    """A fragment. `readable` is false where its shape was so wrong that nothing is known but its id.

    `whole` is false where a key could not be told. `returns` is the key of ``return: true``.
    """

    id: Located
    readable: bool = True
    whole: bool = True
    kind: Located | None = None
    title: Located | None = None
    speaker: Located | None = None
    text: ParsedText | None = None
    requires: ParsedRequirement = ()
    access: Located | None = None
    otherwise: Located | None = None
    on_enter: tuple[ParsedEffect, ...] = ()
    choices: tuple[ParsedChoice, ...] | None = None
    includes: tuple[ParsedInclude, ...] = ()
    next: tuple[ParsedBranch, ...] | None = None
    storylet: ParsedStorylet | None = None
    deck: ParsedDeck | None = None
    call: Located | None = None
    returns: Located | None = None
    ask: ParsedAsk | None = None
    ending: Located | None = None
    tags: tuple[Located, ...] = ()
    media: tuple[ParsedMedia, ...] = ()
    waits: ParsedWait = ParsedWait()
    ignore: tuple[ParsedIgnore, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedChapter:
    """A chapter. `id` is `None` where it could not be read; `where` stands for the file as a whole."""

    where: Located
    id: Located | None
    title: Located | None
    fragments: tuple[ParsedFragment, ...]


@dataclass(frozen=True, slots=True)
class ParsedLevel:
    """``DIA227: off``: how severe the findings of a code are to be; `level` is `None` where it was not readable."""

    code: Located
    level: Located | None


@dataclass(frozen=True, slots=True)
class ParsedManifest:
    """The manifest."""

    file: SourceFile
    story: Located | None = None
    title: Located | None = None
    language: Located | None = None
    version: Located | None = None
    start: Located | None = None
    time_zone: Located | None = None
    variables: tuple[ParsedVariable, ...] = ()
    items: tuple[ParsedItem, ...] = ()
    conditions: tuple[ParsedCondition, ...] = ()
    characters: tuple[ParsedCharacter, ...] | None = None
    shared: tuple[ParsedShared, ...] = ()
    checks: tuple[ParsedLevel, ...] = ()
    systems: ParsedSystems = field(default_factory=ParsedSystems)


@dataclass(frozen=True, slots=True)
class ParsedStory:
    """All files of a story. A story of one file has its fragments in a chapter ``main``."""

    manifest: ParsedManifest
    chapters: tuple[ParsedChapter, ...]
