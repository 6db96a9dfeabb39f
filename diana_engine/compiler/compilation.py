"""What a compilation gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from diana_engine.records import dataclass

if TYPE_CHECKING:
    from diana_engine.compiler.analysis.states.results.report import Report
    from diana_engine.diagnostics.model import Diagnostic
    from diana_engine.program.model import Program

__all__ = ["Compilation"]


@dataclass(frozen=True, slots=True)
class Compilation:
    """What came of a story.

    `program` is there unless errors of shape, names or types (families 0–3) forbid it; with errors of other families,
    or of what the story wishes of its findings, it is a draft, which can be played but not stored. `files` are the paths
    of the story's files, as they are shown. `report` is what was proved of the program; `unproved` why nothing
    could be. `media` are the files
    that the program names, by the SHA-256 of their bytes.
    """

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    fragments: int
    choices: int
    files: tuple[str, ...]
    report: Report | None = None
    unproved: tuple[str, ...] = ()
    media: Mapping[str, Path] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return self._count("error")

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        return self._count("warning")

    @property
    def notes(self) -> int:
        """How many notes there are."""
        return self._count("note")

    def _count(self, severity: str) -> int:
        return sum(finding.severity == severity for finding in self.diagnostics)
