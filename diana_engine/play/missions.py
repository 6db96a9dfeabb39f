"""Missions: begun by an effect, done when all their steps hold at the end of a step of play, lost when time runs out.

A mission that may be repeated counts visits and events from its latest beginning; any other counts all that there ever
were, so that who was in the library before was there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from diana_engine.expressions.evaluate import holds
from diana_engine.expressions.terms import MissionId
from diana_engine.play.events import MissionDone
from diana_engine.play.state import MissionRun
from diana_engine.play.walk import Walk
from diana_engine.program.systems import (
    Mission,
    Step,
    StepCount,
    StepHolds,
    StepItem,
    StepMission,
    StepVisit,
)

__all__ = ["advance_missions", "begin_mission", "step_holds"]

_NEVER = MissionRun(active=False)


def begin_mission(id: MissionId, walk: Walk) -> None:
    """Begin a mission, unless it is under way, or done for good, or has to rest."""
    mission = next(one for one in walk.program.missions if one.id == id)
    run = walk.missions.get(id, _NEVER)
    over = _deadline(mission, run) <= walk.now
    if run.active and not over:
        return
    if run.times and (not mission.repeat or walk.now < run.done + mission.cooldown):
        return
    walk.start(id, replace(run, active=True, since=walk.now, before=_counted(mission, walk)))


def advance_missions(walk: Walk) -> Iterator[None]:
    """Finish each mission under way whose time ran out or whose steps all hold, in order; pause after each.

    A mission is done once at most in one step of play, however often its own effects begin it anew.
    """
    if not walk.missions:
        return
    for mission in walk.program.missions:
        run = walk.missions.get(mission.id)
        if run is None or not run.active:
            continue
        if _deadline(mission, run) <= walk.now:
            walk.finish(mission.id, replace(run, active=False))
            yield
        elif all(step_holds(step, run, walk) for step in mission.steps) and not _was_done(
            mission, walk
        ):
            done = replace(run, active=False, times=run.times + 1, done=walk.now, before={})
            walk.finish(mission.id, done)
            yield


def step_holds(step: Step, run: MissionRun, walk: Walk) -> bool:
    """Return whether one step of a mission is done."""
    match step:
        case StepVisit(fragment, times):
            visits = walk.visits.get(fragment, 0)
            return visits - run.before.get(fragment, 0) >= times
        case StepItem(item, count):
            return walk.items.get(item, 0) >= count
        case StepCount(event, times):
            return walk.tally.get(event, 0) - run.before.get(event, 0) >= times
        case StepMission(other):
            known = walk.missions.get(other)
            return known is not None and known.times > 0
        case StepHolds(requirement):
            return holds(requirement, walk, walk.program.conditions)
        case _:
            assert_never(step)


def _deadline(mission: Mission, run: MissionRun) -> float:
    return run.since + mission.expires if run.active and mission.expires else float("inf")


def _was_done(mission: Mission, walk: Walk) -> bool:
    return any(
        isinstance(event, MissionDone) and event.mission == mission.id for event in walk.events
    )


def _counted(mission: Mission, walk: Walk) -> Mapping[str, int]:
    if not mission.repeat:
        return {}
    counts: dict[str, int] = {}
    for step in mission.steps:
        match step:
            case StepVisit(fragment):
                counts[fragment] = walk.visits.get(fragment, 0)
            case StepCount(event):
                counts[event] = walk.tally.get(event, 0)
            case StepItem() | StepMission() | StepHolds():
                pass
            case _:
                assert_never(step)
    return {name: count for name, count in counts.items() if count}
