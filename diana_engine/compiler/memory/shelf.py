"""Where what is remembered lies: a folder of small files that anybody may delete at any time.

Each file holds a digest of itself before its bytes, and is put in its place whole; what is damaged, cut short or not ours
is as if it were not there. A folder that others may write to is not used at all.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from diana_engine.records import dataclass

__all__ = ["MOST_BYTES", "Shelf", "Stock"]

MOST_BYTES = 512 * 2**20
"""What a shelf may hold; beyond that, what was not asked for longest goes first. A large story takes some 20 MB."""

_DIGEST = 16
_ENDING = ".kept"


@dataclass(frozen=True, slots=True)
class Stock:
    """What lies on a shelf."""

    files: int
    bytes: int


class Shelf:
    """The folder. Nothing here fails: what cannot be read is not there, what cannot be written is not kept."""

    def __init__(self, folder: Path, most: int = MOST_BYTES) -> None:
        self.folder = folder
        self._most = most
        self._usable: bool | None = None
        self._added = 0

    def get(self, key: str) -> bytes | None:
        """Return what was put there under `key`."""
        if not self._is_usable():
            return None
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        if _digest(data[_DIGEST:]) != data[:_DIGEST]:
            return None
        with suppress(OSError):
            os.utime(path)  # It was asked for; the oldest go first.
        return data[_DIGEST:]

    def put(self, key: str, data: bytes) -> None:
        """Keep `data` under `key`."""
        if not self._is_usable():
            return
        path = self._path(key)
        unfinished = path.with_name(f"{os.urandom(8).hex()}.tmp")
        try:
            path.parent.mkdir(exist_ok=True, mode=0o700)
            unfinished.write_bytes(_digest(data) + data)
            unfinished.replace(path)
        except OSError:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            return
        self._added += len(data)

    def tidy(self) -> None:
        """Throw the oldest away where there is too much; to be called when all was put."""
        if not self._added:
            return
        found = sorted(self._files(), key=lambda one: one[1].st_mtime_ns)
        left = sum(status.st_size for _, status in found)
        for path, status in found if left > self._most else []:
            with suppress(OSError):
                path.unlink()
                left -= status.st_size
            if left <= self._most * 3 // 4:
                break

    def stock(self) -> Stock:
        """Return how much lies there."""
        sizes = [status.st_size for _, status in self._files()]
        return Stock(len(sizes), sum(sizes))

    def clear(self) -> Stock:
        """Throw everything away; return how much that was. Files that are not ours are left alone."""
        gone = []
        for path, status in self._files():
            with suppress(OSError):
                path.unlink()
                gone.append(status.st_size)
        return Stock(len(gone), sum(gone))

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key[2:]}{_ENDING}"

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        found = []
        for ending in (_ENDING, ".tmp"):
            for path in self.folder.glob(f"[0-9a-f][0-9a-f]/*{ending}"):
                with suppress(OSError):
                    found.append((path, path.stat()))
        return found

    def _is_usable(self) -> bool:
        if self._usable is None:
            self._usable = _is_private(self.folder)
        return self._usable


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_DIGEST).digest()


def _is_private(folder: Path) -> bool:
    """Return whether the folder is there, or could be made, and nobody else can write into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.stat()
    except OSError:
        return False
    if not hasattr(os, "geteuid"):
        return True  # Windows keeps a person's local folder private by itself.
    writable = stat.S_IWGRP | stat.S_IWOTH
    return status.st_uid == os.geteuid() and not status.st_mode & writable
