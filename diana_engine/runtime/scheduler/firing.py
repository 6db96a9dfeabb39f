"""What comes of a timer that fires: pure, so that it is decided inside the transaction that ends the timer.

No timer changes where a player stands. A wait that is over makes going on possible, and players go on themselves: so no
scene passes them by while they sleep, a branch is asked when they go, a price that was pressed in the same second is not
lost, and every play remains one of those that were proved. What fires is told, by an event, and to the player by words.
"""

from __future__ import annotations

from collections.abc import Callable

from diana_engine.database.port import Decision, Message, PlayerKey, PlayerRecord, SetTimer
from diana_engine.expressions.terms import MissionId
from diana_engine.expressions.text import Rich
from diana_engine.play import look
from diana_engine.play.scene import reminder
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.model import Program
from diana_engine.records import dataclass, replace
from diana_engine.runtime.events import catalogue as told
from diana_engine.runtime.events.catalogue import Happening, as_event
from diana_engine.runtime.requests import Reply
from diana_engine.runtime.scheduler.calendar import day_of
from diana_engine.runtime.scheduler.timing import DAILY, MISSION, REMIND, VIP, WAIT, daily, planned
from diana_engine.runtime.versions.following import Followed
from diana_engine.runtime.versions.library import story_token

__all__ = ["Announce", "Scene", "Wakeup", "fire"]

IDLE = 7 * 86_400
"""After so many seconds without a step a player's days are not counted on; the next step counts them again."""


@dataclass(frozen=True, slots=True)
class Wakeup:
    """What a player is to be told of oneself: the scene as it is now, which can be gone on from, or the words of a `reminder`."""

    player: PlayerKey
    language: str
    reply: Reply
    reminder: Rich = ()


Announce = Callable[[Wakeup], tuple[Message, ...]]
"""Renders what a channel says to wake a player. Pure and quick, as it runs inside the transaction, maybe twice."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a timer meets its player: on which version, where, and when.

    `moved` is the player as their next touch would carry them over, which a timer leaves to that touch: its buttons, and those that
    stand in the chat, hold until then.
    """

    program: Program
    record: PlayerRecord
    now: int
    moved: Followed | None = None

    @property
    def told(self) -> tuple[Program, PlayerState]:
        """Return the version in whose words the player is told of their scene, and the play there: the one in force, if only words differ."""
        if self.moved is not None and self.moved.keeps:
            return self.moved.program, self.moved.now.state
        return self.program, self.record.state


def fire(scene: Scene, timer: SetTimer, announce: Announce) -> Decision:
    """Decide what comes of a timer. One that no longer fits the play comes to nothing; one that is early is set again.

    Raises:
        ValueError: a timer of a kind that this version does not know.
    """
    if timer.kind not in (WAIT, REMIND, VIP, MISSION, DAILY):
        raise ValueError(f"a timer of an unknown kind, {timer.kind}")
    if timer.due_at > scene.now:
        return Decision("early", timers=(timer,))
    if timer.kind == DAILY:
        return _new_day(scene, timer)
    if planned(scene.program, scene.record.state).get(timer.key) != timer:
        return Decision("void")
    happening, messages = _fired(scene, timer, announce)
    correlation = f"timer:{timer.key}@{timer.due_at}"
    return Decision("fired", events=(as_event(happening, correlation),), messages=messages)


def _fired(
    scene: Scene, timer: SetTimer, announce: Announce
) -> tuple[Happening, tuple[Message, ...]]:
    """Return what is told of a timer to whoever listens, and to the player."""
    fragment = scene.record.state.fragment
    match timer.kind:
        case "wait":
            return told.WaitOver(fragment), _later(announce(_wakeup(scene)))
        case "remind":
            words = reminder(*scene.told, Moment(scene.now))
            said = announce(replace(_wakeup(scene), reminder=words)) if words else ()
            return told.ReminderTold(fragment), _later(said)
        case "vip":
            return told.VipExpired(timer.due_at), ()
        case _:
            return told.MissionOverdue(_mission(timer)), ()


def _later(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Let messages wait behind answers to players who are there."""
    return tuple(replace(one, priority="reminder") for one in messages)


def _wakeup(scene: Scene) -> Wakeup:
    record = scene.record
    program, state = scene.told
    view = look(program, state, Moment(scene.now))
    if view.choices or view.ask is not None:
        # Buttons go by their number in the version that the player is on; the way on after a wait has none.
        program, state = scene.program, record.state
        view = look(program, state, Moment(scene.now))
    reply = Reply("shown", view, record.sequence, story_token(record.digest))
    return Wakeup(record.play.player, program.language, reply)


def _new_day(scene: Scene, timer: SetTimer) -> Decision:
    """Tell of the day that it is now, whichever the timer was for, and count on for who was here lately."""
    program, now = scene.program, scene.now
    day = told.DayBegan(day_of(now, program.time_zone).isoformat())
    goes_on = now - scene.record.updated_at <= IDLE
    return Decision(
        "fired",
        events=(as_event(day, f"timer:{timer.key}@{timer.due_at}"),),
        timers=(daily(program, now),) if goes_on else (),
    )


def _mission(timer: SetTimer) -> MissionId:
    return MissionId(timer.key.partition(":")[2])
