"""Logs: a record is one line of JSON with what was bound around it, and no token gets through."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from diana_cli.logs import prepare_log
from structlog.contextvars import bound_contextvars

TOKEN = "123456789:" + "AAE_x-1" * 5


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_record_is_a_line_of_json_with_the_correlation_that_was_bound() -> None:
    written = io.StringIO()
    prepare_log("info", "json", written)
    with bound_contextvars(correlation="update:7"):
        logging.getLogger("a.b").info("sent %d", 3)
    logging.getLogger("a.b").debug("not at this level")
    (line,) = lines(written)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "sent 3", "level": "info", "logger": "a.b", "correlation": "update:7"}


def test_a_traceback_is_in_its_line_and_has_no_token() -> None:
    written = io.StringIO()
    prepare_log("info", "json", written)
    try:
        int(f"https://api.telegram.org/bot{TOKEN}/getMe")
    except ValueError:
        logging.getLogger("a").exception("failed with %s", TOKEN)
    (line,) = lines(written)
    assert "ValueError" in line["exception"]
    assert "AAE" not in written.getvalue()


def test_text_has_one_line_a_record_too() -> None:
    written = io.StringIO()
    prepare_log("warning", "text", written)
    logging.getLogger("a").warning("words\u202e %s", TOKEN)
    (line,) = written.getvalue().splitlines()
    assert "words" in line
    assert "AAE" not in line


def test_what_is_not_for_a_terminal_is_json_by_itself() -> None:
    written = io.StringIO()
    prepare_log("info", "auto", written)
    logging.getLogger("a").info("words")
    assert lines(written)[0]["event"] == "words"
