"""Telegram's limits hold for any traffic, a rest is forgotten, and every 429 is obeyed."""

from __future__ import annotations

from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as st

from diana_engine.adapters.telegram.sending.pacing import BULK, GROUP, PRIVATE, Breaker, Pacer, Rate
from diana_engine.runtime.backoff import Backoff

GROUP_CHAT = -5
waits = st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=200)


def sent(rate: Rate, arrivals: list[float]) -> list[float]:
    """Return when messages go that are asked for after these waits, each as early as it may."""
    times: list[float] = []
    mark, now = 0.0, 1_000.0
    for wait in arrivals:
        now = rate.due(mark, now + wait / 10)
        mark = rate.taken(mark, now)
        times.append(now)
    return times


def most_within(times: list[float], seconds: float) -> int:
    return max(
        bisect_right(times, time + seconds - 1e-6) - index for index, time in enumerate(times)
    )


@given(waits)
def test_a_group_gets_no_more_than_twenty_messages_in_any_minute(arrivals: list[float]) -> None:
    assert most_within(sent(GROUP, arrivals), 60) <= 20


@given(waits)
def test_bulk_is_no_more_than_thirty_messages_in_any_second(arrivals: list[float]) -> None:
    assert most_within(sent(BULK, arrivals), 1) <= 30


@given(waits, st.integers(1, 100))
def test_a_chat_gets_a_burst_and_then_a_message_a_second(arrivals: list[float], span: int) -> None:
    assert most_within(sent(PRIVATE, arrivals), span) <= PRIVATE.burst + span


@given(waits)
def test_the_room_for_bulk_is_what_may_really_go(arrivals: list[float]) -> None:
    mark, now = 0.0, 1_000.0
    for wait in arrivals:
        now += wait / 100
        room = BULK.room(mark, now)
        for _ in range(room):
            assert BULK.due(mark, now) <= now + 1e-6
            mark = BULK.taken(mark, now)
        assert BULK.due(mark, now) > now


def test_a_flood_closes_its_chat_for_its_kind_of_call_and_nothing_else() -> None:
    pacer = Pacer()
    assert not pacer.flooded(7, "send", 30, 100.0)
    assert pacer.due(7, "send", 101.0) == 130.0
    assert pacer.due(7, "edit", 101.0) == 101.0
    assert pacer.due(8, "send", 101.0) == 101.0
    assert pacer.due(7, "send", 131.0) == 131.0


def test_a_shorter_flood_does_not_shorten_a_longer_one() -> None:
    pacer = Pacer()
    pacer.flooded(7, "send", 30, 100.0)
    pacer.flooded(7, "send", 1, 101.0)
    assert pacer.due(7, "send", 105.0) == 130.0


def test_floods_in_three_chats_at_once_close_the_whole_bot() -> None:
    pacer = Pacer()
    assert [pacer.flooded(chat, "send", 30, 100.0 + chat / 2) for chat in (1, 2, 3)] == [
        False,
        False,
        True,
    ]
    assert pacer.due(9, "edit", 102.0) == pacer.open_at(102.0) == 131.5
    assert pacer.open_at(140.0) == 140.0


def test_floods_that_lie_apart_close_nothing_more_than_their_chats() -> None:
    pacer = Pacer()
    assert not any(pacer.flooded(chat, "send", 1, 100.0 + 3 * chat) for chat in range(1, 20))


def test_a_hundred_thousand_chats_leave_nothing_behind() -> None:
    pacer = Pacer()
    for chat in range(1, 100_001):
        now = chat / 100
        pacer.sent(chat, "send", now)
        if chat % 10 == 0:
            pacer.flooded(chat, "edit", 1, now)
    assert len(pacer) < 10_000
    pacer.sent(1, "send", 5_000.0)
    assert len(pacer) == 1


def test_an_edit_takes_nothing_from_what_a_chat_may_be_sent() -> None:
    pacer = Pacer()
    for _ in range(100):
        pacer.sent(7, "edit", 100.0)
    assert pacer.due(7, "send", 100.0) == 100.0


def test_a_group_is_known_by_its_number() -> None:
    pacer = Pacer()
    for _ in range(GROUP.burst):
        pacer.sent(GROUP_CHAT, "send", 100.0)
        pacer.sent(5, "send", 100.0)
    assert pacer.due(GROUP_CHAT, "send", 100.0) == 104.0
    assert pacer.due(5, "send", 100.0) == 100.0


def test_the_breaker_closes_after_failures_in_a_row_for_longer_and_longer() -> None:
    breaker, now, closed = Breaker(Backoff(longest=8.0), lambda: 1.0, patience=3), 100.0, []
    for _ in range(8):
        breaker.failed(now)
        closed.append(breaker.closed_until - now if breaker.closed else 0)
        now = max(now, breaker.closed_until)
    assert closed == [0, 0, 1, 2, 4, 8, 8, 8]
    breaker.answered()
    assert not breaker.closed


def test_calls_that_fail_together_close_the_breaker_once() -> None:
    breaker = Breaker(Backoff(), lambda: 1.0, patience=3)
    for _ in range(100):
        breaker.failed(100.0)
    assert breaker.closed_until == 101.0


def test_an_answer_between_failures_keeps_the_breaker_open() -> None:
    breaker = Breaker(patience=2)
    for _ in range(9):
        breaker.failed(1.0)
        breaker.answered()
    assert not breaker.closed
