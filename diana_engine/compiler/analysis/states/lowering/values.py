"""Where `play` keeps what the variables of a model stand for."""

from __future__ import annotations

from bisect import bisect_right
from typing import assert_never

from diana_engine.compiler.analysis.states.graph.model import Variable
from diana_engine.expressions.terms import (
    ChoiceKey,
    FragmentId,
    ItemId,
    MissionId,
    VariableId,
)
from diana_engine.play.state import PlayerState
from diana_engine.play.walk import Walk

__all__ = ["since", "value_of"]


def value_of(variable: Variable, player: PlayerState | Walk, now: int = 0) -> int:
    """Return what `variable` is for a player of `play` at the time `now`; draws are none of a player's values, nor is how late it is in a wait."""
    kind, name = variable.slot
    match kind:
        case "value":
            value = player.values[VariableId(name)]
            return variable.words.get(value, 0) if isinstance(value, str) else int(value)
        case "item":
            return player.items.get(ItemId(name), 0)
        case "visits":
            return player.visits.get(FragmentId(name), 0)
        case "chosen":
            return int(player.chosen.get(ChoiceKey(name), 0) > 0)
        case "draw" | "pending" | "late":
            return 0
        case "stack":
            return variable.words[" ".join(player.calls)]
        case "earned":
            return min(player.earned.get(VariableId(name), 0), variable.high)
        case "level":
            return int(player.level >= int(name))
        case "achieved":
            return int(name in player.achieved)
        case "active" | "done":
            run = player.missions.get(MissionId(name))
            return int(run is not None and (run.active if kind == "active" else run.times > 0))
        case "count":
            return _counted(name, variable, player)
        case "tally":
            return min(player.tally.get(name, 0), variable.high)
        case "vip":
            return int(player.vip_until > 0)
        case "streak":
            return min(player.streak, variable.high)
        case "entered" | "begun" | "rested":
            at = since(variable, player)
            return variable.high if at is None else bisect_right(variable.marks, now - at)
        case _:
            assert_never(kind)


def since(variable: Variable, player: PlayerState | Walk) -> int | None:
    """Return since when a clock goes; nothing for one that does not."""
    kind, name = variable.slot
    if kind == "entered":
        return player.entered.get(FragmentId(name))
    run = player.missions.get(MissionId(name))
    if run is None:
        return None
    if kind == "begun":
        return run.since if run.active else None
    return run.done if run.times else None


def _counted(name: str, variable: Variable, player: PlayerState | Walk) -> int:
    """Return what a mission that repeats has counted since it began; while it is not under way that is nothing."""
    mission, _, counting = name.partition(" ")
    run = player.missions.get(MissionId(mission))
    if run is None or not run.active:
        return 0
    visits = player.visits.get(FragmentId(counting), 0)
    all_ = visits if "." in counting else player.tally.get(counting, 0)
    return min(all_ - run.before.get(counting, 0), variable.high)
