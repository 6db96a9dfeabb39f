"""Every requirement of a story beside the words that state it, so that a finding about a part points at that part.

Terms hold no places, and syntax trees hold no meaning. Without errors the two have the same shape, but for ``is not``,
which is one word of the writer's and two terms; walking them in step gives each term its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.syntax.story import (
    ParsedChoice,
    ParsedFragment,
    ParsedRequirement,
    ParsedText,
    ParsedWait,
)
from diana_engine.expressions.syntax import (
    AlternativesSyntax,
    AndSyntax,
    Expression,
    FormatSyntax,
    LinkSyntax,
    NotSyntax,
    OrSyntax,
    TextSyntax,
    WhenSyntax,
)
from diana_engine.expressions.terms import All, Any, ConditionId, Not, Requirement
from diana_engine.expressions.text import Alternatives, Format, Link, Plain, Text, When
from diana_engine.program.exits import ask_of, branches_of, choices_of
from diana_engine.program.model import Choice, Fragment, Remind
from diana_engine.records import dataclass
from diana_engine.source import Located, Span

__all__ = [
    "Asked",
    "Ladder",
    "Questions",
    "asked_inside",
    "asked_of",
    "questions_of",
    "without_access",
]


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement, or a part of one; `syntax` is `None` for a list of which all must hold, with `members`."""

    source: Located
    syntax: Expression | None
    term: Requirement
    members: tuple[Asked, ...] = ()

    @property
    def span(self) -> Span:
        """Where it stands in its file."""
        if self.syntax is None:
            return self.source.whole
        return self.source.span(self.syntax.start, self.syntax.end)

    @property
    def words(self) -> str:
        """What the writer wrote there."""
        if self.syntax is None:
            return self.source.text
        return self.source.text[self.syntax.start : self.syntax.end]

    def parts(self) -> Iterator[Asked]:
        """Yield what it directly consists of; nothing for one that asks about one thing."""
        match self.syntax, self.term:
            case None, _:
                yield from self.members
            case NotSyntax(operand), Not(inner):
                yield Asked(self.source, operand, inner)
            case (AndSyntax(operands), All(terms)) | (OrSyntax(operands), Any(terms)):
                for syntax, term in zip(operands, terms, strict=True):
                    yield Asked(self.source, syntax, term)
            case _:
                pass

    def all(self) -> Iterator[Asked]:
        """Yield it and everything in it, from the outside in."""
        yield self
        for part in self.parts():
            yield from part.all()


@dataclass(frozen=True, slots=True)
class Ladder:
    """Requirements that are tried one after the other: the branches of a `next:`, or of an ``{if …}``.

    `has_rest` says whether a branch without a requirement comes last. `within` must hold for any of it to be looked at:
    what the ``{if …}`` asks in which this one stands.
    """

    branches: tuple[Asked, ...]
    has_rest: bool
    within: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True)
class Questions:
    """Every requirement of a story, and which of them are tried one after the other."""

    all: tuple[Asked, ...]
    ladders: tuple[Ladder, ...]


def questions_of(story: CheckedStory) -> Questions:
    """Return every requirement of a story, those in texts included."""
    ladders = tuple(_ladders(story))
    steps = (ladder.branches for ladder in ladders)
    rest = chain.from_iterable((_of_conditions(story), _of_fragments(story), *steps))
    return Questions(tuple(rest), ladders)


def _of_conditions(story: CheckedStory) -> Iterator[Asked]:
    for condition in story.manifest.conditions:
        term = story.conditions.get(ConditionId(condition.id.text))
        yield from _one(condition.requirement, term)
    for parsed, term in story.systems.asked:
        yield from _one(parsed, term)


def _of_fragments(story: CheckedStory) -> Iterator[Asked]:
    for id, fragment in story.fragments.items():
        yield from _of_fragment(fragment, story.places[id])


def asked_inside(fragment: Fragment, place: ParsedFragment) -> Iterator[Asked]:
    """Yield what a fragment asks once a player is in it; of choices that are its own and not included."""
    for parsed, choice in _choices(fragment, place):
        if parsed.included is None:
            yield from _one(parsed.requires, without_access(choice.requires, parsed.access))
    for ladder in _ladders_of(fragment, place, shared=False):
        yield from ladder.branches


def _ladders(story: CheckedStory) -> Iterator[Ladder]:
    for id, fragment in story.fragments.items():
        yield from _ladders_of(fragment, story.places[id])


def _ladders_of(
    fragment: Fragment, place: ParsedFragment, *, shared: bool = True
) -> Iterator[Ladder]:
    if place.next:
        branches = zip(place.next, branches_of(fragment.exit), strict=True)
        steps = (_one(parsed.requires, branch.requires) for parsed, branch in branches)
        yield Ladder(tuple(chain.from_iterable(steps)), has_rest=True)
    for parsed_text, text in _texts(fragment, place, shared=shared):
        if parsed_text is not None and parsed_text.syntax:
            yield from _in_text(parsed_text.source, parsed_text.syntax, text, ())


def _asks(text: Text | None) -> bool:
    """Whether a text may ask anything; nearly all are words alone, and are gone past at once."""
    if not text:
        return False
    return len(text) > 1 or not isinstance(text[0], Plain)


def asked_of(parsed: ParsedRequirement, term: Requirement | None) -> Asked | None:
    """Return what a writer wrote beside what it means, or `None` where nothing is required."""
    if term is None or not parsed:
        return None
    if len(parsed) == 1:
        return Asked(parsed[0].source, parsed[0].syntax, term)
    if isinstance(term, All):
        members = zip(parsed, term.requirements, strict=True)
        each = tuple(Asked(part.source, part.syntax, inner) for part, inner in members)
        return Asked(parsed[0].source, None, term, each)
    return None


def _one(parsed: ParsedRequirement, term: Requirement | None) -> Iterator[Asked]:
    if (asked := asked_of(parsed, term)) is not None:
        yield asked


def _of_fragment(fragment: Fragment, place: ParsedFragment) -> Iterator[Asked]:
    gate = fragment.gate.requires if fragment.gate else None
    yield from _one(place.requires, without_access(gate, place.access))
    if place.storylet is not None and fragment.storylet is not None:
        yield from _one(place.storylet.when, fragment.storylet.requires)
    for parsed, choice in _choices(fragment, place):
        yield from _one(parsed.requires, without_access(choice.requires, parsed.access))


def without_access(term: Requirement | None, access: Located | None) -> Requirement | None:
    """Return what `requires:` states of a term to which `access:` may have been added."""
    if access is not None and isinstance(term, All):
        return term.requirements[1]
    return None if access is not None else term


def _choices(fragment: Fragment, place: ParsedFragment) -> Iterator[tuple[ParsedChoice, Choice]]:
    yield from zip(place.choices or (), choices_of(fragment.exit), strict=True)


def _texts(
    fragment: Fragment, place: ParsedFragment, *, shared: bool
) -> Iterator[tuple[ParsedText | None, Text]]:
    """Yield the texts that may ask something, beside what was written."""
    if _asks(fragment.text):
        yield place.text, fragment.text
    if place.storylet is not None and fragment.storylet is not None:
        yield place.storylet.text, fragment.storylet.text
    yield from _reminded(place.waits, fragment.remind)
    if (ask := ask_of(fragment.exit)) is not None and place.ask is not None:
        yield place.ask.retry, ask.retry or ()
    for parsed, choice in _choices(fragment, place):
        if parsed.included is not None and not shared:
            continue
        if _asks(choice.text):
            yield parsed.text, choice.text
        if _asks(choice.locked):
            yield parsed.locked, choice.locked or ()
        if _asks(choice.say):
            yield parsed.say, choice.say or ()
        yield from _reminded(parsed.waits, choice.remind)


def _reminded(waits: ParsedWait, remind: Remind | None) -> Iterator[tuple[ParsedText | None, Text]]:
    if waits.remind is not None and remind is not None:
        yield waits.remind.text, remind.text


def _in_text(
    source: Located, syntax: TextSyntax, text: Text, within: tuple[Requirement, ...]
) -> Iterator[Ladder]:
    for written, part in zip(syntax, text, strict=True):
        match written, part:
            case (FormatSyntax(_, inside), Format(_, inner)) | (
                LinkSyntax(_, inside),
                Link(_, inner),
            ):
                yield from _in_text(source, inside, inner, within)
            case AlternativesSyntax(_, options), Alternatives(_, read):
                for option, inner in zip(options, read, strict=True):
                    yield from _in_text(source, option, inner, within)
            case WhenSyntax(), When():
                yield from _when(source, written, part, within)
            case _:
                pass


def _when(
    source: Located, syntax: WhenSyntax, when: When, within: tuple[Requirement, ...]
) -> Iterator[Ladder]:
    branches = list(zip(syntax.branches, when.branches, strict=True))
    steps = tuple(
        Asked(source, written.requirement, branch.requirement)
        for written, branch in branches
        if written.requirement is not None and branch.requirement is not None
    )
    yield Ladder(steps, has_rest=len(steps) < len(branches), within=within)
    for written, branch in branches:
        asked = () if branch.requirement is None else (branch.requirement,)
        yield from _in_text(source, written.text, branch.text, within + asked)
        within += tuple(map(Not, asked))
