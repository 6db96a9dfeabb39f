"""Where the command writes: streams that never choke on a character, and when to use colour."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from secrets import token_hex
from typing import TextIO

import click

from diana_engine.errors import DianaError

__all__ = [
    "abandon_output",
    "flush_output",
    "is_terminal",
    "prepare_streams",
    "terminal_width",
    "wants_colour",
    "write",
    "write_file",
]

WIDTH = 100
"""Columns where no terminal says otherwise, so that what is kept in a file is always the same."""


def prepare_streams() -> None:
    """Let both streams write what their encoding lacks as an escape, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a person reads the stream; it may be closed, or missing altogether."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def wants_colour(choice: str, stream: TextIO | None, environment: Mapping[str, str]) -> bool:
    """Return whether to use colour: what was asked for, else NO_COLOR, FORCE_COLOR, a terminal."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and environment.get("TERM") != "dumb"


def terminal_width(stream: TextIO | None) -> int:
    """Return the columns to write for: the terminal's own, or always the same ones."""
    return shutil.get_terminal_size((WIDTH, 24)).columns if is_terminal(stream) else WIDTH


def write(text: str, *, to: TextIO | None = None, colour: bool = False) -> None:
    """Write text as it is to stdout, or to another stream.

    Raises:
        BrokenPipeError: whoever read the stream has stopped.
        DianaError: the stream cannot be written, say because a disk is full.
    """
    try:
        click.echo(text, file=to, nl=False, color=colour)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(error) from error


def write_file(path: Path, text: str) -> None:
    """Write a file in UTF-8, so that whoever reads it finds all of it, or what was there before.

    Raises:
        DianaError: it cannot be written; what was there is still there.
    """
    data = text.encode("utf-8", "backslashreplace")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)  # a pipe or a device has its readers, and must not be replaced
        else:
            _replace(path.resolve(), data)
    except OSError as error:
        raise DianaError(f"{path} cannot be written: {error.strerror or error}.") from error


def _replace(place: Path, data: bytes) -> None:
    """Put a finished file in the place of another; it stays readable to whom the other one was."""
    written = place.with_name(f".diana-{token_hex(8)}.tmp")
    try:
        with written.open("xb") as file:
            file.write(data)
        if place.exists():
            shutil.copymode(place, written)
        written.replace(place)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def flush_output() -> None:
    """Write out what a library may have left in stdout; raises what `write` raises."""
    if sys.stdout is None or sys.stdout.closed:
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(error) from error


def abandon_output() -> None:
    """Send what remains for stdout to nowhere, or Python would complain about it while it ends."""
    with suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unwritable(error: OSError) -> DianaError:
    abandon_output()
    return DianaError(f"The output cannot be written: {error.strerror or error}.")
