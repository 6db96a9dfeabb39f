"""docs/events.md tells of every event that there is, its plugin can be loaded, and its receiver believes Diana alone."""

from __future__ import annotations

import json
import re
import time
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from diana_engine.database.memory import MemoryStore
from diana_engine.runtime.bus.feed import Feed
from diana_engine.runtime.bus.signing import signature
from diana_engine.runtime.bus.subscribers import Subscriber
from diana_engine.runtime.events.catalogue import CATALOGUE, Happening, LevelUp, as_event
from strategies.steps import Steps

PAGE = Path(__file__).resolve().parents[2] / "docs" / "events.md"


def catalogue() -> str:
    """Return the catalogue as a table."""
    rows = [f"| `{name}` | {_parts(kind)} | {_words(kind)} |" for name, kind in CATALOGUE.items()]
    return "\n".join(["| event | payload | what happened |", "|---|---|---|", *rows, ""])


def _parts(kind: type[Happening]) -> str:
    return ", ".join(
        f"`{one.name}`{'?' if one.default is not MISSING else ''}" for one in fields(kind)
    )


def _words(kind: type[Happening]) -> str:
    assert kind.__doc__ is not None
    return re.sub(r"\s+", " ", kind.__doc__).strip().replace("``", "`").replace("|", "\\|")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_catalogue_is_the_page_s(request: pytest.FixtureRequest) -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split("<!-- events -->\n")
    written, after = rest.split("<!-- end -->")
    if request.config.getoption("--update-snapshots", default=False):
        PAGE.write_text(
            f"{before}<!-- events -->\n{catalogue()}<!-- end -->{after}", encoding="utf-8"
        )
    else:
        assert written == catalogue()


async def test_the_plugin_of_the_page_hears_of_a_level(capsys: pytest.CaptureFixture[str]) -> None:
    world: dict[str, Any] = {}
    [code] = [block for block in blocks("python") if "Subscriber" in block]
    exec(code, world)
    [cheers] = world["subscribers"]()
    assert isinstance(cheers, Subscriber)
    store = MemoryStore(lambda: 1_000)
    feed = Feed(cheers, store.events, "me", lambda: 1_000, lambda: 1.0)
    await feed.turn()
    await Steps(store).make(events=(as_event(LevelUp(3)),))
    await feed.turn()
    assert capsys.readouterr().out == "test/ana reached level 3\n"


def test_the_receiver_of_the_page_believes_what_is_signed_now() -> None:
    world: dict[str, Any] = {}
    [code] = [block for block in blocks("python") if "is_genuine" in block]
    exec(code, world)
    now, body = int(time.time()), b'{"name":"level_up"}'
    assert world["is_genuine"]("secret", signature("secret", now, body), body)
    assert not world["is_genuine"]("other", signature("secret", now, body), body)
    assert not world["is_genuine"]("secret", signature("secret", now - 600, body), body)


def test_the_event_of_the_page_is_one() -> None:
    [written] = blocks("json")
    event = json.loads(written)
    assert CATALOGUE[event["name"]](**event["payload"]) == LevelUp(3)
