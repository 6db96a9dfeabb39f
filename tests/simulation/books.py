"""What must be so of every play whatever went wrong, asked of a store through its port alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from diana_engine.database.ports.history import LoggedStep
from diana_engine.database.ports.plays import PlayerRecord, PlayKey
from diana_engine.database.ports.store import Store
from diana_engine.database.steps.settle import state_digest
from diana_engine.play.rules import advance
from diana_engine.play.saved import decode_action
from diana_engine.play.state import Moment
from diana_engine.program.model import Points, Program
from diana_engine.runtime.scheduler.timing import VIP

__all__ = ["check_play", "steps_of"]


async def steps_of(store: Store, play: PlayKey) -> list[LoggedStep]:
    """Return all of a play's steps."""
    steps: list[LoggedStep] = []
    while more := await store.history.steps(play, steps[-1].sequence if steps else 0):
        steps += more
    return steps


async def check_play(store: Store, play: PlayKey, program: Program) -> list[str]:
    """Return what is not as it must be: updates once, steps that can be made again, points that add up, and what the player is entitled to."""
    record = await store.players.find(play)
    if record is None:
        return [f"{play.player} never began"]
    steps = await steps_of(store, play)
    wrong = [*_once(play, steps), *_replayed(record, steps, program)]
    sums: Counter[str] = Counter()
    for posted in await store.history.ledger(play):
        sums[posted.entry.points] += posted.entry.amount
    kept = await store.history.balances(play)
    for name, variable in program.variables.items():
        if isinstance(variable, Points):
            has = record.state.values[name]
            if not has == kept.get(name, 0) == sums[name]:
                wrong.append(
                    f"{play.player} has {has} {name}, the balance is {kept}, and the ledger adds up to {sums[name]}"
                )
    entitled = {one.kind: one.until for one in await store.history.entitlements(play)}
    if entitled.get(VIP, 0) != record.state.vip_until:
        wrong.append(
            f"{play.player} is VIP until {record.state.vip_until}, and entitled to {entitled}"
        )
    return wrong


def _once(play: PlayKey, steps: list[LoggedStep]) -> Iterator[str]:
    counted = Counter(step.delivery for step in steps if step.delivery)
    for delivery, times in counted.items():
        if times > 1:
            yield f"delivery {delivery} of {play.player} made {times} steps"


def _replayed(record: PlayerRecord, steps: list[LoggedStep], program: Program) -> Iterator[str]:
    player, state = record.play.player, None
    for expected, row in enumerate(steps, start=1):
        if row.sequence != expected:
            yield f"{player} has step {row.sequence} where step {expected} should be"
            return
        state, _ = advance(program, state, decode_action(row.action), Moment(row.now))
        if state_digest(state) != row.state_digest:
            yield f"{player} came to another state by step {row.sequence}"
            return
    if record.state != state or record.sequence != len(steps):
        yield f"{player} is not where the log of steps leads"
