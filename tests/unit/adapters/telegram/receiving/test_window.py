"""The offset never passes an unfinished update, and nothing is handled twice on account of it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.adapters.telegram.receiving.window import Window


def test_the_oldest_unfinished_update_holds_the_offset() -> None:
    window = Window()
    assert window.ask() is None
    assert window.arrive([5, 6, 7]) == {5, 6, 7}
    window.finish(6)
    window.finish(7)
    assert window.ask() == 5
    assert window.arrive([5, 6, 7, 8]) == {8}
    window.finish(5)
    assert window.ask() == 8
    window.finish(8)
    assert window.ask() == 9
    assert window.idle


def test_an_update_that_is_finished_while_a_poll_is_on_its_way_is_still_known() -> None:
    window = Window()
    window.ask()
    window.arrive([5])
    window.ask()
    window.finish(5)
    assert window.arrive([5, 6]) == {6}


def test_a_poll_that_brings_only_one_of_several_forgets_none() -> None:
    window = Window()
    window.arrive([5, 6])
    window.finish(6)
    assert window.ask() == 5
    assert window.arrive([5]) == set()
    window.finish(5)
    assert window.ask() == 6
    assert window.arrive([6, 7]) == {7}


def test_numbers_may_begin_anew_lower() -> None:
    window = Window()
    window.arrive([900])
    window.finish(900)
    assert window.ask() == 901
    assert window.arrive([10]) == {10}
    window.finish(10)
    assert window.ask() == 11


@settings(deadline=None)  # a busy machine is no mistake
@given(st.lists(st.tuples(st.integers(1, 6), st.sets(st.integers(0, 9))), max_size=40))
def test_a_telegram_that_forgets_what_is_acknowledged_loses_and_repeats_nothing(
    polls: list[tuple[int, set[int]]],
) -> None:
    window, there, taken, handled = Window(), list(range(10)), [], set()
    for limit, finishing in polls:
        offset = window.ask()
        there = [number for number in there if offset is None or number >= offset]
        # Between a poll and its answer anything in work may finish.
        for number in finishing & set(taken) - handled:
            window.finish(number)
            handled.add(number)
        taken += sorted(window.arrive(there[:limit]))
        assert set(range(10)) - set(there) <= handled
    assert len(taken) == len(set(taken))
