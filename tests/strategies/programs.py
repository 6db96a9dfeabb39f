"""Random small programs that the compiler could have made, and random plays of them.

Every construct that can be played occurs. Ids are ``main.f0``, ``main.f1``, …; the last fragment is always an ending.
Passages and gates only lead to later fragments, so no program passes on for ever. Ranges are small: a few steps reach
their edges, and the states of a program can be counted by brute force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from hypothesis import strategies as st

from diana_engine.expressions import terms, text
from diana_engine.expressions.terms import (
    ChoiceKey,
    ConditionId,
    FragmentId,
    ItemId,
    VariableId,
)
from diana_engine.play import look
from diana_engine.play.actions import Action, Answer, Choose, Continue, Skip, Start
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program import model
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Program
from diana_engine.program.systems import Combination, CombinationId

__all__ = [
    "ANSWERS",
    "World",
    "combining",
    "effects",
    "lively",
    "pick",
    "plays",
    "programs",
    "requirements",
    "texts",
    "worlds",
]

GOLD = VariableId("gold")
LUCK = VariableId("luck")
MET = VariableId("met")
MOOD = VariableId("mood")
NAME = VariableId("name")
KEY = ItemId("key")
COIN = ItemId("coin")
CALM = ConditionId("calm")
READY = ConditionId("ready")
MOODS = ("serene", "curious", "hurt")


ANSWERS = (
    " Ana\n",
    "1",
    "-2",
    "99",
    "CURIOUS",
    "*{gold}*",
    "\u202e",
    "",
    "hurt",
    "a long, long name",
)
"""Some fit where a number is asked, some where a word is, and some nowhere."""


GALLERY = (
    model.Media("photo", "gate.jpg", "a" * 64),
    model.Media("video", "in/walk.mp4", "b" * 64),
    model.Media("voice", "bell.ogg"),
)


@dataclass(frozen=True, slots=True)
class World:
    """What terms may name."""

    fragments: tuple[FragmentId, ...]
    choices: tuple[ChoiceKey, ...]
    conditions: tuple[ConditionId, ...] = ()
    subs: tuple[FragmentId, ...] = ()
    timed: bool = False

    @property
    def everywhere(self) -> tuple[FragmentId, ...]:
        return self.fragments + self.subs


# Terms


@cache
def numbers(world: World) -> st.SearchStrategy[terms.Number]:
    """Numbers around the small ranges of the variables."""
    leaf = st.one_of(
        st.integers(-3, 6).map(terms.Constant),
        st.sampled_from([GOLD, LUCK]).map(terms.NumberOf),
        st.sampled_from(world.everywhere).map(terms.Visits),
        st.just(terms.Count((KEY, COIN))),
        *([st.sampled_from(world.fragments).map(terms.HoursSince)] if world.timed else []),
        st.builds(
            lambda low, size, place: terms.Roll(low, low + size, f"roll{place}"),
            st.integers(-2, 3),
            st.integers(0, 4),
            st.integers(0, 9),
        ),
    )
    operator = st.sampled_from(["+", "-", "*"])
    return st.one_of(leaf, leaf, leaf, st.builds(terms.Arithmetic, operator, leaf, leaf))


@cache
def requirements(world: World) -> st.SearchStrategy[terms.Requirement]:
    """Requirements of any form over `world`."""
    number = numbers(world)
    leaf = st.one_of(
        st.just(terms.FlagIs(MET)),
        st.builds(
            terms.Compare, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), number, number
        ),
        st.builds(terms.Between, number, number, number),
        st.sampled_from(MOODS).map(lambda word: terms.WordIs(MOOD, word)),
        st.sampled_from([KEY, COIN]).map(terms.Has),
        st.sampled_from(world.everywhere).map(terms.Visited),
        st.sampled_from(world.choices).map(terms.Chose),
        st.builds(
            lambda percent, place: terms.Chance(percent, f"chance{place}"),
            st.integers(0, 100),
            st.integers(0, 9),
        ),
        *([st.sampled_from(world.conditions).map(terms.Holds)] if world.conditions else []),
    )
    some = st.lists(leaf, max_size=3).map(tuple)
    return st.one_of(
        leaf,
        leaf.map(terms.Not),
        some.map(terms.All),
        some.map(terms.Any),
        some.map(lambda parts: terms.Not(terms.All((*parts, terms.Any(parts))))),
    )


@cache
def effects(world: World) -> st.SearchStrategy[tuple[terms.Effect, ...]]:
    """Up to three effects."""
    number = numbers(world)
    counters = st.sampled_from([GOLD, LUCK])
    one = st.one_of(
        st.builds(terms.AddTo, counters, number),
        st.builds(terms.Assign, counters, number),
        st.booleans().map(lambda value: terms.SetFlag(MET, value)),
        st.sampled_from(MOODS).map(lambda word: terms.SetWord(MOOD, word)),
        st.sampled_from(["Ana", " Bo ", ""]).map(lambda word: terms.SetWord(NAME, word)),
        st.sampled_from([KEY, COIN]).map(terms.Give),
        st.sampled_from([KEY, COIN]).map(terms.Take),
    )
    return st.lists(one, max_size=3).map(tuple)


# Texts


@cache
def texts(world: World) -> st.SearchStrategy[text.Text]:
    """Texts of every construct, with white space in awkward places."""
    characters = st.text(st.sampled_from("aé.( \n*<"), max_size=6).map(text.Plain)
    shown = st.one_of(numbers(world), st.sampled_from([MOOD, NAME]).map(terms.WordOf))
    inline = st.one_of(characters, characters, shown.map(text.Show))
    return _rows(
        st.one_of(inline, inline, _composed(_rows(_composed(_rows(inline), world)), world))
    )


def _rows(inline: st.SearchStrategy[text.Inline]) -> st.SearchStrategy[text.Text]:
    return st.lists(inline, max_size=3).map(tuple)


@cache
def _composed(inner: st.SearchStrategy[text.Text], world: World) -> st.SearchStrategy[text.Inline]:
    formatting = st.sampled_from(["italic", "bold", "spoiler", "quote"])
    branches = st.builds(
        lambda requirement, first, second: (
            text.Branch(requirement, first),
            *([] if second is None else [text.Branch(None, second)]),
        ),
        requirements(world),
        inner,
        st.none() | inner,
    )
    return st.one_of(
        st.builds(text.Format, formatting, inner),
        st.builds(text.Link, st.just("https://example.org"), inner),
        branches.map(text.When),
        st.builds(
            text.Alternatives,
            st.sampled_from(["sequence", "cycle", "shuffle", "once"]),
            st.lists(inner, max_size=3).map(tuple),
            st.sampled_from(world.fragments),
            st.sampled_from(["text0", "text1"]),
        ),
    )


# Programs


@st.composite
def worlds(draw: st.DrawFn, max_fragments: int = 6, *, flow: bool = False) -> World:
    """Return the names of a program of at least three fragments, with up to three choices each."""
    count = draw(st.integers(3, max_fragments))
    fragments = tuple(FragmentId(f"main.f{index}") for index in range(count))
    subs = draw(st.sampled_from([1, 2, 3])) if flow else 0
    parts = tuple(FragmentId(f"main.s{index}") for index in range(subs))
    # With an id and without one.
    choices = tuple(
        ChoiceKey(f"{name}{end}") for name in fragments + parts for end in (".a", ".b", "~0f3a")
    )
    return World(fragments, choices, (CALM, READY), parts)


def lively(max_fragments: int = 6, *, timed: bool = False) -> st.SearchStrategy[Program]:
    """Return programs in which players also type, and wait; where `timed` they ask how long ago something was."""
    return programs(max_fragments, lives=True, timed=timed)


@st.composite
def combining(draw: st.DrawFn) -> Program:
    """Return a program in which items can be put together, wherever one rests."""
    made = st.tuples(
        st.sampled_from([(KEY, COIN), (COIN, COIN), (COIN, COIN, KEY)]),
        st.sampled_from([KEY, COIN]),
    )
    return replace(
        draw(programs(4)),
        combinations=tuple(
            Combination(CombinationId(f"c{index}"), of, gives)
            for index, (of, gives) in enumerate(draw(st.lists(made, min_size=1, max_size=2)))
        ),
    )


@st.composite
def programs(
    draw: st.DrawFn,
    max_fragments: int = 6,
    *,
    lives: bool = False,
    flow: bool = False,
    timed: bool = False,
) -> Program:
    """Return a program: a hub, a chain, or a free mesh of fragments; one that `lives` has all of `lively`.

    With `flow` it calls sub-stories, ``main.s0``, ``main.s1``, …. They lead to later ones among them and call later ones,
    and the last one returns, so that no play goes deeper and deeper.
    """
    world = replace(draw(worlds(max_fragments, flow=flow)), timed=timed)
    mould = replace(draw(_moulds(world)), lives=lives)
    if flow:
        mould = replace(mould, storylets=_storylets(draw, mould))
    made = [_fragment(draw, mould, index) for index in range(len(world.fragments))]
    made += [_part(draw, mould, index) for index in range(len(world.subs))]
    return Program(
        story=model.StoryId("tale"),
        title="A tale",
        language=draw(st.sampled_from(["en", "es"])),
        version="1",
        start=world.fragments[0],
        variables=draw(_variables()),
        items={
            COIN: model.Item("Coin", category="money", maximum=3),
            KEY: model.Item("Key", clue=True, text="Cold."),
        },
        conditions={
            CALM: draw(requirements(World(world.fragments, world.choices))),
            READY: draw(requirements(World(world.fragments, world.choices, (CALM,)))),
        },
        characters={"lucien": model.Character("Lucien")},
        chapters={model.ChapterId("main"): model.Chapter("Main", world.everywhere)},
        fragments={fragment.id: fragment for fragment in made},
        timed=world.fragments if timed else (),
    )


@st.composite
def _variables(draw: st.DrawFn) -> dict[VariableId, model.Variable]:
    gold = draw(st.integers(0, 4))
    luck = draw(st.integers(-2, 2))
    least, most = draw(st.integers(-3, luck)), draw(st.integers(luck, 3))
    return {
        GOLD: model.Points(gold, draw(st.integers(max(gold, 1), 6))),
        LUCK: model.WholeNumber(luck, least, most),
        MET: model.Flag(draw(st.booleans())),
        MOOD: model.OneOf(MOODS, draw(st.sampled_from(MOODS))),
        NAME: model.Words("Ana", 8),
    }


@dataclass(frozen=True, slots=True)
class _Mould:
    """What the fragments of one program are made of: few parts, used often, which are quick to draw and to shrink."""

    world: World
    shape: str
    requirements: tuple[terms.Requirement, ...]
    effects: tuple[tuple[terms.Effect, ...], ...]
    texts: tuple[text.Text, ...]
    lives: bool = False
    storylets: Mapping[FragmentId, model.Storylet] = field(default_factory=dict)

    def targets(self, index: int) -> tuple[FragmentId, ...]:
        """Return where the fragment with this index may lead."""
        fragments = self.world.fragments
        match self.shape:
            case "hub":
                return fragments[1:] if index == 0 else fragments[:1]
            case "chain":
                return fragments[index + 1 : index + 2]
            case _:
                return fragments


@cache
def _moulds(world: World) -> st.SearchStrategy[_Mould]:
    return st.builds(
        _Mould,
        st.just(world),
        st.sampled_from(["hub", "chain", "mesh"]),
        st.lists(requirements(world), min_size=3, max_size=5).map(tuple),
        st.lists(effects(world), min_size=3, max_size=5).map(lambda drawn: ((), *drawn)),
        st.lists(texts(world), min_size=2, max_size=4).map(tuple),
    )


def _fragment(draw: st.DrawFn, mould: _Mould, index: int) -> model.Fragment:
    name = mould.world.fragments[index]
    later = mould.world.fragments[index + 1 :]
    way = _way(draw, mould, index)
    passes = False
    if isinstance(way, model.Next | model.Call) and draw(st.booleans()):
        passes, branches = True, _next(draw, mould, later)
        way = (
            replace(way, branches=branches) if isinstance(way, model.Call) else model.Next(branches)
        )
    elif isinstance(way, model.Deck) and draw(st.booleans()):
        otherwise = draw(st.sampled_from(later)) if way.otherwise else None
        passes, way = True, replace(way, otherwise=otherwise)
    return _dressed(draw, mould, name, way, later if index else (), passes=passes)


def _storylets(draw: st.DrawFn, mould: _Mould) -> dict[FragmentId, model.Storylet]:
    """Return what decks know of half of the fragments."""
    return {
        id: model.Storylet(
            tags=("calm",),
            text=(text.Plain("Draw."), *draw(st.sampled_from(mould.texts))),
            requires=draw(st.sampled_from([None, None, *mould.requirements])),
            priority=draw(st.integers(0, 1)),
            weight=draw(st.integers(1, 2)),
            once=draw(st.booleans()),
        )
        for id in mould.world.everywhere[1:]
        if draw(st.booleans())
    }


def _deck(
    draw: st.DrawFn,
    mould: _Mould,
    name: FragmentId,
    targets: tuple[FragmentId, ...],
    called: tuple[FragmentId, ...],
) -> model.Deck:
    """Return a deck of storylets that lead on, or of those that are called as sub-stories."""
    branches = _next(draw, mould, targets) if called and draw(st.booleans()) else ()
    fitting = [id for id in called if id in mould.storylets] if branches else []
    fitting = fitting or [id for id in dict.fromkeys(targets) if id in mould.storylets]
    if not set(fitting) <= set(called):
        branches = ()
    fitting.sort(key=lambda id: -mould.storylets[id].priority)
    choices = draw(st.booleans())
    return model.Deck(
        tuple(fitting),
        draw(st.sampled_from([1, 2, 100])),
        None if choices or draw(st.booleans()) else draw(st.sampled_from(targets)),
        _choices(draw, mould, name, targets).choices if choices else (),
        branches,
    )


def _part(draw: st.DrawFn, mould: _Mould, index: int) -> model.Fragment:
    """Return a fragment of the sub-stories."""
    name, later = mould.world.subs[index], mould.world.subs[index + 1 :]
    kinds = ["return", "next", "call", "choices", "deck"] if later else ["return"]
    kind = draw(st.sampled_from(kinds))
    end = mould.world.fragments[-1]
    way: model.Exit = model.Return()
    if kind == "next":
        way = model.Next(_next(draw, mould, (*later, end)))
    elif kind == "call":
        way = model.Call(draw(st.sampled_from(later)), _next(draw, mould, later))
    elif kind == "choices":
        way = _choices(draw, mould, name, (name, *later, *later, end))
    elif kind == "deck":
        way = _deck(draw, mould, name, later, later)
    passes = not isinstance(way, model.Choices) and draw(st.booleans())
    return _dressed(draw, mould, name, way, later, passes=passes)


def _dressed(
    draw: st.DrawFn,
    mould: _Mould,
    name: FragmentId,
    way: model.Exit,
    later: tuple[FragmentId, ...],
    *,
    passes: bool,
) -> model.Fragment:
    gate = None
    if later and draw(st.integers(0, 3)) == 0:
        gate = model.Gate(draw(st.sampled_from(mould.requirements)), draw(st.sampled_from(later)))
    return model.Fragment(
        id=name,
        chapter=model.ChapterId("main"),
        kind="ending" if isinstance(way, model.Ending) else "story",
        exit=way,
        text=() if passes else (text.Plain("Here. "), *draw(st.sampled_from(mould.texts))),
        title=draw(st.sampled_from([None, "A place"])),
        speaker=draw(st.sampled_from([None, "lucien", "A voice"])),
        gate=gate,
        on_enter=draw(st.sampled_from(mould.effects)),
        tags=draw(st.sampled_from([(), ("calm",)])),
        storylet=mould.storylets.get(name),
        media=draw(st.sampled_from([(), (), GALLERY[:1], GALLERY]))
        if mould.lives and not passes
        else (),
        remind=None if passes or isinstance(way, model.Ending) else _remind(draw, mould),
    )


def _way(draw: st.DrawFn, mould: _Mould, index: int) -> model.Exit:
    world = mould.world
    if index == len(world.fragments) - 1:
        return model.Ending("end")
    if index and draw(st.integers(0, 3)) == 0:
        return _onward(draw, mould, mould.targets(index))
    if world.subs and draw(st.integers(0, 2)) == 0:
        to = draw(st.sampled_from(world.subs))
        return model.Call(to, _next(draw, mould, mould.targets(index)))
    if world.subs and draw(st.integers(0, 2)) == 0:
        name = world.fragments[index]
        return _deck(draw, mould, name, mould.targets(index), world.subs)
    return _choices(draw, mould, world.fragments[index], mould.targets(index))


def _choices(
    draw: st.DrawFn, mould: _Mould, name: FragmentId, targets: tuple[FragmentId, ...]
) -> model.Choices:
    keys = [key for key in mould.world.choices if terms.fragment_of(key) == name]
    number = draw(st.sampled_from([3, 2, 3, 2, 1, 3, 0]))
    return model.Choices(tuple(_choice(draw, mould, targets, key) for key in keys[:number]))


def _next(
    draw: st.DrawFn, mould: _Mould, targets: tuple[FragmentId, ...]
) -> tuple[model.Branch, ...]:
    asked = draw(st.lists(st.sampled_from(mould.requirements), max_size=2))
    return tuple(
        model.Branch(draw(st.sampled_from(targets)), requires) for requires in [*asked, None]
    )


def _onward(draw: st.DrawFn, mould: _Mould, targets: tuple[FragmentId, ...]) -> model.Next:
    branches = _next(draw, mould, targets)
    if not mould.lives:
        return model.Next(branches)
    ways = [(None, None), (_ask(draw, mould), None), (None, _wait(draw))]
    return model.Next(branches, *draw(st.sampled_from(ways)))


def _wait(draw: st.DrawFn) -> model.Wait:
    skip = draw(st.sampled_from([None, model.Cost(GOLD, 1), model.Cost(GOLD, 3)]))
    return model.Wait(draw(st.sampled_from([1, 3_600, 20_000])), skip)


def _remind(draw: st.DrawFn, mould: _Mould) -> model.Remind | None:
    if not (mould.lives and draw(st.booleans())):
        return None
    return model.Remind(draw(st.sampled_from([60, 9_000])), draw(st.sampled_from(mould.texts)))


def _ask(draw: st.DrawFn, mould: _Mould) -> model.Ask | None:
    into = draw(st.sampled_from([None, LUCK, MOOD, NAME]))
    return None if into is None else model.Ask(into, draw(st.none() | st.sampled_from(mould.texts)))


def _choice(
    draw: st.DrawFn, mould: _Mould, targets: tuple[FragmentId, ...], key: ChoiceKey
) -> model.Choice:
    wait = _wait(draw) if mould.lives and draw(st.integers(0, 3)) == 0 else None
    some_text = st.none() | st.sampled_from(mould.texts)
    return model.Choice(
        key=key,
        text=(text.Plain("Go."), *draw(st.sampled_from(mould.texts))),
        to=draw(st.sampled_from(targets)),
        requires=draw(st.sampled_from([None, None, *mould.requirements])),
        locked=draw(some_text),
        cost=draw(st.sampled_from([None, None, None, model.Cost(GOLD, 1), model.Cost(GOLD, 3)])),
        once=draw(st.booleans()),
        say=draw(some_text),
        effects=draw(st.sampled_from(mould.effects)),
        wait=wait,
        remind=_remind(draw, mould) if wait else None,
    )


# Plays

DAWN = Moment()
plays = st.lists(st.integers(0, 999), min_size=10, max_size=30)
"""A play as numbers: `pick` says which action each one is, where the player then stands."""


def pick(program: Program, state: PlayerState, number: int, moment: Moment = DAWN) -> Action:
    """Return what `number` does in `state`: mostly what goes on, now and then anything at all."""
    way = program.fragments[state.fragment].exit
    listed = [choice.key for choice in choices_of(way)]
    if isinstance(way, model.Deck):
        listed += [ChoiceKey(f"{state.fragment}.{id}") for id in way.storylets]
    odd: list[Action] = [
        Start(number),
        Continue(),
        Skip(),
        Choose(ChoiceKey("main.nowhere.a")),
        Choose(ChoiceKey(f"{program.start}.a")),
        *(Choose(key) for key in listed),
    ]
    open_choices = [
        choice.key for choice in look(program, state, moment).choices if choice.lock is None
    ]
    odd += [Answer(typed) for typed in ANSWERS]
    if number % 4 == 0:
        return odd[number // 4 % len(odd)]
    if state.waiting is not None:
        return Skip() if number % 4 == 1 else Continue()
    if look(program, state, moment).can_continue:
        return Continue()
    if isinstance(way, model.Next):
        return Answer(ANSWERS[number // 4 % len(ANSWERS)])
    if not open_choices:
        return Start(number)
    return Choose(open_choices[number // 4 % len(open_choices)])
