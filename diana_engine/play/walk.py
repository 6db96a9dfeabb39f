"""A player on the way: the state in a form that the rules can change in place.

`PlayerState` is immutable, and a step returns a new one. Inside a step a walk stands for it: it shares the state's
mappings until it changes one, and copies only that one. So a step costs what it changes, and a play of many steps
(a replay, a simulation) made on one walk copies nothing at all.

Every change is an event, and an event knows what was before. That is how a choice is tried: it is done, and if it
turns out impossible, undone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, cast

from diana_engine.expressions.terms import (
    AchievementId,
    ChoiceKey,
    FragmentId,
    ItemId,
    MissionId,
    Value,
    VariableId,
)
from diana_engine.play.events import (
    AchievementUnlocked,
    Called,
    ChoiceTaken,
    Emitted,
    Event,
    FragmentEntered,
    ItemChanged,
    MissionDone,
    MissionExpired,
    MissionStarted,
    ReminderSet,
    Returned,
    ValueChanged,
    VipGranted,
    WaitBegan,
)
from diana_engine.play.state import IncomeRun, MissionRun, PlayerState, Waiting
from diana_engine.program.model import Program
from diana_engine.program.systems import CombinationId

__all__ = ["Walk"]

_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")


class Walk:
    """One play of `program` under way, and what has happened in it since `events` was last emptied.

    Read its mappings freely and change them only through its methods: until then they may be a state's own.
    """

    __slots__ = (
        "_owns_chosen",
        "_owns_items",
        "_owns_values",
        "_owns_visits",
        "achieved",
        "aside",
        "calls",
        "chosen",
        "combined",
        "earned",
        "entered",
        "entry",
        "events",
        "feeling",
        "fragment",
        "incomes",
        "items",
        "level",
        "missions",
        "now",
        "offset",
        "program",
        "remind_at",
        "said",
        "seed",
        "streak",
        "tally",
        "values",
        "vip_until",
        "visits",
        "waiting",
    )

    def __init__(self, program: Program, state: PlayerState, now: int = 0, offset: int = 0) -> None:
        self.program = program
        self.now, self.offset = now, offset
        self.seed = state.seed
        self.fragment = state.fragment
        self.entry = state.entry
        self.said = state.said
        self.calls = state.calls
        self.entered = state.entered
        self.waiting = state.waiting
        self.remind_at = state.remind_at
        self.events: list[Event] = []
        # Only what this walk owns is ever written to, and what it owns is a `dict`.
        self.values = cast("dict[VariableId, Value]", state.values)
        self.items = cast("dict[ItemId, int]", state.items)
        self.visits = cast("dict[FragmentId, int]", state.visits)
        self.chosen = cast("dict[ChoiceKey, int]", state.chosen)
        self._disown()
        # These seldom change, and are replaced whole when they do.
        self.combined: CombinationId | None = state.combined
        self.earned: Mapping[VariableId, int] = state.earned
        self.level = state.level
        self.achieved: Mapping[AchievementId, int] = state.achieved
        self.missions: Mapping[MissionId, MissionRun] = state.missions
        self.tally: Mapping[str, int] = state.tally
        self.vip_until = state.vip_until
        self.streak = state.streak
        self.feeling = state.feeling
        self.aside = state.aside
        self.incomes: Mapping[str, IncomeRun] = state.incomes

    @property
    def vip(self) -> bool:
        """Whether the player is VIP at this moment."""
        return self.vip_until > self.now

    def _disown(self) -> None:
        self._owns_values = self._owns_items = self._owns_visits = self._owns_chosen = False

    def state(self) -> PlayerState:
        """Return where the player stands now; the walk may go on."""
        self._disown()
        return PlayerState(
            self.seed,
            self.fragment,
            self.entry,
            self.values,
            self.items,
            self.visits,
            self.chosen,
            self.said,
            self.calls,
            self.combined,
            self.earned,
            self.level,
            self.achieved,
            self.missions,
            self.tally,
            self.vip_until,
            self.streak,
            self.feeling,
            self.entered,
            self.waiting,
            self.remind_at,
            self.aside,
            self.incomes,
        )

    def enter(self, fragment: FragmentId) -> None:
        """Stand in `fragment` and count the visit."""
        if not self._owns_visits:
            self.visits, self._owns_visits = dict(self.visits), True
        visits = self.visits.get(fragment, 0) + 1
        self.visits[fragment] = visits
        self.fragment = fragment
        self.entry += 1
        self.waiting = self.remind_at = None
        if fragment in self.program.timed:
            self.entered = {**self.entered, fragment: self.now}
        self.events.append(FragmentEntered(fragment, visits))

    def wait(self, seconds: int, choice: ChoiceKey | None = None) -> None:
        """Let the player wait from now on, here or on the way that `choice` leads."""
        self.waiting = Waiting(self.now + seconds, choice)
        self.events.append(WaitBegan(self.fragment, choice, self.waiting.due))

    def remind(self, after: int) -> None:
        """Let the player be reminded some seconds after it is possible to go on."""
        self.remind_at = (self.waiting.due if self.waiting else self.now) + after
        self.events.append(ReminderSet(self.fragment, self.remind_at))

    def call(self) -> None:
        """Let the fragment where the player stands wait for the return of its sub-story."""
        self.calls = (*self.calls, self.fragment)
        self.events.append(Called(self.fragment))

    def end_call(self) -> FragmentId | None:
        """Return the fragment whose sub-story is over now, or `None` where none was called."""
        if not self.calls:
            return None
        *calls, caller = self.calls
        self.calls = tuple(calls)
        self.events.append(Returned(caller))
        return caller

    def choose(self, choice: ChoiceKey) -> None:
        """Count that `choice` was taken here."""
        self._put_chosen(choice, self.chosen.get(choice, 0) + 1)
        self.events.append(ChoiceTaken(self.fragment, choice))

    def set_value(self, variable: VariableId, after: Value) -> None:
        """Give `variable` the value `after`, which lies in its range."""
        before = self.values[variable]
        if before != after:
            self._put_value(variable, after)
            self.events.append(ValueChanged(variable, before, after))
            self._earn(variable, before, after, 1)

    def set_item(self, item: ItemId, after: int) -> None:
        """Let the player hold `after` of `item`."""
        before = self.items.get(item, 0)
        if before != after:
            self._put_item(item, after)
            self.events.append(ItemChanged(item, before, after))

    def unlock(self, achievement: AchievementId) -> None:
        """Grant an achievement, unless it was granted already; what it brings comes when the step settles."""
        if achievement not in self.achieved:
            self.achieved = {**self.achieved, achievement: self.now}
            self.events.append(AchievementUnlocked(achievement))

    def start(self, mission: MissionId, run: MissionRun) -> None:
        """Let a mission begin."""
        self.events.append(MissionStarted(mission, self.missions.get(mission)))
        self.missions = {**self.missions, mission: run}

    def finish(self, mission: MissionId, run: MissionRun) -> None:
        """Let a mission that is under way end so, done or not."""
        before = self.missions[mission].times
        self.missions = {**self.missions, mission: run}
        done = run.times > before
        self.events.append(MissionDone(mission, run.times) if done else MissionExpired(mission))

    def grant_vip(self, seconds: int) -> None:
        """Let the player be VIP for so long more."""
        before = self.vip_until
        self.vip_until = max(before, self.now) + seconds
        self.events.append(VipGranted(before, self.vip_until))

    def emit(self, event: str) -> None:
        """Let an event of the story's own happen, and count it."""
        self.tally = {**self.tally, event: self.tally.get(event, 0) + 1}
        self.events.append(Emitted(event))

    def undo(self, mark: int) -> None:
        """Take back what was chosen and changed since there were `mark` events; entering a fragment is for good."""
        events = self.events
        while len(events) > mark:
            match events.pop():
                case ValueChanged() as change:
                    self._put_value(change.variable, change.before)
                    self._earn(change.variable, change.before, change.after, -1)
                case ItemChanged() as change:
                    self._put_item(change.item, change.before)
                case ChoiceTaken() as taken:
                    self._put_chosen(taken.choice, self.chosen[taken.choice] - 1)
                case AchievementUnlocked(achievement):
                    self.achieved = _without(self.achieved, achievement)
                case MissionStarted(mission, None):
                    self.missions = _without(self.missions, mission)
                case MissionStarted(mission, MissionRun() as run):
                    self.missions = {**self.missions, mission: run}
                case VipGranted() as granted:
                    self.vip_until = granted.before
                case Emitted(event):
                    left = self.tally[event] - 1
                    self.tally = {**_without(self.tally, event), **({event: left} if left else {})}
                case other:
                    raise AssertionError(f"{other} cannot be undone")

    def _earn(self, variable: VariableId, before: Value, after: Value, sign: int) -> None:
        """Count what was earned of the points that levels name, or take that back."""
        levels = self.program.levels
        if levels is None or levels.points != variable:
            return
        assert isinstance(before, int)
        assert isinstance(after, int)
        if after > before:
            earned = self.earned.get(variable, 0) + sign * (after - before)
            self.earned = {variable: earned} if earned else {}

    def _put_value(self, variable: VariableId, value: Value) -> None:
        if not self._owns_values:
            self.values, self._owns_values = dict(self.values), True
        self.values[variable] = value

    def _put_item(self, item: ItemId, held: int) -> None:
        if not self._owns_items:
            self.items, self._owns_items = dict(self.items), True
        if held:
            self.items[item] = held
        else:
            del self.items[item]

    def _put_chosen(self, choice: ChoiceKey, times: int) -> None:
        if not self._owns_chosen:
            self.chosen, self._owns_chosen = dict(self.chosen), True
        if times:
            self.chosen[choice] = times
        else:
            del self.chosen[choice]


def _without(table: Mapping[_Key, _Kept], gone: _Key) -> dict[_Key, _Kept]:
    return {key: value for key, value in table.items() if key != gone}
