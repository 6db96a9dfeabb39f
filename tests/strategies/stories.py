"""Compiled stories made by hand, for tests that need a program and no compiler."""

from __future__ import annotations

from dataclasses import replace

from diana_engine.expressions import terms
from diana_engine.expressions.terms import (
    ChoiceKey,
    ConditionId,
    FragmentId,
    ItemId,
    Requirement,
    VariableId,
)
from diana_engine.expressions.text import Alternatives, Format, Plain, Show, Text
from diana_engine.program.model import (
    Branch,
    Chapter,
    ChapterId,
    Character,
    Choice,
    Choices,
    Cost,
    Ending,
    Exit,
    Flag,
    Fragment,
    Gate,
    Item,
    Kind,
    Next,
    OneOf,
    Points,
    Program,
    StoryId,
    WholeNumber,
    Words,
)

__all__ = ["COINS", "KEY", "TRUST", "cellar", "chain", "endless"]

COINS, TRUST, LAMP = VariableId("coins"), VariableId("trust"), VariableId("lamp_lit")
MOOD, NAME = VariableId("mood"), VariableId("name")
KEY, NORTH, SOUTH = ItemId("silver_key"), ItemId("map_north"), ItemId("map_south")
CLOSE = ConditionId("close")


def _text(words: str) -> Text:
    return (Plain(words),)


def _id(name: str) -> FragmentId:
    return FragmentId(name)


def _choice(key: str, words: str, to: str, requires: Requirement | None = None) -> Choice:
    return Choice(ChoiceKey(key), _text(words), _id(to), requires)


def _fragment(name: str, kind: Kind, words: str, exit_: Exit) -> Fragment:
    chapter, _, _ = name.partition(".")
    return Fragment(_id(name), ChapterId(chapter), kind, exit_, _text(words) if words else ())


def _program(story: str, fragments: list[Fragment]) -> Program:
    """Return a program of these fragments, whose chapters hold them in the order given."""
    chapters: dict[ChapterId, list[FragmentId]] = {}
    for fragment in fragments:
        chapters.setdefault(fragment.chapter, []).append(fragment.id)
    return Program(
        StoryId(story),
        story.title(),
        "en",
        "1.0.0",
        fragments[0].id,
        chapters={
            id_: Chapter(id_.title(), tuple(members)) for id_, members in sorted(chapters.items())
        },
        fragments={one.id: one for one in sorted(fragments, key=lambda one: one.id)},
    )


def cellar(version: str = "1.0.0") -> Program:
    """Return a small story in which every kind of thing occurs once.

    From the start, taking the choices 0 and then 0 again leads to the cellar, and Continue to an ending.
    """
    program = _program(
        "cellar",
        [_hall(), _stairs(), _cellar(), _ledge(), _passage(), _dawn(), _dark()],
    )
    return replace(
        program,
        version=version,
        title="El sótano",
        variables={
            COINS: Points(3, 100),
            LAMP: Flag(),
            MOOD: OneOf(("serene", "curious"), "serene"),
            NAME: Words("Ana", 30),
            TRUST: WholeNumber(0, -10, 10),
        },
        items={
            NORTH: Item("North half", "map", clue=True),
            SOUTH: Item("South half", "map", clue=True),
            KEY: Item("Silver key", text="Cold."),
        },
        conditions={
            CLOSE: terms.Compare(">=", terms.NumberOf(TRUST), terms.Constant(1)),
        },
        characters={"lucien": Character("Lucien")},
    )


def _hall() -> Fragment:
    take = replace(
        _choice("house.hall.take", "Take the key", "house.hall"),
        once=True,
        say=_text("It is cold."),
        effects=(terms.Give(KEY), terms.AddTo(TRUST, terms.Constant(1))),
    )
    down = replace(
        _choice("house.hall.down", "Go down", "house.stairs", terms.Has(KEY)),
        locked=_text("The door is locked."),
        effects=(terms.AddTo(COINS, terms.Constant(2)),),
    )
    bribe = replace(
        _choice("house.hall.bribe", "Pay the guard", "house.ledge"),
        cost=Cost(COINS, 50),
    )
    hall = _fragment("house.hall", "decision", "", Choices((take, down, bribe)))
    text: Text = (
        Plain("El Jardín está "),
        Format("bold", _text("cerrado")),
        Plain(". "),
        Alternatives("shuffle", (_text("An owl calls."), _text("Silence.")), hall.id, "house.hall"),
        Plain(" You have "),
        Show(terms.NumberOf(COINS)),
        Plain(" coins."),
    )
    return replace(hall, title="The hall", speaker="lucien", text=text)


def _stairs() -> Fragment:
    ways = (
        Branch(_id("house.cellar"), terms.All((terms.Holds(CLOSE), terms.Not(terms.FlagIs(LAMP))))),
        Branch(_id("house.ledge")),
    )
    return _fragment("house.stairs", "story", "", Next(ways))


def _cellar() -> Fragment:
    gate = Gate(
        terms.Any(
            (
                terms.Between(terms.NumberOf(TRUST), terms.Constant(1), terms.Constant(5)),
                terms.Compare(">", terms.Count((NORTH, SOUTH)), terms.Constant(0)),
            )
        ),
        _id("house.ledge"),
    )
    cellar = _fragment(
        "house.cellar", "story", "Barrels, 100% dust.", Next((Branch(_id("night.passage")),))
    )
    return replace(cellar, gate=gate, on_enter=(terms.SetFlag(LAMP, value=True),))


def _ledge() -> Fragment:
    back = _choice("house.ledge~1", "Back", "house.hall", terms.WordIs(MOOD, "serene"))
    jump = _choice("house.ledge~2", "Jump", "night.dark", terms.Chose(ChoiceKey("house.hall.take")))
    return _fragment("house.ledge", "decision", "A ledge.", Choices((back, jump)))


def _passage() -> Fragment:
    ways = (
        Branch(
            _id("night.dark"),
            terms.Compare(">", terms.Visits(_id("house.hall")), terms.Constant(9)),
        ),
        Branch(_id("night.dawn")),
    )
    return _fragment("night.passage", "story", "", Next(ways))


def _dawn() -> Fragment:
    return _fragment("night.dawn", "ending", "Dawn.", Ending("dawn"))


def _dark() -> Fragment:
    return _fragment("night.dark", "ending", "Dark.", Ending("dark"))


def endless() -> Program:
    """Return a story that never ends: each choice adds a coin and leads to the other room."""

    def room(name: str, other: str) -> Fragment:
        go = replace(
            _choice(f"{name}.go", "Go on", other),
            effects=(terms.AddTo(COINS, terms.Constant(1)),),
        )
        return _fragment(name, "decision", f"The room {name}.", Choices((go,)))

    program = _program(
        "endless", [room("rooms.left", "rooms.right"), room("rooms.right", "rooms.left")]
    )
    return replace(program, variables={COINS: Points()})


def chain(length: int) -> Program:
    """Return a story of `length` fragments, each of which leads on with three choices, across ten chapters."""
    names = [f"c{number % 10}.f{number:05}" for number in range(length)]

    def one(number: int, name: str) -> Fragment:
        if number == length - 1:
            return _fragment(name, "ending", "The end.", Ending("end"))
        requires = (None, terms.Not(terms.Visited(_id(names[0]))), terms.FlagIs(LAMP))
        choices = tuple(
            _choice(f"{name}.{n}", f"Way {n}", names[min(number + 1 + n, length - 1)], term)
            for n, term in enumerate(requires)
        )
        return _fragment(
            name, "decision", f"Place {number}. " + "Many words follow. " * 20, Choices(choices)
        )

    program = _program("chain", [one(number, name) for number, name in enumerate(names)])
    return replace(program, variables={LAMP: Flag()})
