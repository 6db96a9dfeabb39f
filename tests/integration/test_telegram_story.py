"""Shipped stories, played whole on Telegram: every playthrough to its ending, with the bot killed on the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from diana_cli.main import main

from botapi.server import BotApiServer
from botapi.threaded import PlayerInThread, ServerInThread, serve_in_thread
from botprocess import LONG, bot
from diana_engine.compiler.pipeline import compile_story
from diana_engine.compiler.playthroughs import playthrough_paths, read_playthrough
from diana_engine.database.connect import open_database
from diana_engine.database.port import PlayerKey, PlayKey
from diana_engine.database.stores import store_on
from diana_engine.play.playthrough import Let, Pay, Played, Press, Reply, Take, run
from diana_engine.program.model import Program, StoryId

STORIES = Path(__file__).resolve().parents[2] / "stories"
TOKEN = "123456789:" + "AAE_x-1" * 5
FIRST_PLAYER = 2001


@dataclass(frozen=True)
class Tap:
    """Which button is pressed, or what is said, how many buttons there are then, and where the player is afterwards."""

    button: int | str
    buttons: int
    fragment: str


def taps(played: list[Played]) -> list[Tap]:
    """Return the taps that make a playthrough, as positions: texts may vary with the player's own luck."""
    found: list[Tap] = []
    view = played[0].view
    for one in played[1:]:
        match one.step:
            case Take():
                keys = [choice.key for choice in view.choices]
                assert one.taken is not None
                found.append(Tap(keys.index(one.taken.key), len(keys), one.view.fragment))
            case Press():
                found.append(Tap(0, 1, one.view.fragment))
            case Reply(typed):
                assert view.ask is not None
                found.append(Tap(typed, len(view.ask.options), one.view.fragment))
            case Pay():
                found.append(Tap(1, 2, one.view.fragment))
            case _:
                pass
        view = one.view
    return found


@pytest.fixture(params=["diana", "verbena"])
def story(request: pytest.FixtureRequest) -> Path:
    return STORIES / str(request.param)


@pytest.fixture
def program(story: Path) -> Program:
    compiled = compile_story(story).program
    assert compiled is not None
    return compiled


@pytest.fixture
def playthroughs(program: Program, story: Path) -> list[list[Tap]]:
    """The playthroughs in which no time passes: on Telegram it would be real."""
    found = []
    for path in playthrough_paths(story):
        playthrough, _ = read_playthrough(path)
        assert playthrough is not None
        if not any(isinstance(step, Let) for step in playthrough.steps):
            found.append(taps(list(run(program, playthrough))))
    return found


@pytest.fixture
def database(story: Path, tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'diana.db'}"
    stored = CliRunner().invoke(main, ["compile", str(story), "--database", url])
    assert stored.exit_code == 0, stored.output
    return url


@pytest.fixture
def api() -> Iterator[ServerInThread]:
    with serve_in_thread(BotApiServer(TOKEN)) as api:
        yield api


def standing(database: str, story: str, user: int) -> tuple[str, int]:
    """Where a player stands, and how many steps were made."""

    async def find() -> tuple[str, int]:
        play = PlayKey(PlayerKey("telegram:123456789", str(user)), StoryId(story))
        async with await open_database(database) as opened:
            record = await store_on(opened, lambda: 0).players.find(play)
            assert record is not None
            return record.state.fragment, record.sequence

    return asyncio.run(find())


def play(player: PlayerInThread, steps: list[Tap]) -> None:
    for step in steps:
        # A scene may come twice after a bot was killed, so it is waited for, and not only some message.
        player.wait_for_screen(lambda screen, step=step: len(screen.buttons) == step.buttons, LONG)  # type: ignore[misc]
        scene = player.messages[-1]
        count = len(player.messages)  # before the press, which may be answered at once
        if isinstance(step.button, str):
            player.say(step.button)
        else:
            player.tap(step.button, scene)
        player.wait_for_message(count + 1, LONG)


def test_every_playthrough_reaches_its_ending_through_a_bot_that_is_killed_half_way(
    api: ServerInThread, story: Path, database: str, playthroughs: list[list[Tap]]
) -> None:
    options = ("--database", database, "--api-server", api.url)
    players = [
        api.player(FIRST_PLAYER + number, f"Jugadora {number}")
        for number in range(len(playthroughs))
    ]
    with bot(*options, DIANA_BOT_TOKEN=TOKEN) as first:
        for player, steps in zip(players, playthroughs, strict=True):
            player.say("/start")
            player.wait_for_message(1, LONG)
            play(player, steps[: len(steps) // 2])
        first.kill()
        first.wait(LONG)
    with bot(*options, DIANA_BOT_TOKEN=TOKEN):
        until = time.monotonic() + LONG
        while api.pending and time.monotonic() < until:  # what was not acknowledged comes again
            time.sleep(0.1)
        time.sleep(1)
        for player, steps in zip(players, playthroughs, strict=True):
            play(player, steps[len(steps) // 2 :])
            assert "— Fin —" in player.messages[-1].text

    for number, steps in enumerate(playthroughs):
        fragment, sequence = standing(database, story.name, FIRST_PLAYER + number)
        assert fragment == steps[-1].fragment
        assert sequence == len(steps) + 1, "each tap counts once, and the start"
