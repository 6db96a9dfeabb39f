"""Which parts of a player's state a program ever asks for, and the variables of a model that stand for them.

What nobody asks for cannot decide anything, and has no variable. A construct of the language that reads a new part of
a player's state gets a kind of slot here, and `value_of` says where `play` keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Protocol, assert_never

from diana_engine.compiler.analysis.states.model import LIMIT, Slot, Variable
from diana_engine.expressions.terms import (
    Achieved,
    AchievementId,
    AddTo,
    All,
    Any,
    Arithmetic,
    Assign,
    Between,
    Chance,
    ChoiceKey,
    Chose,
    Compare,
    Constant,
    Count,
    Effect,
    Feels,
    FlagIs,
    FragmentId,
    Has,
    Holds,
    IsVip,
    ItemId,
    LevelOf,
    MissionId,
    MissionIs,
    Not,
    Number,
    NumberOf,
    Requirement,
    Roll,
    StreakDays,
    Take,
    Unlock,
    Value,
    VariableId,
    Visited,
    Visits,
    WordIs,
)
from diana_engine.play.effects import may_fall_short
from diana_engine.play.state import MissionRun
from diana_engine.program.exits import branches_of, choices_of
from diana_engine.program.model import (
    Choice,
    Flag,
    OneOf,
    Points,
    Program,
    WholeNumber,
    Words,
)
from diana_engine.program.systems import (
    Mission,
    StepCount,
    StepHolds,
    StepItem,
    StepMission,
    StepVisit,
)

__all__ = ["Player", "Slots", "counted", "granted", "value_of"]

_LONGEST_STREAK = 366
"""How many days in a row are told apart; longer ones are taken for this."""


class Player(Protocol):
    """What a slot can be read from: a state of `play`, or a walk."""

    @property
    def values(self) -> Mapping[VariableId, Value]:
        """Every variable's value."""

    @property
    def items(self) -> Mapping[ItemId, int]:
        """How many of each item the player holds."""

    @property
    def visits(self) -> Mapping[FragmentId, int]:
        """How often each fragment was entered."""

    @property
    def chosen(self) -> Mapping[ChoiceKey, int]:
        """How often each choice was taken."""

    @property
    def calls(self) -> tuple[FragmentId, ...]:
        """The calls that wait for a return."""

    @property
    def earned(self) -> Mapping[VariableId, int]:
        """What was earned of points in a lifetime."""

    @property
    def level(self) -> int:
        """The highest level that was reached."""

    @property
    def achieved(self) -> Mapping[AchievementId, int]:
        """The achievements that were granted."""

    @property
    def missions(self) -> Mapping[MissionId, MissionRun]:
        """How the player fares with missions."""

    @property
    def tally(self) -> Mapping[str, int]:
        """How often each event happened."""

    @property
    def vip_until(self) -> int:
        """Until when the player is VIP."""

    @property
    def streak(self) -> int:
        """On how many days in a row the player was here."""


class Slots:
    """The variables of a model of `program`, in the order in which the story asks for them.

    `number` gives the index of each slot that is asked for; `largest` is the largest constant that the story compares,
    adds or starts with. Slots of `also` are variables even if nobody asks for them. `free` are the variables that may
    change at any time, whatever players do. `counts` says which missions that repeat count what, and `counted_by` what
    each of them counts.
    """

    def __init__(self, program: Program, also: Iterable[Slot] = ()) -> None:
        self.program = program
        asked = _Asked(program)
        self.variables: list[Variable] = []
        self.number: dict[Slot, int] = {}
        self.largest = asked.largest
        for slot in dict.fromkeys((*asked.slots, *also)):
            self.add(_variable(program, slot, asked.words.get(slot, {})))
        self.free = frozenset(index for slot, index in self.number.items() if slot[0] == "streak")
        self.counts: dict[str, tuple[Slot, ...]] = {}
        self.counted_by: dict[str, tuple[Slot, ...]] = {}
        for slot in self.number:
            if slot[0] == "count":
                mission, _, name = slot[1].partition(" ")
                self.counts[name] = (*self.counts.get(name, ()), slot)
                self.counted_by[mission] = (*self.counted_by.get(mission, ()), slot)

    def add(self, variable: Variable) -> int:
        """Take a variable into the model; return its index."""
        index = self.number[variable.slot] = len(self.variables)
        self.variables.append(variable)
        return index


def value_of(variable: Variable, player: Player) -> int:
    """Return what `variable` is for a player of `play`; draws are none of a player's values."""
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
        case "draw" | "pending":
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
        case _:
            assert_never(kind)


def _counted(name: str, variable: Variable, player: Player) -> int:
    """Return what a mission that repeats has counted since it began; while it is not under way that is nothing."""
    mission, _, counting = name.partition(" ")
    run = player.missions.get(MissionId(mission))
    if run is None or not run.active:
        return 0
    visits = player.visits.get(FragmentId(counting), 0)
    all_ = visits if "." in counting else player.tally.get(counting, 0)
    return min(all_ - run.before.get(counting, 0), variable.high)


def _variable(program: Program, slot: Slot, words: Mapping[str, int]) -> Variable:
    kind, name = slot
    match kind:
        case "item":
            return Variable(slot, 0, program.items[ItemId(name)].maximum, 0)
        case "visits":
            return Variable(slot, 0, LIMIT, 0)
        case "chosen" | "draw" | "stack":
            return Variable(slot, 0, 1, 0)
        case "earned":
            assert program.levels is not None
            return Variable(slot, 0, max(1, program.levels.levels[-1].at), 0)
        case "level" | "achieved" | "pending" | "active" | "done" | "vip":
            return Variable(slot, 0, 1, 0)
        case "count" | "tally":
            return Variable(slot, 0, _most_counted(program, name), 0)
        case "streak":
            return Variable(slot, 0, _LONGEST_STREAK, 0, capped=True)
        case "value":
            declared = program.variables[VariableId(name)]
        case _:
            assert_never(kind)
    match declared:
        case Points(initial, maximum):
            return Variable(slot, 0, maximum, initial)
        case WholeNumber(initial, minimum, maximum):
            return Variable(slot, minimum, maximum, initial)
        case Flag(initial):
            return Variable(slot, 0, 1, int(initial))
        case OneOf(initial=initial) | Words(initial=initial):
            return Variable(slot, 0, len(words), words.get(initial, 0), words=words)
        case _:
            assert_never(declared)


def counted(mission: Mission, name: str) -> Slot | None:
    """Return where a mission that repeats counts visits or events anew; `None` for others, which count all there ever were."""
    return ("count", f"{mission.id} {name}") if mission.repeat else None


def _most_counted(program: Program, name: str) -> int:
    """Return the most that some mission asks for of what is counted; more makes no difference."""
    mission, _, counting = name.rpartition(" ")
    asked = [
        step.times
        for one in program.missions
        if not mission or one.id == mission
        for step in one.steps
        if counting
        in (
            step.fragment if isinstance(step, StepVisit) else "",
            step.event if isinstance(step, StepCount) else "",
        )
        if isinstance(step, StepVisit | StepCount)
    ]
    return max(asked, default=1)


class _Asked:
    """Every slot that some requirement, cost or effect of a program asks for."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.slots: dict[Slot, None] = {}
        self.words: dict[Slot, dict[str, int]] = {}
        self.largest = 0
        self._seen: set[int] = set()
        for variable in program.variables.values():
            if isinstance(variable, Points | WholeNumber):
                self._constant(variable.initial)
        for fragment in program.fragments.values():
            for effect in fragment.on_enter:
                self._effect(effect, refusing=False)
            if fragment.gate is not None:
                self._requirement(fragment.gate.requires)
            if (storylet := fragment.storylet) is not None:
                if storylet.once:
                    self.slots["visits", fragment.id] = None
                if storylet.requires is not None:
                    self._requirement(storylet.requires)
            for choice in choices_of(fragment.exit):
                self._choice(choice)
            for branch in branches_of(fragment.exit):
                if branch.requires is not None:
                    self._requirement(branch.requires)
        if program.settles:
            self._around()

    def _around(self) -> None:
        """Ask what decides the levels, missions and achievements that matter: those asked for, or that bring something."""
        program = self.program
        unlocked = set(_unlocked(program))
        for number, level in enumerate(program.levels.levels if program.levels else (), start=1):
            if program.levels is not None and level.effects:
                self.slots["value", program.levels.points] = None
                self.slots["earned", program.levels.points] = None
                self.slots["level", str(number)] = None
                self._constant(level.at)
                self._brought(level.effects)
        before = -1
        while before != len(self.slots):
            before = len(self.slots)
            for mission in program.missions:
                self._mission(mission)
            for achievement in program.achievements:
                if achievement.effects or ("achieved", achievement.id) in self.slots:
                    self.slots["achieved", achievement.id] = None
                    if achievement.when is not None:
                        self._requirement(achievement.when)
                    if achievement.effects and achievement.id in unlocked:
                        self.slots["pending", achievement.id] = None
                    self._brought(achievement.effects)

    def _mission(self, mission: Mission) -> None:
        own: tuple[Slot, Slot] = ("active", mission.id), ("done", mission.id)
        if not mission.effects and not any(slot in self.slots for slot in own):
            return
        self.slots.update(dict.fromkeys(own))
        for step in mission.steps:
            match step:
                case StepVisit(fragment):
                    self.slots[counted(mission, fragment) or ("visits", fragment)] = None
                case StepItem(item):
                    self.slots["item", item] = None
                case StepCount(event):
                    self.slots[counted(mission, event) or ("tally", event)] = None
                case StepMission(other):
                    self.slots["done", other] = None
                case StepHolds(requirement):
                    self._requirement(requirement)
                case _:
                    assert_never(step)
        self._brought(mission.effects)

    def _brought(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            self._effect(effect, refusing=False)

    def _choice(self, choice: Choice) -> None:
        if choice.once:
            self.slots["chosen", choice.key] = None
        if choice.requires is not None:
            self._requirement(choice.requires)
        if choice.cost is not None:
            self.slots["value", choice.cost.points] = None
            self._constant(choice.cost.amount)
        for effect in choice.effects:
            self._effect(effect, refusing=True)

    def _effect(self, effect: Effect, *, refusing: bool) -> None:
        match effect:
            case AddTo(variable, number) | Assign(variable, number):
                self._number(number)
                if refusing and may_fall_short(effect, self.program):
                    self.slots["value", variable] = None
            case Take(item) if refusing:
                self.slots["item", item] = None
            case _:
                pass

    def _requirement(self, requirement: Requirement) -> None:
        # Named conditions and shared terms are looked at once.
        if id(requirement) in self._seen:
            return
        self._seen.add(id(requirement))
        match requirement:
            case FlagIs(variable):
                self.slots["value", variable] = None
            case WordIs(variable, word):
                self.slots["value", variable] = None
                words = self.words.setdefault(("value", variable), {})
                words.setdefault(word, len(words) + 1)
            case Compare(_, left, right):
                self._number(left)
                self._number(right)
            case Between(value, low, high):
                for number in (value, low, high):
                    self._number(number)
            case Has(item):
                self.slots["item", item] = None
            case Visited(fragment):
                self.slots["visits", fragment] = None
            case Chose(choice):
                self.slots["chosen", choice] = None
            case Chance():
                pass
            case Holds(condition):
                self._requirement(self.program.conditions[condition])
            case Not(inner):
                self._requirement(inner)
            case All(parts) | Any(parts):
                for part in parts:
                    self._requirement(part)
            case IsVip():
                self.slots["vip", ""] = None
            case Achieved(achievement):
                self.slots["achieved", achievement] = None
            case MissionIs(mission, state):
                self.slots[state, mission] = None
            case Feels():
                pass
            case _:
                assert_never(requirement)

    def _number(self, number: Number) -> None:
        for part in _parts(number):
            match part:
                case Constant(value):
                    self._constant(value)
                case NumberOf(variable):
                    self.slots["value", variable] = None
                case Visits(fragment):
                    self.slots["visits", fragment] = None
                case Count(items):
                    self.slots.update(dict.fromkeys([("item", item) for item in items]))
                case Roll(low, high):
                    self._constant(low)
                    self._constant(high)
                case LevelOf(points):
                    self.slots["value", points] = None
                    self.slots["earned", points] = None
                case StreakDays():
                    self.slots["streak", ""] = None
                case _:
                    pass

    def _constant(self, value: int) -> None:
        self.largest = max(self.largest, abs(value))


def _parts(number: Number) -> Iterator[Number]:
    if isinstance(number, Arithmetic):
        yield from _parts(number.left)
        yield from _parts(number.right)
    else:
        yield number


def granted(program: Program) -> Iterator[tuple[Effect, ...]]:
    """Yield what levels, missions and achievements bring."""
    yield from (one.effects for one in program.achievements)
    yield from (one.effects for one in program.missions)
    if program.levels is not None:
        yield from (one.effects for one in program.levels.levels)


def _unlocked(program: Program) -> Iterator[AchievementId]:
    """Yield the achievements that some effect unlocks."""
    for effects in chain(_written(program), granted(program)):
        yield from (effect.achievement for effect in effects if isinstance(effect, Unlock))


def _written(program: Program) -> Iterator[tuple[Effect, ...]]:
    for fragment in program.fragments.values():
        yield fragment.on_enter
        yield from (choice.effects for choice in choices_of(fragment.exit))
