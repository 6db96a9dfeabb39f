"""Small programs by hand: a test says only what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diana_engine.expressions.terms import ChoiceKey, FragmentId
from diana_engine.expressions.text import Inline, Plain, Text
from diana_engine.play import step
from diana_engine.play.actions import Choose, Continue, Start
from diana_engine.play.outcome import Outcome
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.model import (
    Branch,
    ChapterId,
    Choice,
    Choices,
    Ending,
    Exit,
    Fragment,
    Next,
    Program,
    StoryId,
)

__all__ = ["begin", "choice", "choose", "ending", "fragment", "go_on", "onward", "story", "words"]


def words(*parts: str | Inline) -> Text:
    """Return a text of characters and anything else a text may hold."""
    return tuple(Plain(part) if isinstance(part, str) else part for part in parts)


def story(*fragments: Fragment, **parts: Any) -> Program:
    """Return a program that begins with the first of `fragments`."""
    by_id: Mapping[FragmentId, Fragment] = {fragment.id: fragment for fragment in fragments}
    return Program(StoryId("tale"), "A tale", "en", "1", fragments[0].id, fragments=by_id, **parts)


def fragment(name: str, way: Exit | None = None, text: str = "Here.", **parts: Any) -> Fragment:
    """Return the fragment ``main.name``; without an exit it is a dead end."""
    return Fragment(
        FragmentId(f"main.{name}"),
        ChapterId("main"),
        "story",
        Choices() if way is None else way,
        words(text) if text else (),
        **parts,
    )


def ending(name: str = "end", **parts: Any) -> Fragment:
    """Return an ending with the name of its fragment."""
    return fragment(name, Ending(name), **parts)


def choice(name: str, to: str = "end", **parts: Any) -> Choice:
    """Return a choice with the key ``main.name``, where `name` is ``fragment.choice``, that leads to ``main.to``."""
    return Choice(ChoiceKey(f"main.{name}"), words(name), FragmentId(f"main.{to}"), **parts)


def onward(*branches: str | tuple[str, Any]) -> Next:
    """Return a way on to ``main.…``, each branch with its requirement if it has one."""
    pairs = [(branch, None) if isinstance(branch, str) else branch for branch in branches]
    return Next(tuple(Branch(FragmentId(f"main.{to}"), requires) for to, requires in pairs))


def begin(program: Program, seed: int = 1) -> Outcome:
    """Start `program`."""
    return step(program, None, Start(seed), Moment())


def choose(program: Program, state: PlayerState, name: str) -> Outcome:
    """Take the choice ``main.name``."""
    return step(program, state, Choose(ChoiceKey(f"main.{name}")), Moment())


def go_on(program: Program, state: PlayerState) -> Outcome:
    """Press *Continue*."""
    return step(program, state, Continue(), Moment())
