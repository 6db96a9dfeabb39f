"""The Bot API server of the tests takes and refuses files as Telegram does, seen through the real aiogram client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge
from aiogram.types import BufferedInputFile, InputMediaAudio, InputMediaPhoto, InputMediaVideo

from botapi.player import Player
from botapi.server import BotApiServer

CHAT = 1001


@pytest.fixture
async def api() -> AsyncIterator[BotApiServer]:
    async with BotApiServer() as server:
        await Player(server, CHAT).say("/start")
        yield server
        assert server.crashes == []


@pytest.fixture
async def bot(api: BotApiServer) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api.url))
    bot = Bot(api.token, session)
    yield bot
    await session.close()


def picture(name: str = "a.jpg", content: bytes = b"picture") -> BufferedInputFile:
    return BufferedInputFile(content, name)


async def test_what_was_uploaded_can_be_sent_again_by_its_name(api: BotApiServer, bot: Bot) -> None:
    first = await bot.send_photo(CHAT, picture(), caption="<b>Hi</b>", parse_mode="HTML")
    assert first.photo
    assert first.caption == "Hi"
    name = first.photo[-1].file_id
    second = await bot.send_photo(CHAT, name)
    assert second.photo
    assert second.photo[-1].file_id == name
    assert api.files.uploads == 1
    edited = await bot.edit_message_caption(chat_id=CHAT, message_id=first.message_id, caption="Ho")
    assert not isinstance(edited, bool)
    assert edited.caption == "Ho"


@pytest.mark.parametrize(
    ("kind", "sent", "complaint"),
    [
        ("photo", "no-such-name", "wrong file identifier/HTTP URL specified"),
        ("video", "known", "type of file mismatch"),
        ("photo", picture(content=b""), "file must be non-empty"),
        ("photo", picture("a.txt"), "IMAGE_PROCESS_FAILED"),
    ],
)
async def test_a_file_is_refused_in_telegrams_words(
    bot: Bot, kind: str, sent: Any, complaint: str
) -> None:
    if sent == "known":
        shown = await bot.send_photo(CHAT, picture())
        assert shown.photo
        sent = shown.photo[-1].file_id
    with pytest.raises(TelegramBadRequest, match=complaint):
        await getattr(bot, f"send_{kind}")(CHAT, sent)


async def test_a_caption_and_a_file_have_their_largest_size(bot: Bot) -> None:
    await bot.send_photo(CHAT, picture(), caption="a" * 1024)
    with pytest.raises(TelegramBadRequest, match="caption is too long"):
        await bot.send_photo(CHAT, picture(), caption="a" * 1025)
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_photo(CHAT, picture(content=bytes(10_000_001)))


async def test_an_album_has_two_to_ten_of_what_goes_together(api: BotApiServer, bot: Bot) -> None:
    photo, video = InputMediaPhoto(media=picture()), InputMediaVideo(media=picture("b.mp4"))
    sent = await bot.send_media_group(CHAT, [photo, video])
    assert len({message.media_group_id for message in sent}) == 1
    assert api.files.uploads == 2
    with pytest.raises(TelegramBadRequest, match="can't be mixed with other media types"):
        await bot.send_media_group(CHAT, [photo, InputMediaAudio(media=picture("c.mp3"))])
    for count in (1, 11):
        with pytest.raises(TelegramBadRequest, match="2 to 10"):
            await bot.send_media_group(CHAT, [photo] * count)


async def test_a_text_and_a_caption_are_edited_each_by_its_own_method(bot: Bot) -> None:
    shown, said = await bot.send_photo(CHAT, picture()), await bot.send_message(CHAT, "Hi")
    with pytest.raises(TelegramBadRequest, match="no text in the message"):
        await bot.edit_message_text("x", chat_id=CHAT, message_id=shown.message_id)
    with pytest.raises(TelegramBadRequest, match="no caption in the message"):
        await bot.edit_message_caption(chat_id=CHAT, message_id=said.message_id, caption="x")
