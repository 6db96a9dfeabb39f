"""The console of a game: a person's terminal, or lines from a file or pipe."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from typing import TextIO

from diana_engine.adapters.terminal.screen import Look, one_line
from diana_engine.errors import DianaError
from diana_engine.expressions.text import Plain

__all__ = ["Lines", "Person", "forgiving"]


def forgiving(stream: TextIO | None) -> TextIO | None:
    """Let an input take bytes that are no characters: whatever somebody types is only ever not understood."""
    if isinstance(stream, TextIOWrapper):
        with suppress(ValueError):
            stream.reconfigure(errors="replace")
    return stream


class Person:
    """Somebody at a terminal. `write` shows text, `look` says how wide the window is now."""

    def __init__(self, write: Callable[[str], None], look: Callable[[], Look]) -> None:
        self._write = write
        self._look = look
        # With it, `input` lets a line be edited and an earlier one be repeated; not every Python has it.
        with suppress(ImportError):
            import readline  # noqa: F401

    def ask(self, prompt: str) -> str:
        """Return the line that is typed."""
        self._write("\n")
        return input(prompt)

    def tell(self, text: str) -> None:
        """Show some text."""
        self._write(text)

    def look(self) -> Look:
        """Say how to show things now."""
        return self._look()


class Lines:
    """Lines of a stream that is no terminal; each is shown as it is taken, so that the output can be read alone."""

    def __init__(
        self, stream: TextIO | None, write: Callable[[str], None], look: Callable[[], Look]
    ) -> None:
        self._stream = stream
        self._write = write
        self._look = look

    def ask(self, prompt: str) -> str:
        """Return the next line.

        Raises:
            EOFError: there are no more.
            DianaError: the input cannot be read.
        """
        try:
            line = self._stream.readline() if self._stream is not None else ""
        except OSError as error:
            raise DianaError(f"The input cannot be read: {error.strerror}.") from error
        if not line:
            raise EOFError
        self._write(f"\n{prompt}{one_line((Plain(line),))}".rstrip() + "\n")
        return line.rstrip("\r\n")

    def tell(self, text: str) -> None:
        """Show some text."""
        self._write(text)

    def look(self) -> Look:
        """Say how to show things now."""
        return self._look()
