"""Waits grow, stay within their bounds, and are not the same for all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from diana_engine.runtime.backoff import Backoff

BACKOFFS = st.builds(
    Backoff,
    first=st.floats(0.01, 10),
    longest=st.floats(0.01, 1000),
    least=st.sampled_from([0.0, 0.5, 1.0]),
)
LUCK = st.floats(0, 1, exclude_max=True)


@given(BACKOFFS, st.integers(1, 10_000), LUCK)
def test_no_wait_is_longer_than_the_longest_or_shorter_than_its_share(
    backoff: Backoff, failures: int, luck: float
) -> None:
    most = backoff.wait(failures, lambda: 1.0)
    assert most <= backoff.longest
    assert backoff.least * most <= backoff.wait(failures, lambda: luck) <= most * (1 + 1e-9)


@given(BACKOFFS, st.integers(1, 100), LUCK)
def test_the_next_wait_is_twice_as_long_until_the_longest(
    backoff: Backoff, failures: int, luck: float
) -> None:
    now, after = (backoff.wait(count, lambda: 1.0) for count in (failures, failures + 1))
    assert after == min(backoff.longest, 2 * now) or now == backoff.longest or failures > 30


@given(BACKOFFS, st.integers(1, 10_000), LUCK)
def test_in_whole_seconds_a_wait_is_one_at_least(
    backoff: Backoff, failures: int, luck: float
) -> None:
    seconds = backoff.seconds(failures, lambda: luck)
    assert seconds == max(1, round(backoff.wait(failures, lambda: luck)))


def test_chance_leaves_some_part_of_a_wait() -> None:
    backoff = Backoff(least=0.5)
    assert {round(backoff.wait(3), 3) for _ in range(50)} != {4.0}
    assert all(2.0 <= backoff.wait(3) <= 4.0 for _ in range(50))
