"""The real `diana bot` process: killed between two taps, stopped, refused."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from diana_cli.main import main

from botapi.faults import Hold
from botapi.server import BotApiServer
from botapi.threaded import ServerInThread, serve_in_thread
from botprocess import LONG, bot
from diana_engine.database.connect import open_database
from diana_engine.database.port import PlayerKey, PlayKey
from diana_engine.database.stores import store_on
from diana_engine.database.stories.publications import SqlPublications
from diana_engine.database.stories.repository import SqlStories
from diana_engine.expressions.terms import FragmentId
from diana_engine.expressions.text import Plain
from diana_engine.program.model import Next, Program, StoryId
from diana_engine.program.systems import Growth
from diana_engine.runtime.versions.publishing import Publisher, Wish
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


def publish(database: str, program: Program) -> None:
    """Store and publish a version, as another process than the bot does."""

    async def publish() -> None:
        async with await open_database(database) as opened:
            stories, publications = (
                SqlStories(opened, lambda: 0),
                SqlPublications(opened, lambda: 0),
            )
            version = (await stories.add(program)).version
            publisher = Publisher(stories, publications, lambda: 0)
            await publisher.publish(Wish(version, "the writer"))

    asyncio.run(publish())
    time.sleep(1.1)  # a bot that is running asks once a second what is in force


def test_a_bot_that_runs_notices_what_is_published_and_no_player_sees_an_error(
    api: ServerInThread, database: str
) -> None:
    ana = api.player()
    options = ("--database", database, "--story", "cellar", "--api-server", api.url)
    words = {
        "house.cellar": "Barrels, no dust at all.",
        "house.ledge": "A broad ledge.",
    }
    reworded = with_words(replace(cellar(), version="2"), words)
    gone = without(replace(reworded, version="3"), "house.cellar", goes="house.ledge")
    with bot(*options, DIANA_BOT_TOKEN=TOKEN) as process:
        ana.say("/start")
        ana.tap("Take the key", ana.wait_for_message(1, LONG))
        hall = ana.wait_for_message("It is cold.", LONG)
        publish(database, reworded)
        ana.tap("Go down", hall)  # a button of the old version, which plays the same
        ana.wait_for_message("Barrels, no dust at all.", LONG)
        publish(database, gone)
        ana.say("/start")
        ana.wait_for_message("A broad ledge.", LONG)
        status, out, err = end(process, signal.SIGTERM)
    assert (status, out) == (0, "serving cellar as @diana_test_bot\n"), err
    assert "Traceback" not in err
    assert "error" not in err.lower()


def with_words(program: Program, words: dict[str, str]) -> Program:
    """Return the story with these texts in these fragments."""
    fragments = {
        id: replace(one, text=(Plain(words[id]),)) if id in words else one
        for id, one in program.fragments.items()
    }
    return replace(program, fragments=fragments)


def without(program: Program, name: str, *, goes: str) -> Program:
    """Return the story without a fragment, whose players go elsewhere, as do all ways that led there."""
    led = {FragmentId(name): FragmentId(goes)}
    fragments = {id: one for id, one in program.fragments.items() if id != name}
    stairs = fragments[FragmentId("house.stairs")]
    assert isinstance(stairs.exit, Next)
    ways = tuple(replace(one, to=led.get(one.to, one.to)) for one in stairs.exit.branches)
    fragments[stairs.id] = replace(stairs, exit=Next(ways))
    chapters = {
        id: replace(one, fragments=tuple(each for each in one.fragments if each != name))
        for id, one in program.chapters.items()
    }
    growth = Growth(removed=led)
    return replace(program, fragments=fragments, chapters=chapters, growth=growth)


def test_a_wrong_token_ends_the_bot_with_a_clear_message_that_does_not_show_it(
    api: ServerInThread, database: str, tmp_path: Path
) -> None:
    wrong = TOKEN[:-1] + "2"
    env_file = tmp_path / "bot.env"
    env_file.write_text(f"DIANA_BOT_TOKEN={wrong}\nDIANA_DATABASE={database}\n")
    with bot("--env-file", str(env_file), DIANA_API_SERVER=api.url) as process:
        out, err = process.communicate(timeout=LONG)
    assert process.returncode == 1
    last = [json.loads(line) for line in err.splitlines()][
        -1
    ]  # nothing but JSON is where nobody sits
    assert last["level"] == "critical"
    assert "Telegram does not accept the bot's token" in last["event"]
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


def test_a_second_signal_ends_the_bot_at_once_and_loses_nothing(
    api: ServerInThread, database: str
) -> None:
    ana = api.player()
    options = ("--database", database, "--api-server", api.url)
    with bot(*options, DIANA_BOT_TOKEN=TOKEN) as process:
        hold = Hold(delivered=False)
        api.plan("sendMessage", hold)
        ana.say("/start")
        api.wait_until_held(hold, LONG)  # which a stop in good order would wait for
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert any("stopping" in line for line in process.stderr), "the log says that it stops"
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG) == -signal.SIGTERM
    assert sequence(database) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--webhook", "https://bot.example.org/hook"], "A webhook needs a secret"),
        (["--webhook", "https://bot.example.org/hook", "--secret", "short"], "16 to 256 letters"),
        (["--webhook", "ftp://bot.example.org", "--secret", "x" * 16], "cannot post updates to"),
        (["--webhook", "https://a.example/?x=1", "--secret", "x" * 16], "cannot post updates to"),
        (["--listen", "here"], "is no address to listen on"),
        (["--listen", ":99999"], "is no address to listen on"),
        (["--secret", "x" * 16], "is for a webhook"),
    ],
)
def test_what_cannot_be_a_webhook_is_said_before_anything_is_done(
    api: ServerInThread, database: str, options: list[str], said: str
) -> None:
    line = ["bot", "--database", database, *options]
    done = CliRunner().invoke(
        main, [*line, "--api-server", api.url], env={"DIANA_BOT_TOKEN": TOKEN}
    )
    assert done.exit_code in (1, 2)
    assert said in " ".join(done.output.split())
    assert "x" * 16 not in done.output
    assert api.calls == []
