"""Logs of a command that runs for long: a line a record, as JSON for machines or as text for people."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from diana_engine.adapters.telegram.api.redact import HideTokens

from .output import is_terminal
from .repeats import Repeats

__all__ = ["prepare_log"]


def prepare_log(level: str, form: str, stream: TextIO | None = None) -> bool:
    """Send what is logged from `level` on to `stream`, which is stderr, in the `form` ``json``, ``text`` or ``auto``.

    The last is text on a terminal and JSON elsewhere. Return whether it is JSON.

    Each record has its time, level, logger and words, and whatever was bound around it: the `correlation` of the update, for one,
    which goes with it from its arrival through the step to the messages that it caused. No token gets through. Trouble that repeats itself
    is cut short, unless `level` is ``debug``.
    """
    to = sys.stderr if stream is None else stream
    as_json = form == "json" or (form == "auto" and not is_terminal(to))
    handler = logging.StreamHandler(to)
    if level != "debug":
        handler.addFilter(Repeats())
    handler.addFilter(HideTokens())
    handler.setFormatter(_formatter(as_json=as_json))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    # While a server is away it warns of each attempt with a traceback, and in the name of whichever update came first.
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)
    return as_json


def _formatter(*, as_json: bool) -> logging.Formatter:
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_traceback,
    ]
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if not as_json:
        renderer = structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, pad_level=False)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _add_traceback(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Take over the traceback from which the tokens were taken, which is text already."""
    record: logging.LogRecord = event["_record"]
    if record.exc_text:
        event["exception"] = record.exc_text
    return event
