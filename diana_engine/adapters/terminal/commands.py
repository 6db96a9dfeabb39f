"""What a player typed: a number, nothing, or one of a few words in any of the languages we speak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Command", "Pick", "Unknown", "Word", "read_command"]

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


Command = Pick | Word | Unknown


def read_command(line: str) -> Command:
    """Return what a line means; any line means something. A full stop after a number may stay."""
    typed = " ".join(line.split()).casefold()
    if typed in _WORDS:
        return _WORDS[typed]
    number = typed.removesuffix(".")
    if number.isdecimal() and len(number) <= _DIGITS:
        return Pick(int(number))
    return Unknown(line)
