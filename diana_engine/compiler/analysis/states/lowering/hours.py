"""What a comparison asks of the time since a fragment was entered: at which moments its answer changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, assert_never

from diana_engine.expressions.terms import (
    Between,
    Compare,
    Comparison,
    Constant,
    FragmentId,
    HoursSince,
)

__all__ = ["MIRRORED", "HoursAsked", "hours_asked"]

HOUR = 3_600

MIRRORED: Mapping[Comparison, Comparison] = {
    "<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!=",
}  # fmt: skip
"""What a comparison becomes when its sides are exchanged."""


class HoursAsked(NamedTuple):
    """That at least so many `seconds` have passed since the fragment was entered, or that they have not."""

    fragment: FragmentId
    seconds: int
    holds: bool


def hours_asked(requirement: Compare | Between) -> tuple[HoursAsked, ...] | None:
    """Return what a comparison of hours with constants asks: all parts hold, or for ``!=`` at least one does.

    Nothing where it is none; who was never in a fragment has been away from it for no time at all.
    """
    match requirement:
        case Compare(operator, HoursSince(fragment), Constant(bound)):
            return _parts(fragment, operator, bound)
        case Compare(operator, Constant(bound), HoursSince(fragment)):
            return _parts(fragment, MIRRORED[operator], bound)
        case Between(HoursSince(fragment), Constant(low), Constant(high)):
            return *_parts(fragment, ">=", low), *_parts(fragment, "<=", high)
        case _:
            return None


def _parts(fragment: FragmentId, operator: Comparison, bound: int) -> tuple[HoursAsked, ...]:
    since, after = (HoursAsked(fragment, hours * HOUR, True) for hours in (bound, bound + 1))
    match operator:
        case ">=":
            return (since,)
        case ">":
            return (after,)
        case "<":
            return (since._replace(holds=False),)
        case "<=":
            return (after._replace(holds=False),)
        case "==":
            return since, after._replace(holds=False)
        case "!=":
            return since._replace(holds=False), after
        case _:
            assert_never(operator)
