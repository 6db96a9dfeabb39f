"""Values of the engine as bytes and back, which name no code and run none.

The form is pickle's, for it alone makes a hundred thousand objects quickly. A pickle may call whatever it names, so only
our own dataclasses can be named in these: a list of arguments becomes a value, and nothing else ever happens. Files
are not written, only their numbers: whoever reads the bytes has the files.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from importlib import import_module
from io import BytesIO
from typing import Any, cast

from diana_engine.source import Located, SourceFile

__all__ = ["Unportable", "pack", "unpack"]

_PACKAGES = tuple(
    f"diana_engine.{name}." for name in ("compiler", "diagnostics", "expressions", "program")
)
_MODULES = ("diana_engine.source",)
_Reducer = Callable[[Any], tuple[Callable[..., Any], tuple[Any, ...]]]


class Unportable(Exception):  # noqa: N818 - it is said of a value
    """A value that only means something here and now; nothing is wrong, it is just not remembered."""


def pack(value: object, files: Sequence[SourceFile]) -> bytes:
    """Return a value as bytes.

    Raises:
        Unportable: it points into a file that is not among `files`, or holds what is no value.
    """
    stream = BytesIO()
    pickler = pickle.Pickler(stream, protocol=5)
    pickler.dispatch_table = _Reducers(files)
    try:
        pickler.dump(value)
    except (pickle.PicklingError, RecursionError, TypeError, AttributeError) as error:
        raise Unportable(str(error)) from error
    return stream.getvalue()


def unpack(data: bytes, files: Sequence[SourceFile]) -> Any:
    """Return the value whose bytes are `data`.

    Raises:
        Unportable: they are no such bytes.
    """
    try:
        return _Unpickler(BytesIO(data), files).load()
    except Exception as error:
        raise Unportable(str(error)) from error


class _Reducers(dict[type, _Reducer]):
    """How each class is written: as itself and the values of its fields."""

    def __init__(self, files: Sequence[SourceFile]) -> None:
        numbers = {id(file): number for number, file in enumerate(files)}
        super().__init__({Located: _located, SourceFile: _numbered(numbers)})

    def __missing__(self, kind: type) -> _Reducer:
        if not is_dataclass(kind):
            raise KeyError(kind)
        self[kind] = _reducer(kind)
        return self[kind]


def _reducer(kind: type) -> _Reducer:
    own: Any = kind.__reduce__
    if own is not object.__reduce__:
        return cast(
            _Reducer, own
        )  # Most know by themselves how they are made, and say it quickest.
    names = [field.name for field in fields(kind)]
    return lambda value: (kind, tuple(getattr(value, name) for name in names))


def _located(value: Located) -> tuple[type[Located], tuple[Any, ...]]:
    # Where each of its characters stands is worked out from the file when somebody asks; of what is remembered nobody does.
    return Located, (value.text, value.file, value.start, value.end)


def _numbered(numbers: dict[int, int]) -> _Reducer:
    def reduce(file: SourceFile) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        number = numbers.get(id(file))
        if number is None:
            raise pickle.PicklingError(f"{file.path} is none of the files")
        return _file, (number,)

    return reduce


def _file(number: int) -> SourceFile:
    raise NotImplementedError(
        number
    )  # Only its name is written; a reader puts its own files in its place.


class _Unpickler(pickle.Unpickler):
    """Makes our own dataclasses, and nothing else."""

    def __init__(self, stream: BytesIO, files: Sequence[SourceFile]) -> None:
        super().__init__(stream)
        self._files = files

    def find_class(self, module: str, name: str) -> Any:
        """Return the class of that name, if it is one of ours."""
        if (module, name) == (_file.__module__, _file.__name__):
            return self._files.__getitem__
        if module.startswith(_PACKAGES) or module in _MODULES:
            kind = getattr(import_module(module), name, None)
            if isinstance(kind, type) and is_dataclass(kind):
                return kind
        raise pickle.UnpicklingError(f"{module}.{name} is no value")
