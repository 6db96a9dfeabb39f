"""The HTTP side of a call: parameters from any body Telegram takes, and its envelope of answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from botapi.errors import ApiError, refusal

__all__ = ["Attached", "Params", "failure", "read_params", "success"]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a multipart form."""

    name: str
    content: bytes


class Params:
    """Parameters by name; a form carries objects as JSON text, a JSON body carries them as such.

    Attributes:
        given: what was sent.
        files: what was attached, by name.
        connected: says whether the client still waits for the answer.
    """

    def __init__(
        self,
        given: Mapping[str, Any],
        connected: Callable[[], bool] = lambda: True,
        files: Mapping[str, Attached] | None = None,
    ) -> None:
        self.files = files or {}
        self.given = {name: value for name, value in given.items() if value is not None}
        self.connected = connected

    def text(self, name: str) -> str:
        """Give a parameter as text; what is missing is empty, as for the server."""
        value = self.given.get(name, "")
        if isinstance(value, str):
            return value
        return json.dumps(value) if isinstance(value, bool | dict | list) else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """Give the whole number a parameter begins with, as the server reads it."""
        found = re.match(r"\s*([+-]?\d+)", self.text(name))
        return int(found[1]) if found else default

    def flag(self, name: str) -> bool:
        """Give a yes or no."""
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def object(self, name: str, complaint: str) -> Any:
        """Give a parameter that is an object or a list; None where it is missing.

        Raises:
            ApiError: its text is no JSON; says the complaint.
        """
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise refusal(complaint) from error

    def lenient_object(self, name: str) -> Any:
        """Give an object, or None where its text cannot be read."""
        try:
            return self.object(name, "")
        except ApiError:
            return None


async def read_params(request: web.Request) -> Params:
    """Read the query and the body: JSON, a form, or a multipart form whose files count by name."""
    given: dict[str, Any] = dict(request.query)
    files: dict[str, Attached] = {}
    if request.content_type == "application/json":
        given |= _json_object(await request.text())
    elif request.can_read_body:
        form = await request.post()
        for name, value in form.items():
            is_file = isinstance(value, web.FileField)
            given[name] = f"attach://{name}" if is_file else str(value)
            if isinstance(value, web.FileField):
                files[name] = Attached(value.filename, value.file.read())
    return Params(given, lambda: request.transport is not None, files)


def _json_object(body: str) -> dict[str, Any]:
    try:
        given = json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise refusal("Can't parse JSON object") from error
    if not isinstance(given, dict):
        raise refusal("Expected a JSON object")
    return given


def success(result: object) -> web.Response:
    """Answer with a result."""
    return web.json_response({"ok": True, "result": result})


def failure(error: ApiError) -> web.Response:
    """Answer with an error; one that asks for patience says how long in two places."""
    body: dict[str, Any] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    headers = {}
    if error.retry_after is not None:
        body["parameters"] = {"retry_after": error.retry_after}
        headers["Retry-After"] = str(error.retry_after)
    if error.migrate_to is not None:
        body["parameters"] = {"migrate_to_chat_id": error.migrate_to}
    return web.json_response(body, status=error.code, headers=headers)
