"""Big programs made quickly: fragments that are added one by one, with the words a writer would use."""

from __future__ import annotations

from collections.abc import Iterable

from diana_engine.expressions.terms import (
    AddTo,
    All,
    Any,
    ChoiceKey,
    Compare,
    Constant,
    Effect,
    FlagIs,
    FragmentId,
    Not,
    NumberOf,
    Requirement,
    SetFlag,
    VariableId,
)
from diana_engine.expressions.text import Plain
from diana_engine.program.model import (
    Branch,
    Chapter,
    ChapterId,
    Choice,
    Choices,
    Cost,
    Ending,
    Fragment,
    Gate,
    Item,
    Next,
    Program,
    StoryId,
    Variable,
)

__all__ = ["Story", "adds", "every", "flag", "least", "sets", "some", "unset"]

_MAIN = ChapterId("main")
_TEXT = (Plain("Here."),)


def flag(name: str) -> Requirement:
    """Return the requirement that a flag is set."""
    return FlagIs(VariableId(name))


def unset(name: str) -> Requirement:
    """Return the requirement that a flag is not set."""
    return Not(flag(name))


def least(name: str, amount: int) -> Requirement:
    """Return the requirement that a number is at least `amount`."""
    return Compare(">=", NumberOf(VariableId(name)), Constant(amount))


def every(parts: Iterable[Requirement]) -> Requirement:
    """Return the requirement that all hold."""
    return All(tuple(parts))


def some(parts: Iterable[Requirement]) -> Requirement:
    """Return the requirement that at least one holds."""
    return Any(tuple(parts))


def sets(name: str, value: bool = True) -> Effect:
    """Return the effect that sets a flag, or clears it."""
    return SetFlag(VariableId(name), value)


def adds(name: str, amount: int) -> Effect:
    """Return the effect that adds to a number."""
    return AddTo(VariableId(name), Constant(amount))


class Story:
    """A program under construction; its first fragment is where it starts. `text` is what fragments say."""

    def __init__(self, text: str = "Here.") -> None:
        self.text = (Plain(text),)
        self.variables: dict[VariableId, Variable] = {}
        self.items: dict[str, Item] = {}
        self.choices: dict[str, list[Choice]] = {}
        self.fragments: dict[FragmentId, Fragment] = {}

    def variable(self, name: str, declared: Variable) -> str:
        """Declare a variable; return its name."""
        self.variables[VariableId(name)] = declared
        return name

    def choice(
        self,
        at: str,
        to: str,
        requires: Requirement | None = None,
        effects: Iterable[Effect] = (),
        *,
        once: bool = False,
        cost: tuple[str, int] | None = None,
    ) -> None:
        """Add a choice to the fragment `at`, which may be added later."""
        known = self.choices.setdefault(at, [])
        known.append(
            Choice(
                ChoiceKey(f"main.{at}.c{len(known)}"),
                _TEXT,
                FragmentId(f"main.{to}"),
                requires,
                cost=None if cost is None else Cost(VariableId(cost[0]), cost[1]),
                once=once,
                effects=tuple(effects),
            )
        )

    def place(
        self,
        name: str,
        on_enter: Iterable[Effect] = (),
        gate: tuple[Requirement, str] | None = None,
    ) -> str:
        """Add a fragment with the choices that were or will be added to it; return its name."""
        self._add(name, None, on_enter, gate)
        return name

    def passage(self, name: str, *branches: tuple[Requirement | None, str], rests: bool) -> None:
        """Add a fragment that leads on by itself, at once or when the player goes on."""
        ways = tuple(Branch(FragmentId(f"main.{to}"), asked) for asked, to in branches)
        self._add(name, Next(ways), rests=rests)

    def end(self, name: str) -> None:
        """Add an ending."""
        self._add(name, Ending(name))

    def program(self) -> Program:
        """Return the program."""
        made = {}
        for id, fragment in self.fragments.items():
            name = id.removeprefix("main.")
            way = fragment.exit
            if isinstance(way, Choices):
                way = Choices(tuple(self.choices.get(name, ())))
            made[id] = Fragment(
                id,
                _MAIN,
                fragment.kind,
                way,
                fragment.text,
                gate=fragment.gate,
                on_enter=fragment.on_enter,
            )
        return Program(
            StoryId("bench"),
            "Bench",
            "en",
            "1",
            next(iter(made)),
            variables=self.variables,
            items=self.items,  # type: ignore[arg-type]  # ids are strings of their own kind
            chapters={_MAIN: Chapter("Main", tuple(made))},
            fragments=made,
        )

    def _add(
        self,
        name: str,
        way: Next | Ending | None,
        on_enter: Iterable[Effect] = (),
        gate: tuple[Requirement, str] | None = None,
        *,
        rests: bool = True,
    ) -> None:
        id = FragmentId(f"main.{name}")
        self.fragments[id] = Fragment(
            id,
            _MAIN,
            "ending" if isinstance(way, Ending) else "story",
            Choices() if way is None else way,
            self.text if rests else (),
            gate=None if gate is None else Gate(gate[0], FragmentId(f"main.{gate[1]}")),
            on_enter=tuple(on_enter),
        )
