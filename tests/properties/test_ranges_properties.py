"""What is known of players who meet a guard, held against looking at every alternative by itself."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from diana_engine.compiler.analysis.states.ranges.known import Need, State, joined, refined

_FLAGS, _COUNTERS = 3, 3


@st.composite
def _ranges(draw: st.DrawFn) -> tuple[int, int]:
    low, high = sorted((draw(st.integers(0, 5)), draw(st.integers(0, 5))))
    return low, high


_MASKS = st.integers(0, (1 << _FLAGS) - 1)
_STATES = st.tuples(_MASKS, _MASKS, st.tuples(*[_ranges()] * _COUNTERS))
_ASKED = st.builds(lambda slot, ends: (slot, *ends), st.integers(0, _COUNTERS - 1), _ranges())
_PLAIN = st.builds(Need, _MASKS, _MASKS, st.lists(_ASKED, max_size=3).map(tuple), st.just(()))


def _with_alternatives(needs: st.SearchStrategy[Need]) -> st.SearchStrategy[Need]:
    alternatives = st.lists(needs, min_size=2, max_size=5).map(tuple)
    either = st.lists(alternatives, min_size=1, max_size=3).map(tuple)
    return st.builds(lambda need, more: need._replace(either=more), _PLAIN, either)


_NEEDS = st.recursive(_PLAIN, _with_alternatives, max_leaves=12)


@given(_STATES, _NEEDS)
def test_who_meets_one_of_several_is_in_what_is_known_of_who_meets_each(
    state: State, need: Need
) -> None:
    assert refined(state, need) == _one_by_one(state, need)


def _one_by_one(state: State, need: Need) -> State | None:
    """Return the same as `refined`, by joining what is known of those who meet each alternative."""
    found = refined(state, need._replace(either=()))
    for alternatives in need.either:
        if found is None:
            return None
        known = found
        every = [one for one in (_one_by_one(known, one) for one in alternatives) if one]
        found = reduce(joined, every) if every else None
    return found
