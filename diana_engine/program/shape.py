"""Values of frozen dataclasses as plain JSON values, and back, directed by the types of their fields.

The types are the registry: from the dataclass at the top everything that can stand in it is known, so there is no
list of classes that could be forgotten, and nothing else can be read. No code is ever named or run by what is read.

An object is ``{"$": "Class", …}`` with the fields that differ from their defaults; tuples are lists and mappings are
objects. Field types may be scalars, literals, dataclasses, variadic tuples, mappings from strings, and unions of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from diana_engine.errors import DianaError

__all__ = ["Malformed", "Record", "Shape", "shape_of"]

_SCALARS = frozenset({int, bool, str, NoneType})


class Malformed(DianaError):  # noqa: N818 - said of what was read, not of what went wrong here
    """Something stored is not what this version of Diana writes; `path` leads to the place."""

    def __init__(self, what: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(f"{'.'.join(path)}: {what}" if path else what)
        self.what = what
        self.path = path

    def within(self, name: str) -> Malformed:
        """Return the same, seen from one level further out."""
        return Malformed(self.what, (name, *self.path))


class Shape:
    """What may stand in one place: scalars, some words, records, a list or a table."""

    __slots__ = ("item", "records", "scalars", "table", "words")

    def __init__(self) -> None:
        self.scalars: set[type] = set()
        self.words: set[str] = set()
        self.records: dict[str, Record] = {}
        self.item: Shape | None = None
        self.table: Shape | None = None

    def allow(self, hint: Any) -> None:
        """Let what the type `hint` describes stand here too."""
        while isinstance(hint, NewType):
            hint = hint.__supertype__
        origin, arguments = get_origin(hint), get_args(hint)
        if hint in _SCALARS:
            self.scalars.add(hint)
        elif origin in (Union, UnionType):
            for argument in arguments:
                self.allow(argument)
        elif origin is Literal:
            self.words.update(arguments)
        elif origin is tuple and arguments[1:] == (...,):
            self.item = shape_of(arguments[0])
        elif origin is Mapping:
            self.table = shape_of(arguments[1])
        elif is_dataclass(hint) and isinstance(hint, type):
            self.records[hint.__name__] = _record_of(hint)
        else:
            raise TypeError(f"no shape for {hint!r}")

    def pack(self, value: object) -> object:
        """Return `value` as JSON knows it."""
        kind = type(value)
        if kind in self.scalars or (kind is str and value in self.words):
            return value
        if kind is tuple and self.item is not None:
            return [self.item.pack(part) for part in value]  # type: ignore[attr-defined]
        if isinstance(value, Mapping) and self.table is not None:
            return self._pack_table(value, self.table)
        record = self.records.get(kind.__name__)
        if record is None or record.kind is not kind:
            raise TypeError(f"{value!r} cannot stand here")
        return record.pack(value)

    def unpack(self, packed: object) -> object:
        """Return the value that `packed` stands for.

        Raises:
            Malformed: it stands for none.
        """
        kind = type(packed)
        if kind in self.scalars or (kind is str and packed in self.words):
            return packed
        if isinstance(packed, list) and self.item is not None:
            return tuple([self.item.unpack(part) for part in packed])
        if isinstance(packed, dict):
            if self.table is not None:
                return _unpack_table(packed, self.table)
            record = self.records.get(packed.get("$", ""))
            if record is not None:
                return record.unpack(packed)
        raise Malformed(f"I do not know what {_brief(packed)} is here")
