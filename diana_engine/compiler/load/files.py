"""One file: from its bytes to text that is safe to read, and from its text to nodes."""

from __future__ import annotations

import stat
from pathlib import Path

from diana_engine.compiler.load.build import Builder
from diana_engine.compiler.load.characters import forbidden_character
from diana_engine.compiler.load.events import listen
from diana_engine.compiler.load.explain import explain
from diana_engine.compiler.nodes import Node, ScalarNode
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.source import ORDINARY, SourceFile

__all__ = ["MAX_BYTES", "open_file", "read_file", "read_text"]

MAX_BYTES = 64 * ORDINARY
"""The size of a file at most. Programs write stories too: 100,000 fragments in one file take some 80 MB."""

_SIGNS = {"{": 3, "*": 1, "|": 1, "[": 1}
MAX_SIGNS = 300_000
"""Signs that texts may give a meaning to, a brace counted threefold, in a file of ordinary size; 4 MiB of prose have a
tenth of it."""

_MARKS = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_MARK = b"\xef\xbb\xbf"


def read_file(path: Path, shown: str) -> tuple[SourceFile, Node | None, list[Diagnostic]]:
    """Read the YAML file at `path`, which people know as `shown`.

    Whatever is wrong with it is found, never raised. There is no node where it could not be read.
    """
    file = open_file(path, shown)
    if isinstance(file, Diagnostic):
        return file.primary.span.file, None, [file]
    return file, *read_text(file)


def open_file(path: Path, shown: str) -> SourceFile | Diagnostic:
    """Return the file at `path` with its text, which nobody has read yet, or what is wrong with it."""
    data = _bytes_of(path, SourceFile(shown, ""))
    text = data if isinstance(data, Diagnostic) else _decoded(data, shown)
    return text if isinstance(text, Diagnostic) else SourceFile(shown, text)


def read_text(file: SourceFile) -> tuple[Node | None, list[Diagnostic]]:
    """Read the text of a file; what was found is in the order of the file."""
    finding = forbidden_character(file) or _too_many_signs(file)
    if finding is not None:
        return None, [finding]
    builder = Builder(file)
    fault = listen(file.text, builder)
    if fault is not None:
        return None, builder.broken(explain(file, fault, builder.last, builder.bracket))
    root, findings = builder.finish()
    if not findings and (root is None or _is_nothing(root)):
        help = "Write something into it, or delete it."
        return None, [
            diagnose("DIA008", file.span(0, 0), "There is nothing in this file.", help=help)
        ]
    return root, findings


def _too_many_signs(file: SourceFile) -> Diagnostic | None:
    """Refuse what only a machine writes: each sign that may be formatting or a brace costs time to read."""
    weight = sum(file.text.count(sign) * cost for sign, cost in _SIGNS.items())
    if weight <= file.allows(MAX_SIGNS, 8):
        return None
    message = "This file holds more braces, stars, bars and brackets than I read in one file."
    help = "Divide it into several files in `chapters/`."
    return diagnose("DIA011", file.span(0, 0), message, help=help)


def _is_nothing(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.value and node.style == "plain"


def _bytes_of(path: Path, file: SourceFile) -> bytes | Diagnostic:
    start = file.span(0, 0)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            # Reading a pipe or a device may never end.
            return diagnose(
                "DIA003",
                start,
                f"`{file.path}` is {_what(status.st_mode)}, where I expected a file.",
                help="Put the file there, or move what is there elsewhere.",
            )
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1) if status.st_size <= MAX_BYTES else b""
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        help = "Look whether the file is there and may be read."
        return diagnose("DIA003", start, f"I cannot read `{file.path}`: {reason}.", help=help)
    size = max(status.st_size, len(data))
    if size > MAX_BYTES:
        message = f"`{file.path}` has {size:,} bytes, and a file may have {MAX_BYTES:,} at most."
        return diagnose(
            "DIA004", start, message, help="Divide it into several files in `chapters/`."
        )
    return data


def _what(mode: int) -> str:
    return "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"


def _decoded(data: bytes, shown: str) -> str | Diagnostic:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _not_utf8(
                SourceFile(shown, ""),
                0,
                f"This file is written in {name}, which begins at its byte 1.",
            )
    try:
        return data.removeprefix(_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        body = data.removeprefix(_MARK)
        place = error.start + len(data) - len(body)
        file = SourceFile(shown, body.decode("utf-8", "replace"))
        message = f"Byte {place + 1:,} of this file (0x{data[place]:02X}) is not UTF-8{_guess(data[place])}."
        return _not_utf8(file, len(body[: error.start].decode("utf-8")), message)


def _not_utf8(file: SourceFile, at: int, message: str) -> Diagnostic:
    span = file.span(at, min(at + 1, len(file.text)))
    return diagnose("DIA005", span, message, help="Save the file as UTF-8; every editor can.")


def _guess(byte: int) -> str:
    """Return what the byte would be in the encoding that Windows once wrote."""
    meant = bytes([byte]).decode("cp1252", "ignore")
    return f"; in Windows-1252 it would be `{meant}`" if meant.isprintable() and meant else ""
