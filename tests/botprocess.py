"""The real `diana bot`, as a process that a test may kill."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LONG = 60.0
"""Real seconds: importing aiogram takes several of them, more on a busy machine."""


@contextmanager
def bot(*options: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """A `diana bot` that is ended at the latest with the block."""
    program = "import sys; from diana_cli.main import main; sys.argv[0] = 'diana'; main()"
    line = [sys.executable, "-c", program, "bot", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(line, env=os.environ | variables, text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield process
        finally:
            process.kill()
