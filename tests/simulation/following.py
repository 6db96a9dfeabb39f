"""What must be so of players whose story is published anew: who follows, where to, and that nobody notices without need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from diana_engine.adapters.telegram.receiving.updates import Incoming, Reach, Said, Tapped
from diana_engine.adapters.telegram.showing.callback import Press, decode
from diana_engine.database.port import Publication
from diana_engine.database.steps.written import LogRow, from_json
from diana_engine.play.actions import Start
from diana_engine.play.carrying import Carried, carry
from diana_engine.play.state import Moment
from simulation.story import known
from simulation.walking import Walked, walked

if TYPE_CHECKING:
    from simulation.world import World

__all__ = ["check_followed", "is_carried_unseen", "is_only_carried", "left_behind"]

NOTICED = 10
"""Seconds after which no worker carries anybody to what is no longer in force."""


def left_behind(world: World) -> Iterator[str]:
    """Yield who stands before another scene in what is in force, and was not carried over."""
    active = world.shop.published[-1] if world.shop is not None and world.shop.published else None
    if active is None or active.policy == "pin":
        return
    for record in world.tables.records.values():
        if record.digest != active.version.digest:
            way = known().way(record.digest, active.version.digest, active.policy)
            there = carry(way, record.state, Moment(world.clock()))
            if isinstance(there, Carried) and not way.keeps(record.state, there.state):
                yield f"{record.play.player} is left behind on {record.state.fragment}"


def is_only_carried(row: LogRow) -> bool:
    """Whether a step did nothing but carry the player over."""
    action: Any = from_json(row.action)
    return bool(action.get("type") == "carry" and action["then"] is None)


def is_carried_unseen(world: World, player: int) -> bool:
    """Whether the last that happened to a player is being carried over, without a touch or by what shows no scene."""
    last = [row for row in world.tables.log if row.player.endswith(f"/{player}")][-1]
    if not is_only_carried(last):
        return False
    return last.delivery is None or _shows_nothing(world.acknowledged[int(last.delivery)])


def check_followed(world: World) -> Iterator[str]:
    """Everybody is where a publication led them, in the order of publications, and a button holds that can."""
    yield from (f"{name} failed: {one.error}" for (_, name), one in world.tables.parked.items())
    if world.shop is None:
        return
    steps: dict[str, list[LogRow]] = defaultdict(list)
    for row in world.tables.log:
        steps[row.player].append(row)
    for rows in steps.values():
        made = [*walked(rows, known())]
        yield from _led(made, world.shop.published)
        for one in made:
            yield from _held(world, one)


def _led(made: Sequence[Walked], published: Sequence[Publication]) -> Iterator[str]:
    """Whoever is carried over follows a publication that came after the one that they had, and was in force then."""
    last = 0
    for one in made:
        row = one.row
        if one.moved is not None:
            to = (one.moved.now.digest, one.moved.way.policy)
            found = _found(row.now, published, lambda each, to=to: _order(each) == to)
            if found <= last or not _was_in_force(found, row.now, published):
                yield f"step {row.sequence} of {row.player} carries to {to}, publication {found} after {last}"
            last = found
        if isinstance(one.action, Start):
            last = _found(row.now, published, lambda each, row=row: _order(each)[0] == row.digest)


def _order(one: Publication) -> tuple[str, str]:
    return one.version.digest, one.policy


def _found(now: int, published: Sequence[Publication], is_meant: Any) -> int:
    """Return the last publication by then that is meant, or 0."""
    return max((one.id for one in published if one.at <= now and is_meant(one)), default=0)


def _was_in_force(number: int, now: int, published: Sequence[Publication]) -> bool:
    following = [one for one in published if one.id == number + 1]
    return not following or following[0].at + NOTICED >= now


def _held(world: World, one: Walked) -> Iterator[str]:
    """Whoever stands before the same scene has buttons that hold, until the scene is shown to them in its new words."""
    row, moved = one.row, one.moved
    if moved is None or one.action is not None or not moved.keeps:
        return
    incoming = None if row.delivery is None else world.acknowledged[int(row.delivery)]
    if incoming is None or _shows_nothing(incoming):
        yield f"step {row.sequence} of {row.player} by {incoming} made their buttons old without need"
        return
    button = decode(incoming.data) if isinstance(incoming, Tapped) else None
    if isinstance(button, Press) and button.sequence + 1 == row.sequence:
        result, _ = world.tables.handled[row.player, int(row.delivery or 0)]
        if result == "stale":
            yield f"step {row.sequence} of {row.player}: a button of the same scene was old"


def _shows_nothing(incoming: Incoming) -> bool:
    match incoming:
        case Reach():
            return True
        case Said(command=command):
            return command in ("help", "restart")
        case _:
            return False
