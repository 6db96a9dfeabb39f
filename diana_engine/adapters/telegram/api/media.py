"""Pictures, sounds and files on their way to Telegram: uploaded once by each bot, and named ever after.

Telegram calls a file that a bot has sent by a name (`file_id`) which is good for that bot and that kind of message, for
as long as anybody knows. The name is kept in the database by the file's content, so that a picture that ten versions
of a story show to ten thousand players is uploaded once. Should Telegram no longer know a name, the file is uploaded anew.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from aiogram.types import BufferedInputFile

from diana_engine.database.port import MediaStore
from diana_engine.program.model import Media

__all__ = ["Files", "named_in"]

_log = logging.getLogger(__name__)


class Files:
    """The files of stories as one bot sends them; `channel` tells its names from those of other bots."""

    def __init__(self, store: MediaStore, channel: str) -> None:
        self._store = store
        self._channel = channel

    async def name(self, medium: Media) -> str | None:
        """Return what Telegram calls a file, if it was sent before."""
        return await self._store.sent(self._channel, medium.kind, medium.digest)

    async def upload(self, medium: Media) -> BufferedInputFile | None:
        """Return a file's content, ready to be uploaded; `None` where the database no longer holds it."""
        content = await self._store.content(medium.digest) if medium.digest else None
        if content is None:
            _log.error("the file %s is not in the database; compile the story again", medium.name)
            return None
        return BufferedInputFile(content, medium.name.rpartition("/")[2])

    async def learn(self, medium: Media, known: str | None, message: object) -> None:
        """Remember what Telegram calls the file that this message shows, where that is new."""
        name = named_in(message, medium.kind)
        if name is not None and name != known:
            await self._store.remember(self._channel, medium.kind, medium.digest, name)

    async def forget(self, media: Sequence[Media]) -> None:
        """Forget names that Telegram no longer knows."""
        for medium in media:
            await self._store.remember(self._channel, medium.kind, medium.digest, None)


def named_in(message: Any, kind: str) -> str | None:
    """Return what Telegram calls the file of a message; of a picture's sizes the largest is the picture."""
    match message.get(kind) if isinstance(message, dict) else None:
        case {"file_id": str(name)} | [*_, {"file_id": str(name)}]:
            return name
        case _:
            return None
