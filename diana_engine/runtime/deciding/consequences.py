"""What follows from a step of play besides the state and the words: entries of the ledger, events, timers, entitlements.

All of it is a pure function of the step, so it is decided with the step and stored in its transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.database.port import Entitlement, Entry, NewEvent
from diana_engine.database.ports.timers import TimerChange
from diana_engine.play.actions import Start
from diana_engine.play.events import Refused
from diana_engine.program.model import Points
from diana_engine.records import dataclass
from diana_engine.runtime.events.catalogue import Happening, PointsAwarded, PointsSpent, as_event
from diana_engine.runtime.events.happened import Happened, happened
from diana_engine.runtime.scheduler.timing import VIP, Standing, timer_changes, timers_ahead

__all__ = ["NOTHING", "Consequences", "consequences", "posted"]


@dataclass(frozen=True, slots=True)
class Consequences:
    """What is stored with a step."""

    entries: tuple[Entry, ...] = ()
    events: tuple[NewEvent, ...] = ()
    timers: tuple[TimerChange, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()


NOTHING = Consequences()
"""What follows where nothing was done."""


def consequences(
    step: Happened, before: Standing | None, correlation: str | None = None
) -> Consequences:
    """Return what follows from a step that was made, or refused, where a player stood `before`."""
    told = tuple(happened(step))
    begun = tuple(_begun(step)) if isinstance(step.action, Start) else ()
    return Consequences(
        (*begun, *posted(told)),
        tuple([as_event(happening, correlation) for happening in told]),
        _timers(step, before),
        _entitled(step),
    )


def _begun(step: Happened) -> Iterator[Entry]:
    """Yield what a play begins with; one that is begun anew gives back what the old one had."""
    for name, variable in step.program.variables.items():
        if isinstance(variable, Points):
            held = 0 if step.before is None else step.before.values.get(name, 0)
            assert isinstance(held, int)
            if variable.initial != held:
                yield Entry(name, variable.initial - held, "start")


def posted(told: tuple[Happening, ...]) -> Iterator[Entry]:
    """Yield the entries of the ledger that events tell of."""
    for happening in told:
        match happening:
            case PointsAwarded(points, amount, _, reason):
                yield Entry(points, amount, reason)
            case PointsSpent(points, amount, _, reason):
                yield Entry(points, -amount, reason)
            case _:
                pass


def _timers(step: Happened, before: Standing | None) -> tuple[TimerChange, ...]:
    now = step.moment.now
    match step.events:
        case (Refused("waiting"),):
            # The player was told that it is over, and a clock was set back since.
            return timers_ahead(step.program, step.after, now)
        case (Refused(),):
            return ()
        case _:
            return timer_changes(before, Standing(step.program, step.after, now))


def _entitled(step: Happened) -> tuple[Entitlement, ...]:
    until = step.after.vip_until
    if until == (0 if step.before is None else step.before.vip_until):
        return ()
    return (Entitlement(VIP, until, "story"),)
