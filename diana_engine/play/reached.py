"""Whether a change of the story reaches a player."""

from __future__ import annotations

from typing import assert_never

from diana_engine.play.state import PlayerState
from diana_engine.program.compare.model import (
    Calling,
    Everybody,
    Granted,
    Holding,
    Level,
    Nobody,
    OnMission,
    Reach,
    Standing,
    Taken,
    Valued,
)
from diana_engine.program.compare.values import fits
from diana_engine.program.model import Program

__all__ = ["is_reached"]


def is_reached(program: Program, state: PlayerState, reach: Reach) -> bool:
    """Return whether a player of `program` is among those whom a change reaches."""
    match reach:
        case Nobody():
            return False
        case Everybody():
            return True
        case Standing(fragment, calling):
            return state.fragment == fragment or (calling and fragment in state.calls)
        case Calling(fragment):
            return fragment in state.calls
        case Taken(choice):
            return choice in state.chosen
        case Holding(item, above):
            return state.items.get(item, 0) > above
        case Valued(variable, None):
            return state.values[variable] != program.variables[variable].initial
        case Valued(variable, into):
            return into is not None and not fits(into, state.values[variable])
        case OnMission(mission):
            run = state.missions.get(mission)
            return run is not None and run.active
        case Granted(achievement):
            return achievement in state.achieved
        case Level(level):
            return state.level >= level
        case _:
            assert_never(reach)
