"""What must be so of every play whatever went wrong, asked of a store through its port alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from diana_engine.database.ports.history import LoggedStep
from diana_engine.database.ports.plays import PlayerRecord, PlayKey
from diana_engine.database.ports.store import Store
from diana_engine.expressions.terms import VariableId
from diana_engine.program.model import Points, Program
from diana_engine.runtime.replay import Replay, Versions
from diana_engine.runtime.scheduler.timing import VIP

__all__ = ["check_play", "steps_of"]


async def steps_of(store: Store, play: PlayKey) -> list[LoggedStep]:
    """Return all of a play's steps."""
    steps: list[LoggedStep] = []
    while more := await store.history.steps(play, steps[-1].sequence if steps else 0):
        steps += more
    return steps


async def check_play(store: Store, play: PlayKey, versions: Versions) -> list[str]:
    """Return what is not as it must be: updates once, steps that can be made again, points that add up, and what the player is entitled to."""
    record = await store.players.find(play)
    if record is None:
        return [f"{play.player} never began"]
    program = versions.programs[record.digest]
    steps = await steps_of(store, play)
    wrong = [*_once(play, steps), *_replayed(record, steps, versions), *_at_home(record, program)]
    sums: Counter[str] = Counter()
    for posted in await store.history.ledger(play):
        sums[posted.entry.points] += posted.entry.amount
    kept = await store.history.balances(play)
    points = {name for name, one in program.variables.items() if isinstance(one, Points)}
    for name in sorted(points | kept.keys() | sums.keys()):  # what a version lacks is laid aside
        has = record.state.values.get(VariableId(name)) if name in points else 0
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


def _replayed(record: PlayerRecord, steps: list[LoggedStep], versions: Versions) -> Iterator[str]:
    player, replay = record.play.player, Replay()
    for row in steps:
        broken = replay.make(row, versions)
        if broken is not None:
            yield f"step {broken.sequence} of {player}: {broken.words}"
            return
    if (record.state, record.digest) != (replay.state, replay.digest) or record.sequence != len(
        steps
    ):
        yield f"{player} is not where the log of steps leads"


def _at_home(record: PlayerRecord, program: Program) -> Iterator[str]:
    """Yield what a player's version does not know, and they are on, or have, or lack."""
    state, player = record.state, record.play.player
    if state.fragment not in program.fragments:
        yield f"{player} stands in {state.fragment}, which their version lacks"
    if state.values.keys() != program.variables.keys() or state.items.keys() - program.items.keys():
        yield f"{player} has {state.values} and {state.items}, and their version {program.variables}"
