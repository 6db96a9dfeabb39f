"""Where a day begins, also where no midnight is and where a date is missing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

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


# Every clock change that there is ---------------------------------------------------------------------

DAY = 24 * 3_600
FIRST, LAST = 0, at("2038-01-01T00:00")


def offset(second: int, place: ZoneInfo) -> int:
    """Return by how many seconds a zone's clocks are ahead of UTC then."""
    ahead = datetime.fromtimestamp(second, place).utcoffset()
    assert ahead is not None
    return round(ahead.total_seconds())


def changes(place: ZoneInfo) -> Iterator[int]:
    """Yield each second in which a zone's clocks are put to another time."""
    for low, high in pairwise(range(FIRST, LAST, 14 * DAY)):
        before = offset(low, place)
        if offset(high, place) != before:
            changed = partial(_differs, place=place, before=before)
            yield low + bisect_left(range(low, high), True, key=changed)


def _differs(second: int, place: ZoneInfo, before: int) -> bool:
    return offset(second, place) != before


def expected(start: int, end: int, turns: list[int], place: ZoneInfo) -> list[int]:
    """Return the seconds after `start` in which a later date than all before begins, from offsets alone.

    Between two changes the clocks run evenly, so a date begins at a change or when a multiple of a day is reached.
    """
    within = [start, *(one for one in turns if start < one <= end), end + 1]
    latest, found = (start + offset(start, place)) // DAY, []
    for low, high in pairwise(within):
        ahead = offset(low, place)
        midnight = low + -(low + ahead) % DAY
        for second in sorted({low, *range(midnight, high, DAY)}):
            if (second + ahead) // DAY > latest:
                latest = (second + ahead) // DAY
                found.append(second)
    return found


def told(start: int, end: int, zone: str) -> list[int]:
    """Return when days begin according to us."""
    second, found = next_day(start, zone), []
    while second <= end:
        found.append(second)
        second = next_day(second, zone)
    return found


def test_around_every_clock_change_of_every_zone_each_date_begins_once() -> None:
    """Whoever comes once on each date misses none: no rule of days can be unfair to them."""
    seen: set[tuple[int, ...]] = set()
    count = 0
    for zone in sorted(available_timezones()):
        place = ZoneInfo(zone)
        turns = list(changes(place))
        shape = (*turns, *(offset(one, place) for one in turns))
        if shape in seen:
            continue  # one and the same place under another name
        seen.add(shape)
        for turn in turns:
            count += 1
            for start in (turn - DAY - 1, turn):
                end = turn + DAY
                assert told(start, end, zone) == expected(start, end, turns, place), (zone, start)
    print(f"{count} clock changes")
    assert count > 5_000, "this machine knows hardly any time zone"


def test_a_player_who_comes_on_each_date_comes_on_dates_that_follow_each_other() -> None:
    """But where a date was left out: after 29 December 2011 Samoa wrote the 31st."""
    second, dates = at("2011-12-25T12:00"), list[date]()
    for _ in range(8):
        second = next_day(second, "Pacific/Apia")
        dates.append(day_of(second, "Pacific/Apia"))
    assert [one.day for one in dates] == [26, 27, 28, 29, 31, 1, 2, 3]
