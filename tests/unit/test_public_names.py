"""What `diana_engine` hands out, and that it is handed out only when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import diana_engine


@pytest.mark.parametrize("name", diana_engine.__all__)
def test_a_public_name_is_there(name: str) -> None:
    assert getattr(diana_engine, name) is not None


def test_a_name_that_is_not_there_is_said_as_python_says_it() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'stop'"):
        diana_engine.stop  # type: ignore[attr-defined]  # noqa: B018


def test_importing_the_engine_imports_none_of_it() -> None:
    code = (
        "import sys, diana_engine; print([m for m in sys.modules if m.startswith('diana_engine.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
