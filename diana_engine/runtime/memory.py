"""What Python's garbage collector is told by a process that serves players for long."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["serving"]

_YOUNG = 20_000
"""Objects after which the youngest are looked through. A batch of steps holds thousands until it is committed: at Python's own 700
they were looked through several times in each batch, and found in use."""


@contextmanager
def serving() -> Iterator[None]:
    """Leave alone, within the block, what is in memory at its beginning: programs and modules, which stay anyway."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
