"""Saved games: a small JSON file each, written whole or not at all, and never thrown away unread.

A file that cannot be understood is put aside under another name before anything else is written in its place. A new save
is written beside the old one, forced to the disk and then renamed over it, so that at every moment one of the two is
there, whatever happens to the machine.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import assert_never

from diana_engine.adapters.terminal.session import Move, Pass
from diana_engine.errors import DianaError
from diana_engine.expressions.terms import ChoiceKey
from diana_engine.play.actions import Answer, Choose, Combine, Continue, Earn, Skip
from diana_engine.program.model import StoryId
from diana_engine.program.systems import CombinationId

__all__ = [
    "FOLDER",
    "Damaged",
    "Save",
    "decode",
    "default_path",
    "encode",
    "keep",
    "load",
    "put_aside",
]

FOLDER = "DIANA_SAVES"
"""The environment variable that names the folder of saved games."""

_FORMAT = 1
_CONTINUE = "continue"
_SKIP = "skip"
_LONGEST = 2**40
_LARGEST_SEED = 2**64


class Damaged(ValueError):  # noqa: N818 - said of the file
    """The bytes of a file are no saved game that this version of Diana can read."""


@dataclass(frozen=True, slots=True)
class Save:
    """A saved game: the story, the version of it that was played, the seed and what was done."""

    story: StoryId
    program: str
    seed: int
    moves: tuple[Move, ...]


def default_path(folder: Path, story: StoryId) -> Path:
    """Return where the game of a story is saved; the id of a story is made of small letters, digits and `_`."""
    harmless = "".join(one if one.isalnum() or one in "_-" else "_" for one in story)
    return folder / f"{harmless}.json"


def encode(save: Save) -> bytes:
    """Return what is written into the file."""
    moves = [_written(move) for move in save.moves]
    document = {
        "diana_save": _FORMAT,
        "story": save.story,
        "program": save.program,
        "seed": save.seed,
        "moves": moves,
    }
    return f"{json.dumps(document, indent=1)}\n".encode()


def _written(move: Move) -> object:
    match move:
        case Choose(choice):
            return choice
        case Continue():
            return _CONTINUE
        case Answer(typed):
            return {"answer": typed}
        case Skip():
            return _SKIP
        case Combine(combination):
            return {"combine": combination}
        case Earn(source):
            return {"earn": source}
        case Pass(seconds, None):
            return {"wait": seconds}
        case Pass(seconds, streak):
            return {"wait": seconds, "streak": streak}
        case _:
            assert_never(move)


def decode(data: bytes) -> Save:
    """Return the saved game.

    Raises:
        Damaged: there is none in `data`.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Damaged("no JSON") from error
    match document:
        case {
            "diana_save": 1,
            "story": str(story),
            "program": str(program),
            "seed": int(seed),
            "moves": list(moves),
        } if not isinstance(seed, bool) and 0 <= seed < _LARGEST_SEED:
            return Save(StoryId(story), program, seed, tuple(map(_move, moves)))
        case _:
            raise Damaged("not what a saved game holds")


def _move(written: object) -> Move:
    if written == _CONTINUE:
        return Continue()
    if written == _SKIP:
        return Skip()
    # The keys of choices hold a dot, so that none is called `continue`.
    if isinstance(written, str) and "." in written:
        return Choose(ChoiceKey(written))
    match written:
        case {"answer": str(typed), **rest} if not rest:
            return Answer(typed)
        case {"combine": str(combination), **rest} if not rest:
            return Combine(CombinationId(combination))
        case {"earn": str(source), **rest} if not rest:
            return Earn(source)
        case {"wait": int(seconds), **rest} if (
            type(seconds) is int and not rest and 0 <= seconds < _LONGEST
        ):
            return Pass(seconds)
        case {"wait": int(seconds), "streak": int(streak), **rest} if (
            type(seconds) is int
            and type(streak) is int
            and not rest
            and 0 <= seconds < _LONGEST
            and 0 <= streak < _LONGEST
        ):
            return Pass(seconds, streak)
    raise Damaged("a move that is none")


def load(path: Path) -> Save | None:
    """Return the saved game, or `None` where there is no file.

    Raises:
        Damaged: there is a file, and no saved game in it.
        DianaError: the file cannot be read at all.
    """
    try:
        return decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DianaError(f"The saved game {path} cannot be read: {error.strerror}.") from error


def keep(path: Path, save: Save) -> None:
    """Write a saved game, so that either it or what was there before is found afterwards.

    Raises:
        DianaError: it cannot be written; what was there is still there.
    """
    try:
        place = path.resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        _replace(place, encode(save))
    except OSError as error:
        raise DianaError(f"The game cannot be saved in {path}: {error.strerror}.") from error


def _replace(place: Path, data: bytes) -> None:
    with NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}.", delete=False) as file:
        written = Path(file.name)
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            written.replace(place)
        except BaseException:
            written.unlink(missing_ok=True)
            raise
    # A folder cannot be opened everywhere (Windows); there, the rename itself must do.
    with suppress(OSError):
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def put_aside(path: Path, why: str) -> Path:
    """Move a file to a name beside it that is free, which ends in `why` and a number, and return that.

    Raises:
        DianaError: it cannot be moved.
    """
    number = 1
    while (aside := path.with_name(f"{path.name}.{why}-{number}")).exists():
        number += 1
    try:
        path.rename(aside)
    except OSError as error:
        raise DianaError(f"{path} cannot be moved to {aside}: {error.strerror}.") from error
    return aside
