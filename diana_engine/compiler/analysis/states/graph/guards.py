"""Making guards: each is made once, so that equal guards are one and the same, and big ones share their parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from diana_engine.compiler.analysis.states.graph.model import (
    ALWAYS,
    NEVER,
    AllOf,
    Always,
    AnyOf,
    AtLeast,
    Below,
    Changes,
    Guard,
    Never,
)

__all__ = ["Guards", "Sizes", "holds"]


class Guards:
    """All guards of one model."""

    def __init__(self) -> None:
        self._at_least: dict[tuple[int, int], AtLeast] = {}
        self._below: dict[tuple[int, int], Below] = {}
        self._all: dict[tuple[Guard, ...], AllOf] = {}
        self._any: dict[tuple[Guard, ...], AnyOf] = {}
        self._negated: dict[Guard, Guard] = {ALWAYS: NEVER, NEVER: ALWAYS}

    def at_least(self, variable: int, bound: int) -> Guard:
        """Return the guard that `variable` has `bound` or more."""
        key = (variable, bound)
        found = self._at_least.get(key)
        if found is None:
            found = self._at_least[key] = AtLeast(variable, bound)
        return found

    def below(self, variable: int, bound: int) -> Guard:
        """Return the guard that `variable` has less than `bound`."""
        key = (variable, bound)
        found = self._below.get(key)
        if found is None:
            found = self._below[key] = Below(variable, bound)
        return found

    def equal(self, variable: int, value: int) -> Guard:
        """Return the guard that `variable` has this value."""
        return self.both(self.at_least(variable, value), self.below(variable, value + 1))

    def both(self, one: Guard, other: Guard) -> Guard:
        """Return the guard that both hold."""
        if one is ALWAYS or one is other:
            return other
        if other is ALWAYS:
            return one
        return self.every((one, other))

    def either(self, one: Guard, other: Guard) -> Guard:
        """Return the guard that at least one holds."""
        if one is NEVER or one is other:
            return other
        if other is NEVER:
            return one
        return self.some((one, other))

    def every(self, guards: Iterable[Guard]) -> Guard:
        """Return the guard that all hold."""
        parts: dict[Guard, None] = {}
        for guard in guards:
            if guard is NEVER:
                return NEVER
            if isinstance(guard, AllOf):
                parts.update(dict.fromkeys(guard.guards))
            elif guard is not ALWAYS:
                parts[guard] = None
        if len(parts) < 2:
            return next(iter(parts), ALWAYS)
        tight = self._tightest(parts, AtLeast)
        if tight is None:
            return NEVER
        if len(tight) < 2:
            return tight[0]
        found = self._all.get(tight)
        if found is None:
            found = self._all[tight] = AllOf(tight)
        return found

    def some(self, guards: Iterable[Guard]) -> Guard:
        """Return the guard that at least one holds."""
        parts: dict[Guard, None] = {}
        for guard in guards:
            if guard is ALWAYS:
                return ALWAYS
            if isinstance(guard, AnyOf):
                parts.update(dict.fromkeys(guard.guards))
            elif guard is not NEVER:
                parts[guard] = None
        if len(parts) < 2:
            return next(iter(parts), NEVER)
        wide = self._tightest(parts, Below)
        if wide is None:
            return ALWAYS
        if len(wide) < 2:
            return wide[0]
        found = self._any.get(wide)
        if found is None:
            found = self._any[wide] = AnyOf(wide)
        return found

    def negated(self, guard: Guard) -> Guard:
        """Return the guard that `guard` does not hold."""
        found = self._negated.get(guard)
        if found is None:
            match guard:
                case AtLeast(variable, bound):
                    found = self.below(variable, bound)
                case Below(variable, bound):
                    found = self.at_least(variable, bound)
                case AllOf(parts):
                    found = self.some([self.negated(part) for part in parts])
                case AnyOf(parts):
                    found = self.every([self.negated(part) for part in parts])
                case Always():
                    found = NEVER
                case Never():
                    found = ALWAYS
                case _:
                    assert_never(guard)
            self._negated[guard] = found
            self._negated[found] = guard
        return found

    def before(self, guard: Guard, changes: Changes) -> Guard:
        """Return what must hold before `changes` for `guard` to hold after them."""
        if not changes or guard is ALWAYS or guard is NEVER:
            return guard
        return self._before(guard, changes, {})

    def bounds(self) -> dict[int, tuple[int, int]]:
        """Return the least and the largest bound with which each variable was ever compared."""
        found: dict[int, tuple[int, int]] = {}
        for variable, bound in (*self._at_least, *self._below):
            least, most = found.get(variable, (bound, bound))
            found[variable] = (min(least, bound), max(most, bound))
        return found

    def _before(self, guard: Guard, changes: Changes, known: dict[Guard, Guard]) -> Guard:
        found = known.get(guard)
        if found is None:
            match guard:
                case AtLeast(variable, bound) | Below(variable, bound):
                    found = self._shifted(guard, variable, bound, changes)
                case AllOf(parts):
                    found = self.every([self._before(part, changes, known) for part in parts])
                case AnyOf(parts):
                    found = self.some([self._before(part, changes, known) for part in parts])
                case Always() | Never():
                    found = guard
                case _:
                    assert_never(guard)
            known[guard] = found
        return found

    def _shifted(
        self, guard: AtLeast | Below, variable: int, bound: int, changes: Changes
    ) -> Guard:
        change = changes.get(variable)
        if change is None:
            return guard
        k, least, most = change
        at_least = isinstance(guard, AtLeast)
        if bound <= least:
            return ALWAYS if at_least else NEVER
        if bound > most:
            return NEVER if at_least else ALWAYS
        return self.at_least(variable, bound - k) if at_least else self.below(variable, bound - k)

    def _tightest(
        self,
        parts: dict[Guard, None],
        rising: type[AtLeast | Below],
    ) -> tuple[Guard, ...] | None:
        """Return the parts of a guard without those that others make needless, or nothing if two of them clash.

        Of a variable, the largest bound of the `rising` kind counts and the smallest of the other kind. For a
        conjunction that `AtLeast` rises says the same as, for a disjunction, that `Below` does.
        """
        low: dict[int, int] = {}
        high: dict[int, int] = {}
        atoms = 0
        for part in parts:
            if isinstance(part, AtLeast | Below):
                atoms += 1
                if isinstance(part, rising):
                    low[part.variable] = max(low.get(part.variable, part.bound), part.bound)
                else:
                    high[part.variable] = min(high.get(part.variable, part.bound), part.bound)
        if any(variable in high and bound >= high[variable] for variable, bound in low.items()):
            return None
        if atoms == len(low) + len(high):
            return tuple(parts)
        return tuple(
            part
            for part in parts
            if not isinstance(part, AtLeast | Below)
            or (low if isinstance(part, rising) else high)[part.variable] == part.bound
        )


def variables_of(guard: Guard) -> frozenset[int]:
    """Return the variables that a guard asks for."""
    found: set[int] = set()
    seen: set[int] = set()
    waiting = [guard]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        match part:
            case AtLeast(variable) | Below(variable):
                found.add(variable)
            case AllOf(guards) | AnyOf(guards):
                waiting += guards
            case _:
                pass
    return frozenset(found)


def holds(guard: Guard, values: list[int]) -> bool:
    """Return whether `guard` holds where the variables have these values."""
    match guard:
        case AtLeast(variable, bound):
            return values[variable] >= bound
        case Below(variable, bound):
            return values[variable] < bound
        case AllOf(parts):
            return all(holds(part, values) for part in parts)
        case AnyOf(parts):
            return any(holds(part, values) for part in parts)
        case Always():
            return True
        case Never():
            return False
        case _:
            assert_never(guard)


class Sizes:
    """How many comparisons guards take when all of their parts are looked at; parts that guards share are measured once."""

    def __init__(self) -> None:
        self._known: dict[Guard, int] = {}

    def of(self, guard: Guard) -> int:
        """Return the number of comparisons, 1 at least."""
        if not isinstance(guard, AllOf | AnyOf):
            return 1
        found = self._known.get(guard)
        if found is None:
            found = self._known[guard] = sum(map(self.of, guard.guards))
        return found
