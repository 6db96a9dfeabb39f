"""Do the names and types of one fragment hold? And is its shape one that can be played?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from diana_engine.compiler.checking.structure import check_choices, check_structure
from diana_engine.compiler.names.symbols import ChapterScope
from diana_engine.compiler.syntax.story import (
    Parsed,
    ParsedAsk,
    ParsedBranch,
    ParsedChoice,
    ParsedCost,
    ParsedDeck,
    ParsedEffect,
    ParsedFragment,
    ParsedRequirement,
    ParsedShared,
    ParsedText,
    ParsedWait,
)
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.checking.context import Checking, named_type
from diana_engine.expressions.checking.effects import check_effect
from diana_engine.expressions.checking.requirements import check_requirement
from diana_engine.expressions.checking.texts import check_text, words_alone
from diana_engine.expressions.durations import DAY, seconds_of
from diana_engine.expressions.terms import (
    All,
    ChoiceKey,
    Effect,
    FragmentId,
    IsVip,
    Requirement,
    VariableId,
)
from diana_engine.expressions.text import Plain, Text
from diana_engine.expressions.types import (
    FlagType,
    NumberType,
    PointsType,
    TextType,
    UnknownType,
    WordType,
)
from diana_engine.program.model import (
    MOST_OFFERED,
    Ask,
    Branch,
    Call,
    ChapterId,
    Choice,
    Choices,
    Cost,
    Deck,
    Ending,
    Exit,
    Fragment,
    Gate,
    Kind,
    Media,
    Next,
    Remind,
    Return,
    Storylet,
    Wait,
)
from diana_engine.records import dataclass
from diana_engine.source import Located

__all__ = ["NOWHERE", "check_fragment", "check_requirements", "check_shared", "with_access"]

_LONGEST = 366 * DAY
_Syntax = TypeVar("_Syntax")
_Term = TypeVar("_Term")

NOWHERE = FragmentId("")
"""Stands for a target that is missing. A story that holds one is never lowered, for the missing name is an error."""


@dataclass(frozen=True, slots=True)
class _Context:
    """What is being checked, and where its findings go."""

    id: FragmentId
    scope: ChapterScope
    found: list[Diagnostic]

    def target(self, target: Located | None) -> FragmentId:
        if target is None:
            return NOWHERE
        fragment = self.scope.fragment(target.text)
        if fragment is None:
            self.scope.missing("fragment", target.text, target.whole)
        return fragment or NOWHERE

    def requirement(self, parsed: ParsedRequirement, place: str) -> Requirement | None:
        return check_requirements(parsed, self.scope, f"{self.id}{place}", self.id, self.found)

    def text(self, parsed: ParsedText | None, place: str) -> Text:
        if parsed is None or parsed.syntax is None:
            return ()
        if (words := words_alone(parsed.syntax)) is not None:
            return words
        checking = Checking(parsed.source, self.scope, f"{self.id}{place}", self.id, shown=True)
        text = check_text(parsed.syntax, checking)
        self.found.extend(checking.found)
        return text

    def effects(self, parsed: Sequence[ParsedEffect], place: str) -> tuple[Effect, ...]:
        return _each(parsed, check_effect, self, place)


def check_requirements(
    parsed: ParsedRequirement,
    scope: ChapterScope,
    place: str,
    fragment: FragmentId | None,
    found: list[Diagnostic],
) -> Requirement | None:
    """Return the requirement that all of `parsed` states, or `None` when there is none, or none that is right."""
    terms: list[Requirement] = []
    for index, part in enumerate(parsed):
        if part.syntax is None:
            continue
        checking = Checking(part.source, scope, f"{place}.{index + 1}", fragment)
        term = check_requirement(part.syntax, checking)
        found.extend(checking.found)
        if term is not None:
            terms.append(term)
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else All(tuple(terms))


def _each(
    parsed: Sequence[Parsed[_Syntax]],
    check: Callable[[_Syntax, Checking], _Term | None],
    context: _Context,
    place: str,
) -> tuple[_Term, ...]:
    terms: list[_Term] = []
    for index, part in enumerate(parsed):
        if part.syntax is None:
            continue
        checking = Checking(
            part.source, context.scope, f"{context.id}{place}.{index + 1}", context.id
        )
        term = check(part.syntax, checking)
        context.found.extend(checking.found)
        if term is not None:
            terms.append(term)
    return tuple(terms)


def check_fragment(
    parsed: ParsedFragment, scope: ChapterScope, found: list[Diagnostic]
) -> Fragment:
    """Return what the program has of a fragment; where something was reported, that part is missing from it."""
    context = _Context(FragmentId(f"{scope.chapter}.{parsed.id.text}"), scope, found)
    found.extend(check_structure(parsed))
    return Fragment(
        id=context.id,
        chapter=ChapterId(scope.chapter),
        kind=_kind(parsed),
        exit=_exit(parsed, context),
        text=context.text(parsed.text, ".text"),
        title=parsed.title.text if parsed.title else None,
        speaker=_speaker(parsed.speaker, context),
        gate=_gate(parsed, context),
        on_enter=context.effects(parsed.on_enter, ".on_enter"),
        tags=tuple(tag.text for tag in parsed.tags),
        storylet=_storylet(parsed, context),
        remind=_remind(parsed.waits, ".remind", context),
        media=tuple(Media(one.kind, one.file.text) for one in parsed.media),
    )


def check_shared(shared: ParsedShared, scope: ChapterScope, found: list[Diagnostic]) -> None:
    """Report what is wrong with shared choices: here alone, however many fragments include them."""
    context = _Context(FragmentId(f"choices.{shared.id.text}"), scope, found)
    found.extend(check_choices(shared.choices))
    for index, choice in enumerate(shared.choices, 1):
        _choice(choice, ChoiceKey(""), index, context)


def with_access(requirement: Requirement | None, access: Located | None) -> Requirement | None:
    """Return a requirement with what `access:` adds to it: that the player is VIP, asked first."""
    if access is None:
        return requirement
    return IsVip() if requirement is None else All((IsVip(), requirement))


def _kind(parsed: ParsedFragment) -> Kind:
    if parsed.kind is not None:
        return cast(Kind, parsed.kind.text)
    if parsed.ending is not None:
        return "ending"
    return "decision" if parsed.deck or len(parsed.choices or ()) > 1 else "story"


def _speaker(speaker: Located | None, context: _Context) -> str | None:
    if speaker is None:
        return None
    characters = context.scope.symbols.characters
    if characters is not None and speaker.text not in characters:
        context.scope.missing("character", speaker.text, speaker.whole)
    return speaker.text


def _gate(parsed: ParsedFragment, context: _Context) -> Gate | None:
    otherwise = context.target(parsed.otherwise)
    requirement = with_access(context.requirement(parsed.requires, ".requires"), parsed.access)
    return None if requirement is None else Gate(requirement, otherwise)


def _exit(parsed: ParsedFragment, context: _Context) -> Exit:
    if parsed.ending is not None:
        return Ending(parsed.ending.text)
    branches = tuple(
        _branch(branch, index, context) for index, branch in enumerate(parsed.next or (), 1)
    )
    if parsed.deck is not None:
        return _deck(parsed.deck, _choices(parsed, context), branches, context)
    if parsed.call is not None:
        return Call(context.target(parsed.call), branches)
    if parsed.next is not None:
        return Next(branches, _ask(parsed.ask, context), _wait(parsed.waits, context))
    if parsed.returns is not None:
        return Return()
    return Choices(_choices(parsed, context))


def _choices(parsed: ParsedFragment, context: _Context) -> tuple[Choice, ...]:
    keys = context.scope.symbols.choice_keys.get(context.id, ())
    choices = zip(parsed.choices or (), keys, strict=False)
    return tuple(
        _choice(choice, key, index, context) for index, (choice, key) in enumerate(choices, 1)
    )


def _deck(
    parsed: ParsedDeck,
    choices: tuple[Choice, ...],
    branches: tuple[Branch, ...],
    context: _Context,
) -> Deck:
    storylets = context.scope.symbols.storylets(tag.text for tag in parsed.tags)
    otherwise = None if parsed.otherwise is None else context.target(parsed.otherwise)
    return Deck(storylets, parsed.show or MOST_OFFERED, otherwise, choices, branches)


def _storylet(parsed: ParsedFragment, context: _Context) -> Storylet | None:
    storylet = parsed.storylet
    if storylet is None:
        return None
    title: Text = (Plain(parsed.title.text),) if parsed.title else ()
    return Storylet(
        tags=tuple(tag.text for tag in storylet.tags),
        text=context.text(storylet.text, ".storylet.text") if storylet.text else title,
        requires=context.requirement(storylet.when, ".storylet.when"),
        priority=storylet.priority,
        weight=storylet.weight,
        once=storylet.once,
    )


def _branch(parsed: ParsedBranch, index: int, context: _Context) -> Branch:
    return Branch(context.target(parsed.to), context.requirement(parsed.requires, f"#{index}.if"))


def _ask(ask: ParsedAsk | None, context: _Context) -> Ask | None:
    if ask is None or ask.into is None:
        return None
    retry = context.text(ask.retry, ".ask.retry") if ask.retry else None
    name, span = ask.into.text, ask.into.whole
    match context.scope.type_of(name):
        case NumberType() | WordType() | TextType():
            return Ask(VariableId(name), retry)
        case UnknownType():
            pass
        case None:
            context.scope.missing("variable", name, span)
        case other:
            message = f"`{name}` is {named_type(other)}, which players cannot type."
            context.found.append(diagnose("DIA330", span, message, help=_instead(other)))
    return None


def _instead(type_: PointsType | FlagType) -> str:
    if isinstance(type_, FlagType):
        return "Let players decide with two `choices:`, one of which sets it."
    return "Points are earned and spent; ask for a variable of the type `number`."


def _wait(parsed: ParsedWait, context: _Context) -> Wait | None:
    seconds = _seconds(parsed.time, context)
    skip = _cost(parsed.skip, context)
    return Wait(seconds, skip) if seconds is not None else None


def _remind(parsed: ParsedWait, place: str, context: _Context) -> Remind | None:
    remind = parsed.remind
    if remind is None:
        return None
    after, text = _seconds(remind.after, context), context.text(remind.text, place)
    return Remind(after, text) if after is not None else None


def _seconds(written: Located | None, context: _Context) -> int | None:
    seconds = seconds_of(written.text) if written is not None else None
    if written is not None and (seconds is None or seconds > _LONGEST):
        message = f"`{written.text}` is no time to wait: it can be from one second to a year."
        help = "Write a number and s, m, h or d: `30s`, `15m`, `8h`, `2d`."
        context.found.append(diagnose("DIA331", written.whole, message, help=help))
        return None
    return seconds


def _choice(parsed: ParsedChoice, key: ChoiceKey, index: int, context: _Context) -> Choice:
    place = f"#{index}"
    if parsed.included is not None:
        # Its names mean what they mean in the manifest, and what is wrong with it is told there.
        context = _Context(context.id, context.scope.symbols.known("main"), [])
    return Choice(
        key=key,
        text=context.text(parsed.text, f"{place}.text"),
        to=context.target(parsed.to),
        requires=with_access(
            context.requirement(parsed.requires, f"{place}.requires"), parsed.access
        ),
        locked=context.text(parsed.locked, f"{place}.locked") if parsed.locked else None,
        cost=_cost(parsed.cost, context),
        once=parsed.once,
        say=context.text(parsed.say, f"{place}.say") if parsed.say else None,
        effects=context.effects(parsed.effects, f"{place}.effects"),
        wait=_wait(parsed.waits, context),
        remind=_remind(parsed.waits, f"{place}.remind", context),
    )


def _cost(cost: ParsedCost | None, context: _Context) -> Cost | None:
    if cost is None:
        return None
    span = cost.source.span(cost.points_start, cost.points_start + len(cost.points))
    match context.scope.type_of(cost.points):
        case PointsType():
            return Cost(VariableId(cost.points), cost.amount)
        case UnknownType():
            pass
        case None:
            context.scope.missing("variable", cost.points, span)
        case other:
            help = f"Declare `{cost.points}` with `type: points`, or write what it costs under `requires:` and `effects:`."
            message = f"Only points can be paid with, and `{cost.points}` is {named_type(other)}."
            context.found.append(diagnose("DIA315", span, message, help=help))
    return None
