"""A button's data: small, and read as strictly as if an enemy had written it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.adapters.telegram.showing.callback import (
    Anew,
    Button,
    Press,
    Stay,
    decode,
    encode,
)

STORIES = st.from_regex(r"[A-Za-z0-9_-]{1,32}", fullmatch=True)
SEQUENCES = st.integers(0, 10**19 - 1)
BUTTONS: st.SearchStrategy[Button] = st.one_of(
    st.builds(Press, STORIES, SEQUENCES, st.none() | st.integers(0, 999)),
    st.builds(Anew, STORIES, SEQUENCES),
    st.builds(Stay, STORIES, SEQUENCES),
)


@settings(deadline=None)
@given(BUTTONS)
def test_a_button_reads_back_from_at_most_64_bytes_of_ascii(button: Button) -> None:
    data = encode(button)
    assert len(data.encode("ascii")) <= 64
    assert decode(data) == button


@settings(deadline=None)
@given(st.text() | st.from_regex(r"[pas]\.?[\w.-]*"))
def test_only_what_was_written_exactly_so_is_read(data: str) -> None:
    button = decode(data)
    assert button is None or encode(button) == data


@pytest.mark.parametrize(
    "data",
    [
        None, "", "p", "p.abc.1", "p.abc.-1.0", "p.abc.01.0", "p.abc.1.00", "p.abc.1.C", "p.abc.1.0 ",
        "p.abc.1.0\n", "p.abc.١.0", "p.abc.1.²", "p..1.0", "p.a b.1.0", "a.abc.1.0", "x.abc.1",
        "p.abc.1.0.0", "p.abc.1.1000", "P.abc.1.0", "p.abc.1." + "9" * 5000,
    ],
)  # fmt: skip
def test_anything_malformed_is_no_button(data: str | None) -> None:
    assert decode(data) is None
