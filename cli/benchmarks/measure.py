"""What a command needs: processor time and memory of its process, as the system counts them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Needs", "compile_modules", "measured"]


@dataclass(frozen=True, slots=True)
class Needs:
    """Seconds of processor time, and the most memory that was held, in MiB; 0 where the system does not tell."""

    cpu: float
    memory: float


def compile_modules() -> None:
    """Compile Diana's modules, as pip does when it installs a wheel, so that no command does it while it is measured."""
    from compileall import compile_dir
    from importlib.resources import files

    for package in ("diana_cli", "diana_engine"):
        compile_dir(str(files(package)), quiet=2)


def measured(command: Sequence[str]) -> Needs | None:
    """Run a command; return what it needed, or `None` where it could not be run or failed."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the commands are ours, or found on the path by name
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
    except OSError:
        return None
    if not hasattr(os, "wait4"):
        before = os.times()
        failed = process.wait()
        after = os.times()
        spent = after.children_user - before.children_user
        return None if failed else Needs(round(spent, 3), 0)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        return None
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return Needs(round(usage.ru_utime + usage.ru_stime, 3), round(usage.ru_maxrss / unit, 1))
