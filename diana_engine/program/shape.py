"""Values of frozen dataclasses as plain JSON values, and back, directed by the types of their fields.

The types are the registry: from the dataclass at the top, everything that can stand in it is known. So there is no
list of classes in which one could be forgotten, and nothing else can be read: what is read names no code and runs none.

An object is ``{"$": "Class", …}`` with the fields that differ from their defaults; tuples are lists and mappings are
objects. Field types may be scalars, literals, dataclasses, tuples of any length, mappings from strings, and unions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from diana_engine.errors import DianaError

__all__ = ["Malformed", "Record", "Shape", "record_of"]

_SCALARS = frozenset({int, bool, str, NoneType})
_NOTHING = object()


class Malformed(DianaError):  # noqa: N818 - it is said of what was read
    """Something that was stored is not what this version of Diana writes; `path` leads to the place."""

    def __init__(self, what: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(f"At {' › '.join(path)}: {what}" if path else what)
        self.what = what
        self.path = path

    def within(self, name: str) -> Malformed:
        """Return the same, seen from one level further out."""
        return Malformed(self.what, (name, *self.path))


class Shape:
    """What may stand in one place: scalars, certain words, records, a list or a table."""

    __slots__ = ("item", "records", "scalars", "table", "words")

    def __init__(self, hint: Any) -> None:
        self.scalars: set[type] = set()
        self.words: set[str] = set()
        self.records: dict[str, Record] = {}
        self.item: Shape | None = None
        self.table: Shape | None = None
        self._allow(hint)

    def _allow(self, hint: Any) -> None:
        while isinstance(hint, NewType):
            hint = hint.__supertype__
        origin, arguments = get_origin(hint), get_args(hint)
        if hint in _SCALARS:
            self.scalars.add(hint)
        elif origin in (Union, UnionType):
            for argument in arguments:
                self._allow(argument)
        elif origin is Literal:
            self.words.update(arguments)
        elif origin is tuple and arguments[1:] == (...,):
            self.item = Shape(arguments[0])
        elif origin is Mapping:
            self.table = Shape(arguments[1])
        elif isinstance(hint, type) and is_dataclass(hint):
            assert hint.__name__ not in self.records, f"two classes are called {hint.__name__}"
            self.records[hint.__name__] = record_of(hint)
        else:
            raise TypeError(f"{hint!r} has no shape")

    def pack(self, value: object) -> object:
        """Return `value` as JSON knows it."""
        kind = type(value)
        if kind in self.scalars or (kind is str and value in self.words):
            return value
        if isinstance(value, tuple) and self.item is not None:
            return [self.item.pack(part) for part in value]
        if isinstance(value, Mapping) and self.table is not None:
            if self.table.holds_only_scalars(value):
                return dict(value)
            return {name: self.table.pack(part) for name, part in value.items()}
        record = self.records.get(kind.__name__)
        if record is None or record.kind is not kind:
            raise TypeError(f"{value!r} cannot stand here")
        return record.pack(value)

    def unpack(self, packed: object) -> object:
        """Return the value that `packed` stands for.

        Raises:
            Malformed: it stands for nothing that may be here.
        """
        kind = type(packed)
        if kind in self.scalars or (kind is str and packed in self.words):
            return packed
        if isinstance(packed, list) and self.item is not None:
            return self._unpack_list(packed, self.item)
        if isinstance(packed, dict):
            if self.table is not None:
                return self._unpack_table(packed, self.table)
            record = self.records.get(str(packed.get("$")))
            if record is not None:
                return record.unpack(packed)
        raise Malformed(f"{_brief(packed)} cannot stand here.")

    def holds_only_scalars(self, table: Mapping[str, object]) -> bool:
        """Return whether all of `table` is scalars that may stand here: most tables are, and large."""
        return set(map(type, table.values())) <= self.scalars

    @staticmethod
    def _unpack_list(packed: list[object], item: Shape) -> tuple[object, ...]:
        parts: list[object] = []
        try:
            for part in packed:
                parts.append(item.unpack(part))  # noqa: PERF401 - how far it came is told in the error
        except Malformed as error:
            raise error.within(f"number {len(parts) + 1}") from None
        return tuple(parts)

    @staticmethod
    def _unpack_table(packed: dict[str, object], value: Shape) -> dict[str, object]:
        if value.holds_only_scalars(packed):
            return dict(packed)
        table: dict[str, object] = {}
        for name, part in packed.items():
            try:
                table[name] = value.unpack(part)
            except Malformed as error:
                raise error.within(name) from None
        return table


class Record:
    """How the objects of one dataclass are written."""

    def __init__(self, kind: type) -> None:
        self.kind = kind

    # Looked into on first use only: classes may refer to each other in a ring.
    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of each field, by name."""
        hints = get_type_hints(self.kind)
        return {field.name: Shape(hints[field.name]) for field in fields(self.kind)}

    @cached_property
    def _defaults(self) -> dict[str, object]:
        return {field.name: _default(field) for field in fields(self.kind)}

    @cached_property
    def _fields(self) -> tuple[tuple[str, object, Shape], ...]:
        """The name, the default and the shape of each field."""
        defaults = self._defaults
        return tuple((name, defaults[name], shape) for name, shape in self.shapes.items())

    @cached_property
    def _required(self) -> frozenset[str]:
        return frozenset(name for name, default in self._defaults.items() if default is _NOTHING)

    def pack(self, value: object) -> dict[str, object]:
        """Return `value` as a JSON object, without the fields that have their default."""
        packed: dict[str, object] = {"$": self.kind.__name__}
        for name, default, shape in self._fields:
            part = getattr(value, name)
            if part != default:
                packed[name] = part if type(part) in shape.scalars else shape.pack(part)
        return packed

    def unpack(self, packed: object) -> Any:
        """Return the object of the dataclass that `packed` stands for.

        Raises:
            Malformed: it stands for none, or holds what this version of Diana does not know.
        """
        if not isinstance(packed, dict) or packed.get("$") != self.kind.__name__:
            raise Malformed(f"I expected a {self.kind.__name__}, not {_brief(packed)}.")
        values: dict[str, object] = {}
        for name, part in packed.items():
            if name != "$":
                values[name] = self._unpack_field(name, part)
        if missing := self._required - values.keys():
            raise Malformed(f"{self.kind.__name__} lacks `{min(missing)}`.")
        return self.kind(**values)

    def _unpack_field(self, name: str, part: object) -> object:
        shape = self.shapes.get(name)
        if shape is None:
            raise Malformed(f"{self.kind.__name__} has no field `{name}`.")
        try:
            return shape.unpack(part)
        except Malformed as error:
            raise error.within(name) from None


@cache
def record_of(kind: type) -> Record:
    """Return how objects of the dataclass `kind` are written."""
    return Record(kind)


def _default(field: Field[Any]) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return _NOTHING if field.default is MISSING else field.default


def _brief(packed: object) -> str:
    match packed:
        case {"$": str(name)}:
            return f"`{name}`"
        case dict():
            return "an object"
        case list():
            return "a list"
        case _:
            return f"{packed!r:.40}"
