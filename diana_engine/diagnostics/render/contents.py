"""All codes in one list: in a line each for a terminal, with their first sentence for the documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diana_engine.diagnostics.model import Code
from diana_engine.diagnostics.registry import FAMILIES, Page, page

__all__ = ["catalogue", "contents"]

_SENTENCE = re.compile(r".+?[.!?](?=\s+[A-Z`]|\s*$)", re.DOTALL)
_PREFACE = """\
# What Diana finds in a story

Each finding has a code, and its first digit is its family. `diana explain DIA201` shows the page of a code: what it means,
a wrong story, and the mended one. Errors forbid playing; warnings and notes do not, and `checks:` in `story.yaml` says how
severe each of them is in a story ([the language](language.md#checks)).
"""


def contents(codes: Sequence[Code]) -> str:
    """Return every code with its title, by family."""
    parts = [
        "\n".join(
            [
                f"{digit}: {family}",
                *(f"  {one.code}  {one.severity:7}  {one.title}" for one in pages),
            ]
        )
        for digit, family, pages in _families(codes)
    ]
    return "\n\n".join(parts) + "\n"


def catalogue(codes: Sequence[Code]) -> str:
    """Return every code with its title and the first sentence of its page as a Markdown document, by family."""
    parts = [_PREFACE]
    for digit, family, pages in _families(codes):
        entries = "\n".join(_entry(one) for one in pages)
        parts.append(f"## {digit}: {family}\n\n{entries}\n")
    return "\n".join(parts)


def _families(codes: Sequence[Code]) -> Iterator[tuple[int, str, list[Page]]]:
    for digit, family in enumerate(FAMILIES):
        if pages := [page(code) for code in codes if code[3] == str(digit)]:
            yield digit, family, pages


def _entry(one: Page) -> str:
    """Return a code in one line, so that two who each add a code change different lines."""
    paragraph = " ".join(one.body.split("\n\n")[0].split())
    sentence = _SENTENCE.match(paragraph)
    place = f"../diana_engine/diagnostics/codes/{one.code}-{one.name}.md"
    said = sentence[0] if sentence else paragraph
    return f"- [{one.code}]({place}) {_escaped(one.title)} ({one.severity}). {said}"


def _escaped(title: str) -> str:
    return re.sub(r"([*_<>&])", r"\\\1", title)
