"""`diana play --witness`: the play of a finding, step by step, and then on by hand."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .findings import compiled, show_findings, show_summary
from .output import write, write_file

if TYPE_CHECKING:
    from diana_engine.adapters.terminal.screen import Look
    from diana_engine.adapters.terminal.session import Session
    from diana_engine.compiler.compilation import Compilation
    from diana_engine.diagnostics.model import Diagnostic
    from diana_engine.program.model import Program

__all__ = ["Replay", "Replayed", "replay"]


@dataclass(frozen=True, slots=True)
class Replay:
    """Which play of which story is wanted, and where it is to be written as a playthrough, if anywhere."""

    story: Path
    name: str
    playthrough: Path | None
    colour: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """A play that was played: where it stands; `lasting` says whether a saved game can hold it."""

    game: Session
    lasting: bool


def replay(
    wanted: Replay, tell: Callable[[str], None], look: Callable[[Program], Look]
) -> Replayed | None:
    """Play what is wanted; return where it leads, or `None` where the story cannot be played at all."""
    from diana_engine.adapters.terminal.witness import as_playthrough, play_witness

    result = compiled(wanted.story)
    if result.program is None:
        show_findings(result.diagnostics, sys.stderr, wanted.colour, wanted.story)
        show_summary(result, sys.stderr, wanted.colour, "; it cannot be played")
        return None
    found = _found(result, wanted)
    assert found.witness is not None, "a finding is asked for by its play"
    play = play_witness(result.program, found.witness, tell, look(result.program))
    if wanted.playthrough is not None:
        write_file(wanted.playthrough, as_playthrough(found, play))
        write(f"The play is written into {wanted.playthrough}.\n", to=sys.stderr)
    tell(f"\n{found.severity}[{found.code}]: {found.message}\n")
    return Replayed(play.game, lasting=not found.witness.laid)


def _found(result: Compilation, wanted: Replay) -> Diagnostic:
    from diana_engine.diagnostics.witness import witnessed

    plays = witnessed(result.diagnostics)
    name = wanted.name.strip().upper()
    found = plays.get(name if ":" in name else f"{name}:1")
    if found is not None:
        return found
    if not plays:
        raise click.UsageError("`diana check` finds nothing in this story that a play would show.")
    some = ", ".join(list(plays)[:8]) + (" and more" if len(plays) > 8 else "")
    raise click.UsageError(f"There is no play `{wanted.name}` in this story; there is {some}.")
