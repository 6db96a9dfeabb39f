"""Pictures, sounds and files on Telegram: uploaded once by a bot, as captions and albums; and never in the story's way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from botapi.faults import Hold
from botapi.player import Player
from botstage import CHANNEL, Stage, before_curtain, on_stage
from diana_engine.adapters.phrases import LANGUAGES
from diana_engine.adapters.telegram.sending.office import Manner
from diana_engine.program.model import Media, MediaKind, Program
from strategies.builders import ending, fragment, onward, story, words

EN = LANGUAGES["en"]
NAMES: dict[MediaKind, str] = {
    "photo": "gate.jpg", "video": "walk.mp4", "audio": "song.mp3", "voice": "bell.ogg",
    "animation": "wave.gif", "document": "in/letter.pdf",
}  # fmt: skip


def content(kind: str, number: int = 0) -> bytes:
    return f"{kind} {number}".encode() * 1000


def medium(kind: MediaKind, number: int = 0) -> Media:
    return Media(kind, NAMES[kind], sha256(content(kind, number)).hexdigest())


FILES = [content(kind, number) for kind in NAMES for number in range(3)]


def showing(*media: Media, text: str = "Look.", again: bool = False) -> Program:
    """A place that shows media, and from which one goes on to the end, or round to it again."""
    here = replace(
        fragment("here", onward("here" if again else "end")), text=words(text) if text else ()
    )
    return story(replace(here, media=media), ending())


@pytest.mark.parametrize("kind", NAMES)
async def test_a_file_is_shown_with_its_text_as_caption_and_its_buttons(
    kind: MediaKind, tmp_path: Path
) -> None:
    async with on_stage(showing(medium(kind)), tmp_path, *FILES) as stage:
        ana = await stage.begin()
        (message,) = ana.messages
        assert message.medium is not None
        assert (message.medium.kind, message.medium.content) == (kind, content(kind))
        assert message.medium.name == NAMES[kind].rpartition("/")[2]
        assert (message.text, message.buttons) == ("Look.", [EN.go_on])
        await ana.tap(EN.go_on)
        await ana.wait_for_message(2)
        await stage.quiet()
        assert ana.messages[0].text == f"Look.\n\n▸ {EN.go_on}"
        assert ana.messages[0].buttons == []


async def test_a_file_is_uploaded_once_by_a_bot_and_named_for_everybody_after(
    tmp_path: Path,
) -> None:
    async with on_stage(showing(medium("photo"), again=True), tmp_path, *FILES) as stage:
        for user in (1001, 1002):
            player = await stage.begin(user)
            await player.tap(EN.go_on)
            await player.wait_for_message(2)
            await stage.quiet()
        assert stage.api.files.uploads == 1
        name = await stage.media.sent(CHANNEL, "photo", medium("photo").digest)
        assert name in stage.api.files.known


async def test_a_name_that_telegram_no_longer_knows_costs_one_upload(tmp_path: Path) -> None:
    async with on_stage(showing(medium("video"), again=True), tmp_path, *FILES) as stage:
        ana = await stage.begin()
        stage.api.files.forget()
        await ana.tap(EN.go_on)
        shown = await ana.wait_for_message(2)
        await stage.quiet()
        assert shown.medium is not None
        assert shown.medium.content == content("video")
        assert stage.api.files.uploads == 2
        name = await stage.media.sent(CHANNEL, "video", medium("video").digest)
        assert name == shown.medium.file_id


async def test_an_album_comes_before_its_text_and_a_voice_by_itself(tmp_path: Path) -> None:
    media = (medium("photo"), medium("video"), medium("photo", 1), medium("voice"))
    async with on_stage(showing(*media), tmp_path, *FILES) as stage:
        ana = await stage.begin()
        await ana.wait_for_message("Look.")
        await stage.quiet()
        kinds = [message.medium and message.medium.kind for message in ana.messages]
        assert kinds == ["photo", "video", "photo", "voice", None]
        albums = [message.album for message in ana.messages]
        assert albums[0] == albums[1] == albums[2] is not None
        assert albums[3:] == [None, None]
        assert [bool(message.buttons) for message in ana.messages] == [False] * 4 + [True]
        assert stage.api.files.uploads == 4


async def test_a_text_too_long_for_a_caption_is_a_message_of_its_own(tmp_path: Path) -> None:
    for length, count in ((1024, 1), (1025, 2)):
        folder = tmp_path / str(length)
        folder.mkdir()
        program = showing(medium("photo"), text="a" * length)
        async with on_stage(program, folder, *FILES) as stage:
            ana = await stage.begin()
            last = await ana.wait_for_message(count)
            assert len(ana.messages) == count
            assert (last.text, last.buttons) == ("a" * length, [EN.go_on])


async def test_a_picture_without_a_text_still_has_its_button(tmp_path: Path) -> None:
    async with on_stage(showing(medium("photo"), text=""), tmp_path, *FILES) as stage:
        ana = await stage.begin()
        (message,) = ana.messages
        assert (message.text, message.buttons) == ("", [EN.go_on])


async def told(stage: Stage) -> None:
    ana = await stage.begin()
    (message,) = ana.messages
    assert (message.medium, message.text, message.buttons) == (None, "Look.", [EN.go_on])


async def test_a_file_that_telegram_refuses_or_that_is_lost_leaves_the_words(
    tmp_path: Path,
) -> None:
    lost = Media("photo", "lost.jpg", "0" * 64)
    bad = Media("photo", "bad.txt", sha256(content("photo")).hexdigest())
    for number, one in enumerate((lost, bad, Media("photo", "draft.jpg"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with on_stage(showing(one), folder, *FILES) as stage:
            await told(stage)


async def test_a_file_that_takes_long_stays_its_workers_to_send(tmp_path: Path) -> None:
    hold = Hold(delivered=True)
    async with before_curtain(showing(medium("video")), tmp_path, *FILES) as stage:
        stage.api.faults.plan("sendVideo", hold)
        ana = Player(stage.api)
        async with stage.bot(manner=Manner(glance=0.1, lease=2)):
            await ana.say("/start")
            await hold.reached.wait()
            for _ in range(30):
                assert await stage.store.outbox.recover(CHANNEL, "another", stage.clock()) == 0
                await asyncio.sleep(0.1)
            hold.release()
            await stage.quiet()
        assert len(ana.messages) == 1
