"""What Python's garbage collector is told by a process that serves players for long."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["serving"]

_YOUNG = 20_000
"""Objects after which the youngest are looked through. A batch of steps holds thousands until it is committed: at Python's own 700
they were looked through several times in each batch, and found in use."""

_OLDER = 20
"""Rounds of one age to a round of the next."""


@contextmanager
def serving() -> Iterator[None]:
    """Have the garbage collector look at less, and less often, within the block.

    What is in memory at its beginning stays anyway: programs, and all that was imported; to walk through that takes half a second
    which every player waits for. What steps leave behind goes by itself, but for the few cycles that errors make.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _OLDER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
