"""Requests to a worker, as Telegram and those who run it make them."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from botapi.webhook import SECRET_HEADER
from botstage import SECRET

__all__ = ["get", "post", "start"]


async def post(url: str, body: bytes | dict[str, Any], secret: str | None = SECRET) -> int:
    """Post what may be an update, and return the status of the answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/hook", data=content, headers=headers) as answer,
    ):
        return answer.status


async def get(url: str, path: str) -> tuple[int, str]:
    """Return the status and the text of an answer."""
    async with aiohttp.ClientSession() as session, session.get(url + path) as answer:
        return answer.status, await answer.text()


def start(user: int, update: int) -> dict[str, Any]:
    """Return an update in which somebody presses start."""
    person = {"id": user, "is_bot": False, "first_name": "A"}
    chat = {"id": user, "type": "private"}
    message = {"message_id": 1, "from": person, "chat": chat, "date": 1, "text": "/start"}
    return {"update_id": update, "message": message}
