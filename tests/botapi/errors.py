"""Error answers of the Bot API, worded as the server words them."""

from __future__ import annotations

__all__ = ["ApiError", "refusal"]

_PREFIXES = {400: "Bad Request", 403: "Forbidden"}


class ApiError(Exception):
    """An error answer: the HTTP status, Telegram's sentence, and what it says beside: seconds to wait, a chat's new number."""

    def __init__(
        self,
        code: int,
        description: str,
        retry_after: int | None = None,
        migrate_to: int | None = None,
    ) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to = migrate_to


def refusal(sentence: str, code: int = 400) -> ApiError:
    """Word an error as the server does: prefix, and a small first letter unless it is a CODE."""
    second = sentence[1:2]
    if not (second == "_" or "A" <= second <= "Z"):
        sentence = sentence[:1].lower() + sentence[1:]
    return ApiError(code, f"{_PREFIXES[code]}: {sentence}")
