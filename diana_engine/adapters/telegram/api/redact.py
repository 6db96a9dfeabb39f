"""Bot tokens never reach a log.

A token stands in the address of every call, so a library's error, its traceback or its debug
messages may carry it. The filter works on the finished record, where all of that is text already.
"""

from __future__ import annotations

import logging
import re
import traceback
from types import TracebackType

__all__ = ["HideTokens", "hide_tokens"]

# The half before the colon is the bot's public id, and helps to tell bots apart.
_TOKEN = re.compile(r"(?<!\d)(\d{6,})(?::|%3A)[\w-]{30,}", re.IGNORECASE)


def hide_tokens(text: str) -> str:
    """Return `text` with every bot token cut down to the bot's id."""
    return _TOKEN.sub(r"\1:***", text)


class HideTokens(logging.Filter):
    """Rewrites a record's message and traceback without tokens. Belongs on handlers.

    A logger's filters see only what was logged on that logger; a handler's see everything that it
    writes.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Hide the tokens of `record`; always lets it through."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            # The arguments do not fit the message. Python would print both to stderr.
            message = f"{record.msg} {record.args}"
        record.msg, record.args = hide_tokens(message), None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = hide_tokens(_told(record.exc_info[1], record.exc_info[2]))
            record.exc_info = None
        if record.exc_text:
            record.exc_text = hide_tokens(record.exc_text)
        if record.stack_info:
            record.stack_info = hide_tokens(record.stack_info)
        return True


def _told(error: BaseException, trace: TracebackType | None) -> str:
    return "".join(traceback.format_exception(type(error), error, trace)).rstrip("\n")
