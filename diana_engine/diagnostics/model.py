"""What a finding is: a code, a severity, one sentence, and the places it speaks of."""

from __future__ import annotations

from typing import Literal, NewType

from diana_engine.records import dataclass
from diana_engine.source import Span

__all__ = ["Code", "Diagnostic", "Edit", "Label", "Severity", "Witness", "WitnessStep"]

Code = NewType("Code", str)
"""``DIA`` and three digits; the first digit is the family."""

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Label:
    """A place, and what is to be said of it (may be empty for the primary one)."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that would mend the finding, offered only where it is sure to be what the writer meant."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class WitnessStep:
    """What a player does in one fragment: take its choice of this number, from 1, or go on.

    `span` is where that was written, `words` is how it reads; without words the player presses Continue. Where the
    fragment asks for something, `typed` is what the player answers. A step of number 0 goes no way yet: what is `earned`
    outside the story while the player stands there is named as in the manifest's `income:`; or the player lets `waits`
    seconds pass, which `words` say, or goes on after a wait, or `pays` for not waiting, or
    `combines` items: the combination is named. `streak` is that to which the player comes in the time that passes.
    """

    span: Span
    fragment: str
    number: int
    words: str = ""
    typed: str | None = None
    earned: str | None = None
    waits: int = 0
    pays: bool = False
    combines: str | None = None
    streak: int | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A play that shows what a finding says.

    It comes out so with `seed`, if the draws of `laid` (number of the entry, place, what is drawn) are laid down in it;
    mostly there are none. `number` tells it from other plays of the same code in one report, from 1. `vip` says whether it
    is one of a player who is VIP at first.
    """

    steps: tuple[WitnessStep, ...]
    seed: int = 0
    laid: tuple[tuple[int, str, int], ...] = ()
    number: int = 0
    vip: bool = False


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `message` is a sentence that stands alone. `primary` is the exact token. `labels` point at what else takes part, in
    any file. `help` says what would make it right. `witness` is a play that shows it, if there is one.
    """

    code: Code
    severity: Severity
    message: str
    primary: Label
    labels: tuple[Label, ...] = ()
    help: str | None = None
    edit: Edit | None = None
    witness: Witness | None = None

    @property
    def family(self) -> int:
        """The first digit of the code: 0 files and YAML, 1 shape, 2 names, 3 types, 4 graph, … 9 internal."""
        return int(self.code[3])

    @property
    def sort_key(self) -> tuple[tuple[str, int, int], str, str]:
        """Place, then code, then words: a total order, so that output never depends on how it was found."""
        return self.primary.span.sort_key, self.code, self.message
