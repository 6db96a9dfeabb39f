"""What a program has that the searches through its states do not follow yet: then they claim nothing."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.uses import Uses
from diana_engine.program.model import Program

__all__ = ["unfollowed"]


def unfollowed(program: Program) -> tuple[str, ...]:
    """Return the reasons for which nothing can be said of the states of `program`; none where all is followed."""
    return tuple(_reasons(program))


def _reasons(program: Program) -> Iterator[str]:
    uses = Uses()
    for requirement in program.conditions.values():
        uses.requirement(requirement)
    for fragment in program.fragments.values():
        uses.fragment(fragment)
    if uses.asks_vip:
        yield "whether a player is VIP is not followed yet"
    if uses.asks_streak:
        yield "the streak of a player is not followed yet"
    if program.levels is not None:
        yield "levels are not followed yet"
    if program.achievements:
        yield "achievements are not followed yet"
    if program.missions:
        yield "missions are not followed yet"
    if program.combinations:
        yield "combinations are not followed yet"
