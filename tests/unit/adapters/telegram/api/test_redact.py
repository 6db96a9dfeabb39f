"""No token in a log, wherever it stood."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from diana_engine.adapters.telegram.api.redact import HideTokens, hide_tokens

TOKEN = "123456789:" + "AAE_x-1" * 5
URL = f"https://api.telegram.org/bot{TOKEN}/getUpdates"


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(HideTokens())
    logger = logging.getLogger("tests.redact")
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    yield logger, written
    logger.removeHandler(handler)


def connect() -> None:
    raise ConnectionError(URL)


def fail() -> None:
    try:
        connect()
    except ConnectionError as error:
        raise ValueError(f"cannot reach {URL}") from error


def test_messages_arguments_tracebacks_and_their_causes_are_without_tokens(
    log: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, written = log
    logger.error("%s at %r", "failed", {"url": URL})
    logger.error("%d", URL)  # arguments that do not fit are printed by Python as they are
    logger.info(URL, stack_info=True)
    try:
        fail()
    except ValueError:
        logger.exception("with %s", URL)
    text = written.getvalue()
    assert TOKEN not in text
    assert "AAE" not in text
    assert text.count("123456789:***") >= 6
    assert "ConnectionError" in text


def test_a_record_is_clean_for_every_other_handler_too(
    log: tuple[logging.Logger, io.StringIO], caplog: pytest.LogCaptureFixture
) -> None:
    logger, _ = log
    logger.addHandler(caplog.handler)
    try:
        logger.error("at %s", URL)
    finally:
        logger.removeHandler(caplog.handler)
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("text", [TOKEN, f"bot{TOKEN}", TOKEN.replace(":", "%3A"), f"({TOKEN})"])
def test_a_token_is_found_in_any_surroundings(text: str) -> None:
    assert "AAE" not in hide_tokens(text)


@pytest.mark.parametrize(
    "text", ["12:30", "sha256:" + "a" * 64, "123456:short", "1999999: plain words"]
)
def test_other_text_stays(text: str) -> None:
    assert hide_tokens(text) == text
