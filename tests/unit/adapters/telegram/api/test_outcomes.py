"""What an error says about a call: surely done, surely not done, or nobody knows."""

from __future__ import annotations

import pytest
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiohttp import (
    ClientConnectorError,
    ClientOSError,
    ClientPayloadError,
    ConnectionTimeoutError,
    ServerDisconnectedError,
    SocketTimeoutError,
)
from aiohttp.client_reqrep import ConnectionKey

from diana_engine.adapters.telegram.api.methods import GetMe
from diana_engine.adapters.telegram.api.outcomes import (
    Flooded,
    Gone,
    Moved,
    Outcome,
    Refused,
    Unknown,
    Unsent,
    is_not_modified,
    outcome_of,
)

METHOD = GetMe()
KEY = ConnectionKey("api.telegram.org", 443, True, True, None, None, None)
TOKEN = "123456789:" + "AAE_x-1" * 5


def network(cause: BaseException) -> TelegramNetworkError:
    error = TelegramNetworkError(METHOD, f"{type(cause).__name__}")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TelegramForbiddenError(METHOD, "Forbidden: bot was blocked by the user"), Gone),
        (TelegramForbiddenError(METHOD, "Forbidden: user is deactivated"), Gone),
        (TelegramBadRequest(METHOD, "Bad Request: chat not found"), Gone),
        (TelegramBadRequest(METHOD, "Bad Request: message text is empty"), Refused),
        (TelegramEntityTooLarge(METHOD, "Request Entity Too Large"), Refused),
        (TelegramConflictError(METHOD, "Conflict"), Refused),
        # A token that was revoked: what waits is kept for the new one.
        (TelegramUnauthorizedError(METHOD, "Unauthorized"), Unsent),
        (TelegramNotFound(METHOD, "Not Found"), Unsent),
        (network(ClientConnectorError(KEY, OSError(111, "refused"))), Unsent),
        (network(ConnectionTimeoutError()), Unsent),
        (network(SocketTimeoutError()), Unknown),
        (network(TimeoutError()), Unknown),
        (network(ServerDisconnectedError()), Unknown),
        (network(ClientOSError(104, "reset")), Unknown),
        (network(ClientPayloadError()), Unknown),
        (TelegramServerError(METHOD, "Bad Gateway"), Unknown),
        (ClientDecodeError("Failed to decode object", ValueError(), "<html>"), Unknown),
        (AiogramError("new in aiogram 4"), Unknown),
        (ConnectionResetError(), Unknown),
    ],
)  # fmt: skip
def test_an_error_is_sorted_by_whether_the_call_was_done(
    error: Exception, kind: type[Outcome]
) -> None:
    assert isinstance(outcome_of(error), kind)


def test_a_flood_says_for_how_long() -> None:
    assert outcome_of(TelegramRetryAfter(METHOD, "Too Many Requests", 17)) == Flooded(17.0)


def test_a_flood_that_does_not_say_for_how_long_is_one_all_the_same() -> None:
    assert outcome_of(TelegramAPIError(METHOD, "Too Many Requests: later")) == Flooded(1.0)


def test_a_group_that_became_a_supergroup_says_its_new_number() -> None:
    assert outcome_of(TelegramMigrateToChat(METHOD, "group chat was upgraded", -1009)) == Moved(-1009)  # fmt: skip


def test_a_mistake_of_ours_is_no_outcome() -> None:
    with pytest.raises(KeyError):
        outcome_of(KeyError("x"))


def test_an_edit_to_what_is_there_already_is_success() -> None:
    words = "Bad Request: message is not modified: specified new message content and reply markup"
    assert is_not_modified(outcome_of(TelegramBadRequest(METHOD, words)))
    assert not is_not_modified(Refused("Bad Request: message can't be edited"))


def test_no_reason_has_a_token_or_more_than_a_line() -> None:
    error = network(ServerDisconnectedError())
    error.message = f"https://api.telegram.org/bot{TOKEN}/x\nmore"
    found = outcome_of(error)
    assert isinstance(found, Unknown)
    assert "AAE" not in found.reason
    assert "\n" not in found.reason
