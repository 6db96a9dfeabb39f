"""What a program holds that the proof does not understand yet: then nothing is claimed, and it is said why."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.states.report import FragmentVerdict, Report
from diana_engine.program.exits import branches_of, choices_of
from diana_engine.program.model import Call, Program

__all__ = ["beyond", "unknown"]


def beyond(program: Program) -> tuple[str, ...]:
    """Return why nothing can be proved of `program`; nothing for most."""
    return tuple(_reasons(program))


def _reasons(program: Program) -> Iterator[str]:
    for id, fragment in program.fragments.items():
        if isinstance(fragment.exit, Call):
            yield f"{id} calls a sub-story, and these are not followed yet"
            return


def unknown(program: Program, reasons: tuple[str, ...]) -> Report:
    """Return a report of which every verdict is unknown."""
    return Report(
        fragments={
            id: FragmentVerdict("unknown", "unknown", "unknown") for id in program.fragments
        },
        choices={
            (id, number): "unknown"
            for id, one in program.fragments.items()
            for number, _ in enumerate((*choices_of(one.exit), *branches_of(one.exit)), start=1)
        },
        points_of_no_return=(),
        winnable=None,
        reasons=reasons,
    )
