"""A finished check as a value: what the renderers for programs are given."""

from __future__ import annotations

from diana_engine.diagnostics.model import Diagnostic
from diana_engine.records import dataclass

__all__ = ["Report"]


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked and what was found.

    `story` is the path as it was given, `files` are the paths of the files that were read, as `SourceFile` shows them,
    and `diagnostics` stand in their order. `strict` says that warnings fail the check too, `version` which Diana
    checked.
    """

    story: str
    files: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    strict: bool = False
    version: str = ""
