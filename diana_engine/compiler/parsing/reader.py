"""Taking the parts of a record by their keys, located."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from diana_engine.compiler.nodes import ScalarNode
from diana_engine.compiler.shape.values import Entry, ListValue, Record, Value
from diana_engine.compiler.syntax.parts import ParsedCost
from diana_engine.compiler.syntax.story import Parsed, ParsedEffect, ParsedRequirement, ParsedText
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.parsing.effects import parse_effect
from diana_engine.expressions.parsing.requirements import parse_expression
from diana_engine.expressions.parsing.texts import parse_text
from diana_engine.records import dataclass
from diana_engine.source import Located, SourceFile

__all__ = ["Reader"]

_COST = re.compile(r"([0-9]+) +(\w+)")

_Syntax = TypeVar("_Syntax")


@dataclass(slots=True, eq=False)
class Reader:
    """A record of a file; what is found while its expressions and texts are parsed goes to `found`.

    Made by the ten thousand, and asked for more keys than a record has: the questions stop at the first `None`.
    """

    file: SourceFile
    record: Record
    found: list[Diagnostic]

    def located(self, value: ScalarNode) -> Located:
        """Return the text of a node, located."""
        return value.located(self.file)

    @property
    def whole(self) -> bool:
        """Whether every key could be told, so that what is absent is absent for sure."""
        return self.record.whole

    def wrote(self, key: str) -> bool:
        """Whether the key was written, readable or not."""
        return key in self.record.entries

    def hollow(self, key: str) -> bool:
        """Whether the key was written with a value that could not be read."""
        return self.wrote(key) and self.value(key) is None

    def key(self, key: str) -> Located:
        """Return the key itself, as it was written; it must have been."""
        return self.located(self.record.entries[key].key)

    def value(self, key: str) -> Value | None:
        """Return what stands under the key, or `None`."""
        entry = self.record.entries.get(key)
        return None if entry is None else entry.value

    def text(self, key: str) -> Located | None:
        """Return the single value under the key."""
        entry = self.record.entries.get(key)
        if entry is None or not isinstance(entry.value, ScalarNode):
            return None
        return entry.value.located(self.file)

    def switch(self, key: str) -> bool:
        """Return whether ``true`` stands under the key."""
        value = self.value(key)
        return isinstance(value, ScalarNode) and value.value == "true"

    def integer(self, key: str, default: int) -> int:
        """Return the whole number under the key."""
        value = self.value(key)
        return int(value.value) if isinstance(value, ScalarNode) else default

    def several(self, key: str) -> tuple[Located, ...]:
        """Return the single values under the key: one, or a list of them."""
        entry = self.record.entries.get(key)
        return () if entry is None else self.singles(entry.value)

    def singles(self, value: Value | None) -> tuple[Located, ...]:
        """Return single values: one, or a list of them."""
        match value:
            case ScalarNode() as one:
                return (self.located(one),)
            case ListValue(_, items):
                return tuple(self.located(item) for item in items if isinstance(item, ScalarNode))
            case _:
                return ()

    def single(self, value: Value | None) -> Located | None:
        """Return a single value, or `None` where there is none."""
        return self.located(value) if isinstance(value, ScalarNode) else None

    def records(self, key: str) -> Iterator[Reader]:
        """Yield the records of the list under the key."""
        return self.records_of(self.value(key))

    def records_of(self, value: Value | None) -> Iterator[Reader]:
        """Yield the records of a list."""
        if isinstance(value, ListValue):
            for item in value.items:
                if isinstance(item, Record):
                    yield Reader(self.file, item, self.found)

    def named(self, key: str) -> Iterator[tuple[Located, Entry]]:
        """Yield the names declared under the key, and what was declared."""
        value = self.value(key)
        if isinstance(value, Record):
            for entry in value.entries.values():
                yield self.located(entry.key), entry

    def each(self, key: str) -> Iterator[tuple[Located, Reader | None]]:
        """Yield the names declared under the key, each with a reader of its declaration, or `None` where none was readable."""
        for id, entry in self.named(key):
            yield id, self.inner(entry.value)

    def under(self, key: str) -> Reader | None:
        """Return a reader of the record under the key, or `None` where there is none."""
        return self.inner(self.value(key))

    def inner(self, value: Value | None) -> Reader | None:
        """Return a reader of a record, or `None` where there is none."""
        return Reader(self.file, value, self.found) if isinstance(value, Record) else None

    @property
    def anchor(self) -> Located:
        """Return the first key of the record: the place at which all of it is spoken of."""
        first = next(iter(self.record.entries), None)
        node = self.record.node
        return Located("", self.file, node.start, node.end) if first is None else self.key(first)

    def cost(self, key: str) -> ParsedCost | None:
        """Return the price under the key, as in ``5 coins``."""
        source = self.text(key)
        match = _COST.match(source.text) if source is not None else None
        if source is None or match is None:
            return None
        return ParsedCost(source, int(match.group(1)), match.group(2), match.start(2))

    def prose(self, key: str) -> ParsedText | None:
        """Return the text for players under the key."""
        source = self.text(key)
        if source is None:
            return None
        syntax, found = parse_text(source)
        self.found.extend(found)
        return Parsed(source, syntax)

    def requirement(self, key: str) -> ParsedRequirement:
        """Return the requirement under the key: one, or a list of which all must be met."""
        if key not in self.record.entries:
            return ()
        return tuple(self.parsed(source, parse_expression) for source in self.several(key))

    def effects(self, key: str) -> tuple[ParsedEffect, ...]:
        """Return the effects under the key."""
        if key not in self.record.entries:
            return ()
        return tuple(self.parsed(source, parse_effect) for source in self.several(key))

    def parsed(
        self, source: Located, parse: Callable[[Located], tuple[_Syntax | None, list[Diagnostic]]]
    ) -> Parsed[_Syntax]:
        """Parse one text, keeping what was found."""
        syntax, found = parse(source)
        self.found.extend(found)
        return Parsed(source, syntax)
