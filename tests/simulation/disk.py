"""A disk whose power may be cut: what SQLite writes and syncs is recorded, and every image that a cut could leave is made.

The recorder is a layer of SQLite's own kind (a VFS) in the very library that Python's `sqlite3` uses, so nothing of ours
is replaced: each file's writes, truncations and syncs pass through here on their way to the operating system. A disk may
lose, keep or tear whatever was not synced when the power failed, in any order; what was synced before is there.
"""

from __future__ import annotations

import _sqlite3
import ctypes
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Literal

__all__ = ["Cut", "Happening", "Image", "Recording", "images", "recorded"]

SECTOR = 512
"""Bytes that a disk writes whole or not at all."""

Kind = Literal["open", "write", "truncate", "sync", "delete", "acknowledge"]
Cut = Literal["nothing", "some", "everything"]
"""How much of what was not synced came to the disk."""


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened to a file, in the order in which SQLite asked for it, or that something was acknowledged.

    `number` is where it was written or how long the file became, and for an acknowledgement what was acknowledged; of a deletion
    it tells whether the folder was synced with it.
    """

    kind: Kind
    file: str = ""
    number: int = 0
    content: bytes = b""


@dataclass
class Recording:
    """What happened, from the files as they were at first."""

    before: dict[str, bytes]
    happened: list[Happening] = field(default_factory=list)

    def acknowledge(self, number: int) -> None:
        """Note that somebody was told that something is done."""
        self.happened.append(Happening("acknowledge", number=number))


# What a cut leaves --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Image:
    """The files after a cut, what had been acknowledged by then, and where the cut was."""

    files: dict[str, bytes]
    acknowledged: frozenset[int]
    at: int
    cut: Cut


@dataclass(slots=True)
class _Kept:
    """A file: what is surely on the disk, and what was asked for since."""

    durable: bytearray
    pending: list[Happening] = field(default_factory=list)


class _Folder:
    """Files by name. A name that was given or taken away is sure once the folder was synced."""

    def __init__(self, before: dict[str, bytes]) -> None:
        self.now = {name: _Kept(bytearray(content)) for name, content in before.items()}
        self.durable = dict(self.now)

    def do(self, one: Happening) -> None:
        match one.kind:
            case "open":
                self.now.setdefault(one.file, _Kept(bytearray()))
            case "write" | "truncate":
                self.now[one.file].pending.append(one)
            case "sync":
                kept = self.now[one.file]
                for each in kept.pending:
                    _apply(kept.durable, each)
                kept.pending.clear()
                # With a new log or journal SQLite syncs the folder, too.
                self.durable = dict(self.now)
            case "delete":
                self.now.pop(one.file, None)
                if one.number:
                    self.durable = dict(self.now)
            case "acknowledge":
                pass

    def after(self, cut: Cut, rng: Random) -> dict[str, bytes]:
        """Return what is found when the power is back."""
        names = self.durable if cut == "nothing" else self.now
        if cut == "some":
            names = rng.choice((self.durable, self.now))
        return {name: bytes(_left(kept, cut, rng)) for name, kept in names.items()}


def _left(kept: _Kept, cut: Cut, rng: Random) -> bytearray:
    content = bytearray(kept.durable)
    if cut == "nothing":
        return content
    share = rng.random()
    for one in kept.pending:
        if cut == "everything" or rng.random() < share:
            _apply(content, one)
        elif one.kind == "write" and rng.random() < 0.5:
            _tear(content, one, rng)
    return content


def _apply(content: bytearray, one: Happening) -> None:
    if one.kind == "truncate":
        if one.number < len(content):
            del content[one.number :]
        return
    end = one.number + len(one.content)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[one.number : end] = one.content


def _tear(content: bytearray, one: Happening, rng: Random) -> None:
    """Write some sectors of a write, in no order."""
    for start in range(0, len(one.content), SECTOR):
        if rng.random() < 0.5:
            part = one.content[start : start + SECTOR]
            _apply(content, Happening("write", one.file, one.number + start, part))


def images(recording: Recording, wanted: int, rng: Random) -> Iterator[Image]:
    """Yield images of the disk after cuts that are spread over the recording, of each kind of cut alike."""
    cuts: tuple[Cut, ...] = ("nothing", "some", "everything")
    moments = sorted(rng.choices(range(len(recording.happened) + 1), k=wanted))
    folder, done, told = _Folder(recording.before), 0, set[int]()
    for number, moment in enumerate(moments):
        for one in recording.happened[done:moment]:
            folder.do(one)
            if one.kind == "acknowledge":
                told.add(one.number)
        done = moment
        cut = cuts[number % len(cuts)]
        yield Image(folder.after(cut, rng), frozenset(told), moment, cut)


# The recorder -------------------------------------------------------------------------------------

_p, _int, _i64 = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
# Names are passed on as addresses: SQLite keeps them beyond the call, and a copy of Python's would be gone by then.
_Open = ctypes.CFUNCTYPE(_int, _p, _p, _p, _int, _p)
_Delete = ctypes.CFUNCTYPE(_int, _p, _p, _int)
_Write = ctypes.CFUNCTYPE(_int, _p, _p, _int, _i64)
_Truncate = ctypes.CFUNCTYPE(_int, _p, _i64)
_Sync = ctypes.CFUNCTYPE(_int, _p, _int)


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`, whose later members are passed on as they are."""

    _fields_ = (
        ("version", _int), ("close", _p), ("read", _p), ("write", _p), ("truncate", _p), ("sync", _p),
        *((f"more{number}", _p) for number in range(13)),
    )  # fmt: skip


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs`, whose later members are passed on as they are."""

    _fields_ = (
        ("version", _int), ("file_size", _int), ("longest_name", _int), ("next", _p), ("name", ctypes.c_char_p),
        ("data", _p), ("open", _p), ("delete", _p), *((f"more{number}", _p) for number in range(14)),
    )  # fmt: skip


_RECORDERS: list[_Recorder] = []


class _Recorder:
    """SQLite's way to files, beside which notes are taken."""

    def __init__(self, below: _Vfs, folder: Path, recording: Recording) -> None:
        self.folder, self.recording = folder, recording
        self.names: dict[int, str] = {}
        self.methods: dict[int, _Methods] = {}
        self.kept: list[object] = []
        self.open_below = ctypes.cast(below.open, _Open)
        self.delete_below = ctypes.cast(below.delete, _Delete)
        self.vfs = _Vfs.from_buffer_copy(below)
        self.vfs.name = b"diana-recorder"
        self.vfs.open = self._callback(_Open, self._open)
        self.vfs.delete = self._callback(_Delete, self._delete)

    def _callback(self, kind: Any, function: Callable[..., int]) -> int:
        made = kind(function)
        self.kept.append(made)
        address = ctypes.cast(made, _p).value
        assert address is not None
        return address

    def _note(self, *what: Any) -> None:
        self.recording.happened.append(Happening(*what))

    def _open(self, vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        result = self.open_below(vfs, name, file, flags, out)
        path = None if name is None else _path(name)
        if result == 0 and path is not None and path.parent == self.folder:
            self.names[file] = path.name
            if path.name not in self.recording.before:
                self._note("open", path.name)
            methods = ctypes.cast(file, ctypes.POINTER(_p))
            methods[0] = ctypes.addressof(self._watched(methods[0]))
        return result

    def _watched(self, below: int) -> _Methods:
        """Return the methods of a kind of file, with ours where something reaches the disk."""
        if below not in self.methods:
            original = _Methods.from_address(below)
            methods = _Methods.from_buffer_copy(original)
            methods.write = self._callback(_Write, self._write(ctypes.cast(original.write, _Write)))
            methods.truncate = self._callback(
                _Truncate, self._truncate(ctypes.cast(original.truncate, _Truncate))
            )
            methods.sync = self._callback(_Sync, self._sync(ctypes.cast(original.sync, _Sync)))
            self.methods[below] = methods
        return self.methods[below]

    def _write(self, below: Callable[..., int]) -> Callable[..., int]:
        def write(file: int, content: int, amount: int, offset: int) -> int:
            self._note("write", self.names[file], offset, ctypes.string_at(content, amount))
            return below(file, content, amount, offset)

        return write

    def _truncate(self, below: Callable[..., int]) -> Callable[..., int]:
        def truncate(file: int, size: int) -> int:
            self._note("truncate", self.names[file], size)
            return below(file, size)

        return truncate

    def _sync(self, below: Callable[..., int]) -> Callable[..., int]:
        def sync(file: int, flags: int) -> int:
            result = below(file, flags)
            self._note("sync", self.names[file])
            return result

        return sync

    def _delete(self, vfs: int, name: int, folder_too: int) -> int:
        path = _path(name)
        result = self.delete_below(vfs, name, folder_too)
        if path.parent == self.folder:
            self._note("delete", path.name, folder_too)
        return result


def _path(name: int) -> Path:
    return Path(ctypes.string_at(name).decode())


def _library() -> ctypes.CDLL:
    """Return the library that Python's `sqlite3` uses."""
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    return library


@contextmanager
def recorded(folder: Path, files: Sequence[str]) -> Iterator[Recording]:
    """Record what SQLite does to the files in a folder; those of `files` are there, and nobody has them open.

    Raises:
        AttributeError: this Python keeps its SQLite to itself.
    """
    library = _library()
    below = library.sqlite3_vfs_find(None)
    recording = Recording({name: (folder / name).read_bytes() for name in files})
    recorder = _Recorder(below.contents, folder.resolve(), recording)
    library.sqlite3_vfs_register(ctypes.byref(recorder.vfs), 1)
    try:
        yield recording
    finally:
        _RECORDERS.append(recorder)  # somebody may still close a file
        library.sqlite3_vfs_unregister(ctypes.byref(recorder.vfs))
        library.sqlite3_vfs_register(below, 1)
