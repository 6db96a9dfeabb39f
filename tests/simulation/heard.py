"""What must be so of events when a simulated run has come to rest: each step is told, and each event is heard, in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from diana_engine.database.memory.tables import Tables
from diana_engine.database.ports.events import NewEvent
from diana_engine.database.steps.written import EventRow, LogRow, from_json
from diana_engine.play.actions import Start
from diana_engine.play.state import Moment
from diana_engine.runtime.deciding.arrival import arrival
from diana_engine.runtime.events.happened import Happened, tell
from diana_engine.runtime.replay import Versions
from diana_engine.runtime.scheduler.timing import planned
from simulation.walking import Walked, walked

__all__ = ["check_heard", "check_told", "check_woken"]


def check_told(tables: Tables, versions: Versions) -> Iterator[str]:
    """Every step is told, just as it happened, once."""
    steps: dict[str, list[LogRow]] = defaultdict(list)
    for row in tables.log:
        steps[row.player].append(row)
    told: dict[tuple[str, int], list[NewEvent]] = defaultdict(list)
    for event in tables.events.values():
        if event.key is not None and event.key.startswith(f"{event.sequence}:"):
            made = NewEvent(event.name, from_json(event.payload), event.correlation)
            told[event.player, event.sequence].append(made)
    for player, rows in steps.items():
        for made_again in walked(rows, versions):
            row, happened = made_again.row, _happened(made_again)
            heard = told[player, row.sequence]
            if made_again.action is None:
                heard = heard[: len(happened)]  # what was refused besides is in no log
            if heard != happened:
                yield f"step {row.sequence} of {player} is told as {told[player, row.sequence]}, and was {happened}"


def _happened(made: Walked) -> list[NewEvent]:
    moment, row = Moment(made.row.now), made.row
    correlation = None if row.delivery is None else f"update:{row.delivery}"
    came = [] if made.moved is None else [*arrival(made.moved, moment, correlation).events]
    if made.action is None:
        return came
    before = made.known if isinstance(made.action, Start) else made.there
    step = Happened(made.program, made.action, before, made.after, made.events, moment)
    return [*came, *tell(step, correlation)]


def check_woken(tables: Tables, versions: Versions) -> Iterator[str]:
    """A play has just the timers that its state asks for, and one that is not there any more was told, and said."""
    rows = {(row.player, row.correlation): row for row in tables.events.values()}
    said = {(one.row.player, one.row.key) for one in tables.messages.values()}
    for play, record in tables.records.items():
        player, wanted = str(play.player), planned(versions.programs[record.digest], record.state)
        there = {key[2]: one.row.due_at for key, one in tables.timers.items() if key[0] == player}
        for key, due in there.items():
            if key not in wanted or wanted[key].due_at != due:
                yield f"{player} has a timer {key} at {due}, and is to have {wanted.get(key)}"
        for key, timer in wanted.items():
            if key not in there and (player, f"timer:{key}@{timer.due_at}") not in rows:
                yield f"{player} has no timer {key} at {timer.due_at}, and it never fired"
    for (player, correlation), row in rows.items():
        if row.name in ("wait_over", "reminder_told") and (player, row.key) not in said:
            yield f"{player} is not told of {correlation}"


def check_heard(tables: Tables, heard: Sequence[int]) -> Iterator[str]:
    """The subscriber heard every event, or has it parked, and each player's in their order."""
    parked = {position for _, position in tables.deliveries}
    for position in tables.events.keys() - set(heard) - parked:
        yield f"event {position} was never heard: {tables.events[position]}"
    first: dict[str, list[int]] = defaultdict(list)
    for position in dict.fromkeys(heard):  # in the order in which each was heard first
        event: EventRow = tables.events[position]
        first[event.player].append(position)
    for player, positions in first.items():
        if positions != sorted(positions):
            yield f"events of {player} were heard out of order: {positions}"
