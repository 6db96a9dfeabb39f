"""What becomes of everything that can end a command early: a clear line and an exit status.

| status | when |
|---|---|
| 0 | all is well |
| 1 | errors in a story, or something around it that its message says how to mend |
| 2 | the command line was not understood |
| 70 | a mistake of Diana's own |
| 130 | Ctrl-C |
| 141 | whoever read the output stopped reading |
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress

import click

from diana_engine.errors import DianaError

from .output import abandon_output, flush_output, write

__all__ = ["guarded"]

FAILED, INTERNAL, INTERRUPTED, PIPE_CLOSED = 1, 70, 130, 141


def guarded(run: Callable[[], object]) -> int:
    """Run a command and return its exit status: the one it returned, or what its end means.

    Raises:
        click.exceptions.Exit: the command ended by itself.
        click.ClickException: the command line was not understood; click shows that.
    """
    try:
        result = run()
        flush_output()
    except (click.exceptions.Exit, click.ClickException, SystemExit):
        raise
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        abandon_output()
        return PIPE_CLOSED
    except DianaError as error:
        _say(f"error: {error}")
        return FAILED
    except BaseException as error:  # noqa: BLE001 - the last place where anything can be caught
        return _apologise(error)
    return result if isinstance(result, int) else 0


def _say(line: str) -> None:
    """Write a line for people to stderr; a message may quote a file's name, and that be anything."""
    from diana_engine.diagnostics.render.characters import safe

    with suppress(DianaError, OSError):
        write(safe(line.replace("\n", " ")) + "\n", to=sys.stderr)


def _apologise(error: BaseException) -> int:
    from traceback import format_exception

    details = _without_secrets("".join(format_exception(error)))
    if os.environ.get("DIANA_DEBUG") == "1":
        with suppress(DianaError, OSError):
            write(details, to=sys.stderr)
        return INTERNAL
    _say(
        f"Sorry, this is a mistake of Diana's own ({type(error).__name__}). {_keep(details)} "
        f"Please report it with them."
    )
    return INTERNAL


def _keep(details: str) -> str:
    from tempfile import NamedTemporaryFile

    try:
        with NamedTemporaryFile(
            "w", prefix="diana-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write(details)
    except OSError:
        return "Run it again with DIANA_DEBUG=1 to see the details."
    return f"The details are in {file.name}."


def _without_secrets(details: str) -> str:
    """Blank the bot's token and passwords in URLs, which libraries put into their messages."""
    from diana_engine.settings import BOT_TOKEN

    token = os.environ.get(BOT_TOKEN, "").strip()
    if token:
        details = details.replace(token, "***")
    details = re.sub(r"\b[0-9]{5,}:[A-Za-z0-9_-]{20,}", "***", details)
    return re.sub(r"(://[^\s/:@]*):[^\s/]*@", r"\1:***@", details)
