"""Trouble that repeats itself: the first few lines are written, the next one later tells how many were not."""

from __future__ import annotations

import logging

from diana_cli.repeats import Repeats


class Log:
    """A log whose clock a test turns, and what came through."""

    def __init__(self) -> None:
        self.now = 0.0
        self.repeats = Repeats(most=2, seconds=10, clock=lambda: self.now)
        self.written: list[str] = []

    def say(self, words: str, *values: object, level: int = logging.WARNING) -> None:
        record = logging.LogRecord("a", level, "a.py", 1, words, values, None)
        if self.repeats.filter(record):
            self.written.append(record.getMessage())


def test_the_first_few_of_a_kind_are_written_and_the_rest_is_counted_in_the_next() -> None:
    log = Log()
    for number in range(5):
        log.say("update %d waits", number)
    log.now = 10.0
    log.say("update %d waits", 5)
    assert log.written == [
        "update 0 waits",
        "update 1 waits",
        "update 5 waits (and 3 more like this before)",
    ]


def test_another_kind_is_not_held_back() -> None:
    log = Log()
    for _ in range(3):
        log.say("one")
    log.say("another")
    assert log.written == ["one", "one", "another"]


def test_errors_are_all_written() -> None:
    log = Log()
    for _ in range(4):
        log.say("lost", level=logging.ERROR)
    assert log.written == ["lost"] * 4


def test_where_nothing_was_left_out_nothing_is_counted() -> None:
    log = Log()
    for log.now in (0.0, 1.0, 11.0):
        log.say("now and then")
    assert log.written == ["now and then"] * 3
