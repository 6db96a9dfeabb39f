"""Where a day begins, also where no midnight is and where a date is missing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from diana_engine.runtime.scheduler.calendar import day_of, next_day


def at(written: str) -> int:
    """Return seconds since 1970 of a time in UTC."""
    return int(datetime.fromisoformat(written).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("zone", "now", "begins"),
    [
        ("UTC", "2026-11-28T12:00", "2026-11-29T00:00"),
        ("UTC", "2026-11-28T00:00", "2026-11-29T00:00"),
        ("Europe/Madrid", "2026-03-28T12:00", "2026-03-28T23:00"),
        # 23 hours later, then 25: the clock is put forward and back at night.
        ("Europe/Madrid", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("Europe/Madrid", "2026-10-24T22:00", "2026-10-25T23:00"),
        # There is no 00:00: the day begins at 01:00.
        ("America/Sao_Paulo", "2018-11-03T12:00", "2018-11-04T03:00"),
        ("Asia/Beirut", "2024-03-30T12:00", "2024-03-30T22:00"),
        # There are two of 23:00, and the day begins after the second.
        ("America/Sao_Paulo", "2018-02-17T12:00", "2018-02-18T03:00"),
        # 00:00 comes twice: the day begins at the first, is left again, and begins anew.
        ("America/Havana", "2026-10-31T12:00", "2026-11-01T04:00"),
        ("America/St_Johns", "2010-11-06T12:00", "2010-11-07T02:30"),
        ("America/St_Johns", "2010-11-07T03:00", "2010-11-07T03:30"),
        # There is no 30 December: after the 29th comes the 31st.
        ("Pacific/Apia", "2011-12-29T20:00", "2011-12-30T10:00"),
    ],
)
def test_the_next_day_begins_at(zone: str, now: str, begins: str) -> None:
    assert next_day(at(now), zone) == at(begins)


ZONES = ("Europe/Madrid", "America/Sao_Paulo", "America/Havana", "America/St_Johns", "Asia/Beirut",
         "Pacific/Apia", "Pacific/Kwajalein", "Africa/Cairo", "Asia/Tehran", "America/Asuncion",
         "Australia/Lord_Howe", "America/Godthab", "UTC")  # fmt: skip


@given(st.sampled_from(ZONES), st.integers(0, 2_200_000_000))
@example("Pacific/Apia", 1_325_203_200)
@example("America/Godthab", 1_711_850_400)
def test_the_next_day_is_later_and_begins_with_that_second(zone: str, now: int) -> None:
    begins, today = next_day(now, zone), day_of(now, zone)
    assert now < begins <= now + 26 * 3_600
    assert day_of(begins, zone) > today == day_of(begins - 1, zone)


@given(st.sampled_from(ZONES), st.integers(0, 2_200_000_000), st.integers(1, 40))
def test_no_date_is_passed_over_that_there_is(zone: str, now: int, days: int) -> None:
    seen, second = [], now
    for _ in range(days):
        second = next_day(second, zone)
        seen.append(day_of(second, zone))
    walked = {day_of(one, zone) for one in (*range(now, second, 900), second)}
    assert set(seen) == walked - {day_of(now, zone)}
