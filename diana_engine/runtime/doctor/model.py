"""What a look at a database finds, and what mends it: values, so that looking and mending can be told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from diana_engine.database.ports.decisions import Decision
from diana_engine.database.ports.plays import PlayKey

__all__ = ["Ailment", "Balances", "Content", "Grave", "Remedy", "Repair"]

Grave = Literal["error", "warning"]
"""``error``: something is wrong. ``warning``: something that an operator should know."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A step that puts a play right. It is made only if the play is still at `sequence`."""

    play: PlayKey
    sequence: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class Balances:
    """The balances that are kept of a play are made from its ledger anew."""

    play: PlayKey


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of a version are made from its program anew."""

    version: int


Remedy: TypeAlias = Repair | Balances | Content


@dataclass(frozen=True, slots=True)
class Ailment:
    """Something that does not agree: which check found it, whose it is, and what it is, in a sentence."""

    check: str
    grave: Grave
    subject: str
    words: str
    remedy: Remedy | None = None
