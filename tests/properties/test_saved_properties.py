"""A state is written in one certain way, whichever of the two writers does it, and read again as it was."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diana_engine.database.steps.written import as_json, from_json
from diana_engine.expressions.terms import FragmentId
from diana_engine.play.saved import decode_state, encode_state, write_state
from diana_engine.play.state import Aside, IncomeRun, MissionRun, PlayerState, Waiting

NAMES = st.text(max_size=8)
# Past 64 bits, and often what fields have by default.
NUMBERS = st.sampled_from([0, 1]) | st.integers(-(2**80), 2**80)
VALUES = NUMBERS | st.booleans() | NAMES


def tables(values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(NAMES, values, max_size=3)


MISSIONS = tables(st.builds(MissionRun, st.booleans(), NUMBERS, NUMBERS, NUMBERS, tables(NUMBERS)))
STATES = st.builds(
    PlayerState,
    seed=NUMBERS,
    fragment=NAMES,
    entry=NUMBERS,
    values=tables(VALUES),
    items=tables(NUMBERS),
    visits=tables(NUMBERS),
    chosen=tables(NUMBERS),
    said=st.none() | NAMES,
    calls=st.lists(NAMES, max_size=3).map(tuple),
    combined=st.none() | NAMES,
    earned=tables(NUMBERS),
    level=NUMBERS,
    achieved=tables(NUMBERS),
    missions=MISSIONS,
    tally=tables(NUMBERS),
    vip_until=NUMBERS,
    streak=NUMBERS,
    feeling=st.none() | NAMES,
    entered=tables(NUMBERS),
    waiting=st.none() | st.builds(Waiting, NUMBERS, st.none() | NAMES),
    remind_at=st.none() | NUMBERS,
    aside=st.none() | st.builds(Aside, tables(VALUES), tables(NUMBERS), MISSIONS, tables(NUMBERS)),
    incomes=tables(st.builds(IncomeRun, NUMBERS, NUMBERS, NUMBERS)),
)


@given(STATES)
def test_the_quick_writer_of_states_writes_what_the_other_one_does(state: PlayerState) -> None:
    written = write_state(state)
    assert written == as_json(encode_state(state))
    assert decode_state(from_json(written)) == state


def test_a_mapping_that_is_no_dictionary_is_not_written_another_way() -> None:
    state = PlayerState(7, FragmentId("a"), items=MappingProxyType({}))
    with pytest.raises(TypeError):
        write_state(state)
