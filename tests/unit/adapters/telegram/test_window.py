"""The offset never passes an unfinished update, and nothing is handled twice on account of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diana_engine.adapters.telegram.window import Window


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


@given(st.data())
def test_each_update_of_a_telegram_that_forgets_what_is_acknowledged_is_new_once(
    data: st.DataObject,
) -> None:
    window, there, taken, handled = Window(), list(range(20)), [], []
    for _ in range(200):
        offset = window.ask()
        there = [number for number in there if offset is None or number >= offset]
        answer = there[: data.draw(st.integers(1, 6), label="limit")]
        # Between the question and the answer anything in work may finish.
        for number in [one for one in taken if one not in handled]:
            if data.draw(st.booleans(), label=f"finish {number}"):
                window.finish(number)
                handled.append(number)
        taken += sorted(window.arrive(answer))
        if not there:
            break
    assert taken == sorted(set(taken))
    assert set(range(20)) - set(there) <= set(handled)
