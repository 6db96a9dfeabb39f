"""The real `diana bot` process: killed between two taps, stopped, refused."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from botapi.faults import Hold
from botapi.server import BotApiServer
from botapi.threaded import ServerInThread, serve_in_thread
from botprocess import LONG, bot
from diana_engine.database.connect import open_database
from diana_engine.database.port import PlayerKey, PlayKey
from diana_engine.database.stores import store_on
from diana_engine.database.stories import SqlStories
from diana_engine.program.model import StoryId
from strategies.stories import cellar

TOKEN = "123456789:" + "AAE_x-1" * 5


@pytest.fixture
def api() -> Iterator[ServerInThread]:
    with serve_in_thread(BotApiServer(TOKEN)) as api:
        yield api


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The URL of a database that holds the story."""
    url = f"sqlite:///{tmp_path / 'diana.db'}"

    async def store() -> None:
        async with await open_database(url) as opened:
            await SqlStories(opened, lambda: 0).add(cellar())

    asyncio.run(store())
    return url


def sequence(database: str) -> int:
    """How many steps the player's play has made."""

    async def find() -> int:
        play = PlayKey(PlayerKey("telegram:123456789", "1001"), StoryId("cellar"))
        async with await open_database(database) as opened:
            record = await store_on(opened, lambda: 0).players.find(play)
            return 0 if record is None else record.sequence

    return asyncio.run(find())


def end(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    process.send_signal(number)
    out, err = process.communicate(timeout=LONG)
    return process.returncode, out, err


def test_a_kill_between_two_taps_loses_no_step_and_makes_none_twice(
    api: ServerInThread, database: str
) -> None:
    ana = api.player()
    options = ("--database", database, "--story", "cellar", "--api-server", api.url)
    with bot(*options, DIANA_BOT_TOKEN=TOKEN) as first:
        ana.say("/start")
        scene = ana.wait_for_message(1, LONG)
        hold = Hold(delivered=False)
        api.plan("sendMessage", hold)
        tapped = ana.tap("Take the key")
        api.wait_until_held(hold, LONG)
        # The step is made and acknowledged, its scene is on the way.
        assert sequence(database) == 2
        api.wait_for(lambda: tapped.update_id not in api.server.updates.pending, LONG)
        end(first, signal.SIGKILL)
    ana.tap("Take the key", scene)  # an impatient player, while nobody is there
    with bot(*options, DIANA_BOT_TOKEN=TOKEN) as second:
        shown = ana.wait_for_message("It is cold.", LONG)
        ana.tap("Go down", shown)
        ana.wait_for_message("Barrels", LONG)
        status, out, err = end(second, signal.SIGTERM)
    assert (status, out) == (0, "serving cellar as @diana_test_bot\n"), err
    assert api.pending == []
    assert sequence(database) == 3
    # The first message was closed, the scene came once, and the impatient tap changed nothing.
    assert [message.text.split("\n")[0] for message in ana.messages] == [
        "The hall",
        "It is cold.",
        "Barrels, 100% dust.",
    ]
    assert TOKEN not in out + err


def test_a_wrong_token_ends_the_bot_with_a_clear_message_that_does_not_show_it(
    api: ServerInThread, database: str, tmp_path: Path
) -> None:
    wrong = TOKEN[:-1] + "2"
    env_file = tmp_path / "bot.env"
    env_file.write_text(f"DIANA_BOT_TOKEN={wrong}\nDIANA_DATABASE={database}\n")
    with bot("--env-file", str(env_file), DIANA_API_SERVER=api.url) as process:
        out, err = process.communicate(timeout=LONG)
    assert process.returncode == 1
    assert "Telegram does not accept the bot's token" in err
    assert out == ""
    assert wrong not in err
    assert "Traceback" not in err


def test_a_database_that_is_not_there_is_said_before_telegram_is_asked(
    api: ServerInThread, tmp_path: Path
) -> None:
    options = ("--database", str(tmp_path / "none.db"), "--api-server", api.url)
    with bot(*options, DIANA_BOT_TOKEN=TOKEN) as process:
        _, err = process.communicate(timeout=LONG)
    assert process.returncode == 1
    assert "There is no database" in err
    assert api.calls == []
