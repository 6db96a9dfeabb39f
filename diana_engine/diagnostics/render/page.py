"""The page of a code, as a terminal shows it or as the Markdown it is written in."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from diana_engine.diagnostics.registry import Page
from diana_engine.diagnostics.render.styles import Style, paint

__all__ = ["markdown", "terminal"]

_WIDEST = 88
"""Prose is hard to read in longer lines, however wide the terminal."""

_MARKUP = re.compile(r"(?P<code>`[^`\n]+`)|\*\*(?P<strong>[^*\n]+)\*\*")
_ITEM = re.compile(r"(?P<sign>[-*]|[0-9]+\.) +")


def markdown(shown: Page) -> str:
    """Return the page as a Markdown document with a heading of its own."""
    return f"# {shown.code} {shown.name}\n\n{shown.title}\n\n{shown.body.strip()}\n"


def terminal(shown: Page, *, colour: bool, width: int) -> str:
    """Return the page as text for a terminal of `width` columns."""
    room = max(24, min(width, _WIDEST))
    head = paint(f"{shown.severity}[{shown.code}]", shown.severity, colour=colour)
    title = paint(f": {shown.title}", "strong", colour=colour)
    blocks = "\n\n".join(_blocks(shown.body, room, colour=colour))
    return f"{head}{title} ({shown.name})\n\n{blocks}\n"


def _blocks(body: str, width: int, *, colour: bool) -> Iterator[str]:
    """Yield what stands between blank lines: headings, code as it stands, prose wrapped."""
    for number, part in enumerate(
        re.split(r"^```[^\n]*\n(.*?)^```[^\n]*$", body, flags=re.MULTILINE | re.DOTALL)
    ):
        if number % 2:
            yield textwrap.indent(part.rstrip("\n"), "    ")
            continue
        for block in re.split(r"\n\s*\n", part.strip()):
            if block.startswith("#"):
                yield paint(block.lstrip("# "), "strong", colour=colour)
            elif block:
                yield "\n".join(_prose(block, width, colour=colour))


def _prose(block: str, width: int, *, colour: bool) -> Iterator[str]:
    """Yield the lines of a paragraph or of a list, whose items hang from their signs."""
    items: list[list[str]] = []
    for line in block.splitlines():
        if _ITEM.match(line.lstrip()) or not items:
            items.append([])
        items[-1].append(line.strip())
    for item in items:
        text = " ".join(item)
        sign = _ITEM.match(text)
        lines = textwrap.wrap(
            text,
            width,
            subsequent_indent=" " * len(sign[0]) if sign else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield _inline("\n".join(lines), colour=colour)


def _inline(text: str, *, colour: bool) -> str:
    def shown(match: re.Match[str]) -> str:
        style: Style = "note" if match["code"] else "strong"
        return paint(match["code"] or match["strong"], style, colour=colour)

    return _MARKUP.sub(shown, text)
