"""Where findings stand, as SARIF says it: addresses of files, regions, and prints that survive moves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import quote

from diana_engine.diagnostics.model import Diagnostic
from diana_engine.source import Span

__all__ = ["artifact", "fingerprints", "region"]

_ROOT = "%SRCROOT%"
_DRIVE = re.compile(r"[A-Za-z]:/")
_UNRESERVED = "/-._~!$&'()*+,;=@"
"""What stands for itself in a path (RFC 3986). A colon would make a scheme of a first folder."""

_NEAR = 100
"""Characters before and after the finding's first one that its print knows: a line may be megabytes."""


def artifact(path: str) -> dict[str, object]:
    """Return the address of a file: relative to the folder of the check, or absolute if the path is."""
    if _DRIVE.match(path):
        return {"uri": f"file:///{path[:2]}{_quoted(path[2:])}"}
    if path.startswith("/"):
        return {"uri": f"file://{_quoted(path)}"}
    return {"uri": _quoted(path), "uriBaseId": _ROOT}


def _quoted(path: str) -> str:
    # `surrogatepass`: a name is made of any characters, and a report must come of it.
    return quote(path, safe=_UNRESERVED, errors="surrogatepass")


def region(span: Span) -> dict[str, object]:
    """Return the region of a span; its end is the first character after it, as SARIF counts too."""
    begin, finish = span.begin, span.finish
    return {
        "startLine": begin.line,
        "startColumn": begin.column,
        "endLine": finish.line,
        "endColumn": finish.column,
    }


def fingerprints(diagnostics: Sequence[Diagnostic]) -> list[str]:
    """Return for each finding a print that stays when its line moves, and differs from all the others.

    It knows the code, the file and the words around the place, but neither the line's number nor the message, which a
    later Diana may put better. Findings that are alike in all this are told apart by their order.
    """
    seen: Counter[str] = Counter()
    prints = []
    for one in diagnostics:
        known = _known(one)
        seen[known] += 1
        prints.append(f"{known}:{seen[known]}")
    return prints


def _known(one: Diagnostic) -> str:
    span = one.primary.span
    before, after = _around(span)
    parts = (one.code, span.file.path, before, after)
    # A character that no text holds parts them; `surrogatepass` because any text must have a print.
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _around(span: Span) -> tuple[str, str]:
    """Return what stands on the line before and from the finding's first character, without indentation."""
    text, begin = span.file.text, span.begin
    first = span.start - (begin.column - 1)
    before = text[max(first, span.start - _NEAR) : span.start]
    after = re.split(r"[\r\n]", text[span.start : span.start + _NEAR], maxsplit=1)[0]
    return before.lstrip(), after.rstrip()
