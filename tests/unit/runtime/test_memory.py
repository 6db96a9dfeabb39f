"""A process that serves leaves what stays in memory alone, and tidies up after itself."""

from __future__ import annotations

import gc

import pytest

from diana_engine.runtime.memory import serving


def test_what_is_there_at_the_beginning_is_left_alone_until_the_end() -> None:
    threshold, frozen = gc.get_threshold(), gc.get_freeze_count()
    with serving():
        assert gc.get_freeze_count() > frozen
        assert gc.get_threshold()[0] > threshold[0]
    assert (gc.get_threshold(), gc.get_freeze_count()) == (threshold, 0)


def test_an_error_ends_it_too() -> None:
    threshold = gc.get_threshold()
    with pytest.raises(ValueError, match="wrong"), serving():
        raise ValueError("wrong")
    assert (gc.get_threshold(), gc.get_freeze_count()) == (threshold, 0)
