"""One row of the outbox becomes a call to Telegram, or a few."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from aiogram.methods import TelegramMethod

from diana_engine.adapters.telegram.api.calls import UPLOAD, Calls
from diana_engine.adapters.telegram.api.limits import CAPTION, MESSAGE, units
from diana_engine.adapters.telegram.api.media import Files
from diana_engine.adapters.telegram.api.methods import (
    EditCaption,
    EditKeyboard,
    EditText,
    SendAlbum,
    SendAnimation,
    SendAudio,
    SendDocument,
    SendMedium,
    SendPhoto,
    SendText,
    SendVideo,
    SendVoice,
)
from diana_engine.adapters.telegram.api.outcomes import Delivered, Outcome, Refused, is_not_modified
from diana_engine.adapters.telegram.showing.payloads import (
    SCENE,
    Disarm,
    Live,
    Payload,
    Rows,
    Settle,
    Show,
    Write,
    unpack,
)
from diana_engine.database.ports.outbox import Claimed, Outbox
from diana_engine.program.model import Media, MediaKind

__all__ = ["Deliverer", "is_quick", "message_id"]

_log = logging.getLogger(__name__)

_CHOSEN = "\n\n▸ "
_METHODS: Mapping[MediaKind, type[SendMedium]] = {
    "photo": SendPhoto,
    "video": SendVideo,
    "audio": SendAudio,
    "voice": SendVoice,
    "animation": SendAnimation,
    "document": SendDocument,
}
# A preview would put a stranger's picture into the story.
_NO_PREVIEW = {"is_disabled": True}
_TAG = re.compile(r"<[^>]*>")
_NOTHING_TO_DO = Delivered()


@dataclass(frozen=True, slots=True)
class _Shown:
    """The message that shows a scene in a chat, which scene, and the row that it was."""

    message: int | None = None
    live: Live | None = None
    row: int = 0

    def is_after(self, claimed: Claimed) -> bool:
        """Return whether it shows what was so after a row was stored."""
        return self.row > claimed.id


class Deliverer:
    """Makes the calls of rows. One chat's rows are delivered one after another by whoever uses it."""

    def __init__(self, calls: Calls, outbox: Outbox, files: Files, channel: str) -> None:
        self._calls = calls
        self._outbox = outbox
        self._files = files
        self._channel = channel

    async def deliver(self, claimed: Claimed, chat: int) -> Outcome:
        """Do what a row says, in `chat`, and return what came of it.

        What need not be done any more is `Delivered` without a result.
        """
        row = unpack(claimed.message.payload)
        woken = claimed.message.priority == "reminder"
        shown = await self._shown(claimed) if woken or _looks(row) else _Shown()
        if woken and shown.is_after(claimed):
            # It waited behind answers to a player who was there after all, and has seen the scene as it is now.
            return _NOTHING_TO_DO
        if row.away is not None and not _applies(row, shown):
            return _NOTHING_TO_DO
        match row:
            case Write():
                return await self._write(chat, row.html, row.rows)
            case Show():
                return await self._show(chat, row)
            case Settle():
                return await self._settle(chat, row)
            case Disarm(message=number):
                return await self._disarm(chat, shown.message if number is None else number)
            case other:
                assert_never(other)

    async def do_less(self, claimed: Claimed, chat: int) -> Outcome:
        """Do the least of what a row is for: where a choice cannot be noted, its buttons go all the same."""
        row = unpack(claimed.message.payload)
        if isinstance(row, Settle) and _with_choice(chat, row) is not None:
            return await self._disarm(chat, row.message)
        return Refused("there is nothing less to be done")

    async def _shown(self, claimed: Claimed) -> _Shown:
        last = await self._outbox.last(self._channel, claimed.message.chat, SCENE)
        if last is None or last.play != claimed.play:
            return _Shown()
        row = unpack(last.message.payload)
        live = row.live if isinstance(row, Write | Show) else None
        return _Shown(last.message_id, live, last.id)

    async def _write(self, chat: int, text: str, rows: Rows) -> Outcome:
        def written(text: str, parse_mode: str | None) -> SendText:
            return SendText(
                chat_id=chat,
                text=text,
                parse_mode=parse_mode,
                reply_markup=_keyboard(rows),
                link_preview_options=_NO_PREVIEW,
            )

        outcome = await self._calls.make(written(text, "HTML"))
        match outcome:
            case Refused(reason) if "can't parse entities" in reason.lower():
                _log.error("Telegram cannot read our markup, sending without: %s", reason)
                return await self._calls.make(written(html.unescape(_TAG.sub("", text)), None))
            case _:
                return outcome

    async def _show(self, chat: int, row: Show) -> Outcome:
        """Send files, or the words of the scene where Telegram does not take its one file."""
        more: dict[str, Any] = {}
        if row.caption is not None:
            words = {"caption": row.caption, "parse_mode": "HTML"} if row.caption else {}
            more = {**words, "reply_markup": _keyboard(row.rows)}
        outcome = await self._send_files(chat, row.media, more)
        if not isinstance(outcome, Refused):
            return outcome
        # A file that Telegram does not take must not stop the story: then there is a line in the log, and the words.
        return (
            _NOTHING_TO_DO if row.caption is None else await self._write(chat, row.words, row.rows)
        )

    async def _send_files(
        self, chat: int, media: Sequence[Media], more: Mapping[str, Any]
    ) -> Outcome:
        """Send what shares a message: by the names that Telegram knows, else with the content."""
        names = [await self._files.name(medium) for medium in media]
        for given in (names, [None] * len(media)):
            carried = [
                name or await self._files.upload(medium)
                for name, medium in zip(given, media, strict=True)
            ]
            if None in carried:
                return Refused("a file is not in the database")
            outcome = await self._calls.make(_sending(chat, media, carried, more), UPLOAD)
            match outcome:
                case Delivered(result):
                    messages = result if isinstance(result, list) else [result]
                    for medium, name, message in zip(media, given, messages, strict=False):
                        await self._files.learn(medium, name, message)
                    return outcome
                case Refused(reason):
                    _log.warning("Telegram does not take %s: %s", media[0].name, reason)
                    if not any(given):
                        return outcome
                    await self._files.forget(media)
                case _:
                    return outcome
        return Refused("Telegram takes neither the names nor the content of the files")

    async def _settle(self, chat: int, row: Settle) -> Outcome:
        """Close a message that was tapped. What was written stays, so that the chat reads as a story from its beginning."""
        edit = _with_choice(chat, row)
        if edit is not None:
            outcome = await self._edit(edit)
            if not isinstance(outcome, Refused):
                return outcome
        return await self._disarm(chat, row.message)

    async def _disarm(self, chat: int, message: int | None) -> Outcome:
        if message is None:
            return _NOTHING_TO_DO
        outcome = await self._edit(EditKeyboard(chat_id=chat, message_id=message))
        # Too old, or deleted: then there are no buttons to be taken away.
        return _NOTHING_TO_DO if isinstance(outcome, Refused) else outcome

    async def _edit(self, method: TelegramMethod[Any]) -> Outcome:
        outcome = await self._calls.make(method)
        return _NOTHING_TO_DO if is_not_modified(outcome) else outcome


def is_quick(claimed: Claimed) -> bool:
    """Return whether sending takes seconds at most, since no file goes with it."""
    match claimed.message.payload:
        case {"type": "show"}:
            return False
        case _:
            return True


def _looks(row: Payload) -> bool:
    """Return whether a row depends on what the chat shows."""
    return row.away is not None or (isinstance(row, Disarm) and row.message is None)


def _applies(row: Payload, shown: _Shown) -> bool:
    assert row.away is not None
    if isinstance(row, Disarm) and row.message is not None:
        return row.away.disarms(shown.message, shown.live)
    return row.away.shows(shown.message, shown.live)


def message_id(result: Any) -> int | None:
    """Return the number of the message in Telegram's answer, of an album the first one's."""
    match result:
        case {"message_id": int(number)} | [{"message_id": int(number)}, *_]:
            return number
        case _:
            return None


def _sending(
    chat: int, media: Sequence[Media], carried: Sequence[Any], more: Mapping[str, Any]
) -> TelegramMethod[Any]:
    if len(media) > 1:
        album = [
            {"type": medium.kind, "media": content}
            for medium, content in zip(media, carried, strict=True)
        ]
        return SendAlbum(chat_id=chat, media=album)
    kind = media[0].kind
    return _METHODS[kind](chat_id=chat, **{kind: carried[0]}, **more)


def _keyboard(rows: Rows) -> dict[str, Any] | None:
    if not rows:
        return None
    drawn = [[{"text": key.label, "callback_data": key.data} for key in row] for row in rows]
    return {"inline_keyboard": drawn}


def _with_choice(chat: int, row: Settle) -> EditText | EditCaption | None:
    """Return the edit that writes what was chosen below a message, or `None` where it does not fit or is not known."""
    if row.text is None or not row.chosen:
        return None
    text = row.text + _CHOSEN + row.chosen
    if units(text) > (CAPTION if row.captioned else MESSAGE):
        return None
    line = {
        "type": "italic",
        "offset": units(row.text) + 2,
        "length": units(_CHOSEN[2:] + row.chosen),
    }
    entities = [*(dict(entity) for entity in row.entities), line]
    if row.captioned:
        return EditCaption(
            chat_id=chat, message_id=row.message, caption=text, caption_entities=entities
        )
    return EditText(
        chat_id=chat,
        message_id=row.message,
        text=text,
        entities=entities,
        link_preview_options=_NO_PREVIEW,
    )
