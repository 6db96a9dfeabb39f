"""What a player holds, and what can be put together of it, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.adapters.terminal.words import Words
from diana_engine.play.state import PlayerState
from diana_engine.program.model import Program
from diana_engine.program.systems import Combination

__all__ = ["backpack"]


def backpack(
    program: Program, state: PlayerState, found: tuple[Combination, ...], words: Words
) -> Iterator[str]:
    """Yield a line for each item, and a numbered one for each of the combinations that are `found` possible."""
    held = [
        (program.items[id], count)
        for id, count in sorted(state.items.items())
        if id in program.items
    ]
    if not held:
        yield words.empty_backpack
    for item, count in held:
        yield f"- {item.name} ×{count}" if count > 1 else f"- {item.name}"
    for number, one in enumerate(found, start=1):
        parts = " + ".join(program.items[item].name for item in one.of)
        yield f"{words.backpack} {number}: {parts} → {program.items[one.gives].name}"
