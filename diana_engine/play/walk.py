"""A player on the way: the state in a form that the rules can change in place.

`PlayerState` is immutable, and a step returns a new one. Inside a step a walk stands for it: it shares the state's
mappings until it changes one, and copies only that one. So a step costs what it changes, and a play of many steps
(a replay, a simulation) made on one walk copies nothing at all.

Every change is an event, and an event knows what was before. That is how a choice is tried: it is done, and if it
turns out impossible, undone.
"""

from __future__ import annotations

from typing import cast

from diana_engine.expressions.terms import ChoiceKey, FragmentId, ItemId, Value, VariableId
from diana_engine.play.events import (
    Called,
    ChoiceTaken,
    Event,
    FragmentEntered,
    ItemChanged,
    Returned,
    ValueChanged,
)
from diana_engine.play.state import PlayerState
from diana_engine.program.model import Program

__all__ = ["Walk"]


class Walk:
    """One play of `program` under way, and what has happened in it since `events` was last emptied.

    Read its mappings freely and change them only through its methods: until then they may be a state's own.
    """

    __slots__ = (
        "_owns_chosen",
        "_owns_items",
        "_owns_values",
        "_owns_visits",
        "calls",
        "chosen",
        "entry",
        "events",
        "fragment",
        "items",
        "program",
        "said",
        "seed",
        "values",
        "visits",
    )

    def __init__(self, program: Program, state: PlayerState) -> None:
        self.program = program
        self.seed = state.seed
        self.fragment = state.fragment
        self.entry = state.entry
        self.said = state.said
        self.calls = state.calls
        self.events: list[Event] = []
        # Only what this walk owns is ever written to, and what it owns is a `dict`.
        self.values = cast("dict[VariableId, Value]", state.values)
        self.items = cast("dict[ItemId, int]", state.items)
        self.visits = cast("dict[FragmentId, int]", state.visits)
        self.chosen = cast("dict[ChoiceKey, int]", state.chosen)
        self._disown()

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
        )

    def enter(self, fragment: FragmentId) -> None:
        """Stand in `fragment` and count the visit."""
        if not self._owns_visits:
            self.visits, self._owns_visits = dict(self.visits), True
        visits = self.visits.get(fragment, 0) + 1
        self.visits[fragment] = visits
        self.fragment = fragment
        self.entry += 1
        self.events.append(FragmentEntered(fragment, visits))

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

    def set_item(self, item: ItemId, after: int) -> None:
        """Let the player hold `after` of `item`."""
        before = self.items.get(item, 0)
        if before != after:
            self._put_item(item, after)
            self.events.append(ItemChanged(item, before, after))

    def undo(self, mark: int) -> None:
        """Take back what was chosen and changed since there were `mark` events; entering a fragment is for good."""
        events = self.events
        while len(events) > mark:
            match events.pop():
                case ValueChanged() as change:
                    self._put_value(change.variable, change.before)
                case ItemChanged() as change:
                    self._put_item(change.item, change.before)
                case ChoiceTaken() as taken:
                    self._put_chosen(taken.choice, self.chosen[taken.choice] - 1)
                case event:
                    raise AssertionError(f"{event} cannot be undone")

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
