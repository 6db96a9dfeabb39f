"""The registry of codes: one Markdown page a code, which is also the documentation and two tests.

A page (``codes/DIA201-unknown-fragment.md``) carries TOML front matter between ``+++`` lines: ``title``, ``severity``.
After it come the explanation, a section ``## Wrong`` and a section ``## Mended``. Pages are read one at a time, when a
code is first used.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import cast

from diana_engine.diagnostics.model import Code, Diagnostic, Edit, Label, Severity
from diana_engine.records import dataclass
from diana_engine.source import Span

__all__ = ["FAMILIES", "Page", "codes", "diagnose", "page"]

FAMILIES = (
    "files and YAML",
    "shape",
    "names",
    "types",
    "the story's graph",
    "the story's states",
    "rewards and economy",
    "text, media and channels",
    "translations",
    "internal",
)
"""What the first digit of a code stands for."""


@dataclass(frozen=True, slots=True)
class Page:
    """The page of one code: what it is called, how severe it is, and the Markdown that explains it."""

    code: Code
    name: str
    title: str
    severity: Severity
    body: str


@cache
def _page_files() -> dict[Code, Traversable]:
    folder = files("diana_engine.diagnostics") / "codes"
    named = sorted((entry.name, entry) for entry in folder.iterdir() if entry.name.endswith(".md"))
    return {Code(name[:6]): entry for name, entry in named}


def codes() -> tuple[Code, ...]:
    """Return every code that has a page, in order."""
    return tuple(_page_files())


@cache
def page(code: Code) -> Page:
    """Return the page of `code`; raise `KeyError` when there is none."""
    entry = _page_files()[code]
    # Here, because a story without findings needs no page, and would wait for it.
    import tomllib

    _, front, body = entry.read_text(encoding="utf-8").split("+++\n", 2)
    matter = tomllib.loads(front)
    return Page(
        code=code,
        name=entry.name[7:-3],
        title=matter["title"],
        severity=cast(Severity, matter["severity"]),
        body=body.strip() + "\n",
    )


def diagnose(
    code: str,
    span: Span,
    message: str,
    *,
    label: str = "",
    labels: tuple[Label, ...] = (),
    help: str | None = None,
    edit: Edit | None = None,
) -> Diagnostic:
    """Make a finding of `code` at `span`; its severity is what the code's page says."""
    known = Code(code)
    return Diagnostic(known, page(known).severity, message, Label(span, label), labels, help, edit)
