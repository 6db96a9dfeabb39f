"""A document whose shape was checked: what did not fit is gone, and what is left can be relied on."""

from __future__ import annotations

from diana_engine.compiler.nodes import MappingNode, ScalarNode, SequenceNode
from diana_engine.records import dataclass

__all__ = ["Entry", "ListValue", "Record", "Value"]


@dataclass(slots=True)
class ListValue:
    """The items of a list that fit."""

    node: SequenceNode
    items: list[Value]


@dataclass(slots=True)
class Entry:
    """A key as it was written, and its value; `None` when the value did not fit and was reported."""

    key: ScalarNode
    value: Value | None


@dataclass(slots=True)
class Record:
    """A mapping. A key that was misspelt but meant stands under the name it meant.

    `whole` is false where some key could not be told: what seems to be absent may then be there.
    """

    node: MappingNode
    entries: dict[str, Entry]
    whole: bool = True


Value = ScalarNode | ListValue | Record
