"""What holds for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from tempfile import TemporaryDirectory

import pytest


@pytest.fixture(scope="session", autouse=True)
def _remembered_apart() -> Iterator[None]:
    """Keep what commands remember of stories away from the user's own."""
    with TemporaryDirectory() as folder:
        before = os.environ.get("DIANA_CACHE")
        os.environ["DIANA_CACHE"] = folder
        yield
        if before is None:
            del os.environ["DIANA_CACHE"]
        else:
            os.environ["DIANA_CACHE"] = before
