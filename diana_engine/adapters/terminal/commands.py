"""What a player typed: a number, nothing, or one of a few words in any of the languages we speak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from diana_engine.expressions.durations import seconds_of

__all__ = [
    "Await",
    "Backpack",
    "Command",
    "Pick",
    "Typed",
    "Unknown",
    "Word",
    "read_answer",
    "read_command",
]

Word = Literal["continue", "undo", "save", "quit", "help", "restart", "reveal"]

_WORDS: dict[str, Word] = {
    "": "continue",
    "0": "continue",
    "c": "continue",
    "continue": "continue",
    "continuar": "continue",
    "u": "undo",
    "undo": "undo",
    "deshacer": "undo",
    "s": "save",
    "save": "save",
    "guardar": "save",
    "q": "quit",
    "quit": "quit",
    "exit": "quit",
    "salir": "quit",
    "?": "help",
    "h": "help",
    "help": "help",
    "ayuda": "help",
    "r": "restart",
    "restart": "restart",
    "reiniciar": "restart",
    "v": "reveal",
    "view": "reveal",
    "ver": "reveal",
}
_BACKPACK = frozenset({"b", "backpack", "m", "mochila"})
_WAIT = frozenset({"w", "wait", "e", "esperar"})
_DIGITS = 6
"""A longer number is nobody's choice, and Python refuses to read thousands of digits."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A choice by its number, from 1."""

    number: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything else, as it was typed."""

    line: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The answer to what the story asks."""

    words: str


@dataclass(frozen=True, slots=True)
class Await:
    """Let time pass: ``w 8h``."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Backpack:
    """Look into the backpack, or make the combination of that number of what is in it: ``b``, ``b 1``."""

    combination: int | None = None


Command = Pick | Word | Unknown | Typed | Await | Backpack


def read_answer(line: str) -> Command:
    """Return what a line means where the story asks: an answer, but for the commands of one letter or sign.

    In quotes, whatever stands there is the answer.
    """
    typed = line.strip()
    if len(typed) > 2 and typed[0] == typed[-1] == '"':
        return Typed(typed[1:-1])
    command = _WORDS.get(typed.casefold())
    if command is not None and len(typed) <= 1 and not typed.isdecimal():
        return command
    return Typed(line)


def read_command(line: str) -> Command:
    """Return what a line means; any line means something. A full stop after a number may stay."""
    typed = " ".join(line.split()).casefold()
    if typed in _WORDS:
        return _WORDS[typed]
    first, _, rest = typed.partition(" ")
    if first in _BACKPACK and (not rest or (rest.isdecimal() and len(rest) <= _DIGITS)):
        return Backpack(int(rest) if rest else None)
    if first in _WAIT and (seconds := seconds_of(rest.replace(" ", ""))) is not None:
        return Await(seconds)
    number = typed.removesuffix(".")
    if number.isdecimal() and len(number) <= _DIGITS:
        return Pick(int(number))
    return Unknown(line)
