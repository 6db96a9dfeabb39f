"""Whatever players did, on whichever versions and however they were carried over, their logs lead to where they are.

`DIANA_HISTORIES` says how many histories are recorded and made again; `make faults` says a thousand.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import count

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from diana_engine.database.memory import MemoryStore
from diana_engine.database.port import PlayerKey, PlayKey, Publication, UpdateId
from diana_engine.database.ports.history import LoggedStep
from diana_engine.play.carrying import Passage, passage
from diana_engine.program.codec import digest
from diana_engine.program.model import Program, StoryId
from diana_engine.program.systems import Policy
from diana_engine.runtime.coordinator import Coordinator
from diana_engine.runtime.replay import Broken, Replay, Versions
from diana_engine.runtime.requests import Begin, Intent, Look, Reply, Request, Say, Tap
from diana_engine.runtime.versions.library import Library
from stage import DAWN, Shelf
from strategies.edits import edited
from strategies.programs import ANSWERS, lively, plays, programs
from strategies.rewarded import rewarded

HISTORIES = int(os.environ.get("DIANA_HISTORIES", "60"))
ANA = PlayerKey("test", "ana")
STORIES = programs(flow=True, lives=True, timed=True) | lively(timed=True) | rewarded()
POLICIES: tuple[Policy, ...] = ("migrate", "restart_fragment", "pin")


class Press(Shelf):
    """A shelf from which versions are published."""

    def __init__(self) -> None:
        super().__init__()
        self.published: list[Publication] = []

    async def publish(self, program: Program, policy: Policy) -> None:
        version = (await self.add(program)).version
        number = len(self.published) + 1
        self.published.append(Publication(number, version, policy, DAWN, "the writer"))

    async def active(self, story: StoryId) -> Publication | None:
        return self.published[-1] if self.published else None


def _intent(reply: Reply, number: int) -> Intent:
    """Return what `number` does before a scene: mostly what goes on, now and then something else."""
    view = reply.view
    if number % 23 == 0 or view is None:
        return Begin(anew=number % 2 == 0)
    if number % 19 == 0:
        return Look()
    if view.ask is not None and not view.ask.options:
        return Say(ANSWERS[number % len(ANSWERS)])
    shown = len(view.choices) or (0 if view.ask is None else len(view.ask.options))
    choice = None if view.can_continue else number % (shown or 1)
    return Tap(reply.story_token, reply.sequence, choice)


async def recorded(
    versions: Sequence[Program], policies: Sequence[Policy], numbers: Sequence[int]
) -> tuple[MemoryStore, PlayKey]:
    """Play, publish one version after another meanwhile, and return where it is stored."""
    now, updates, seeds, press = [DAWN], count(1), count(100), Press()
    store = MemoryStore(lambda: now[0])
    await press.publish(versions[0], "migrate")
    story = versions[0].story
    coordinator = Coordinator(
        store.players, Library(press), story, lambda: now[0], lambda: next(seeds)
    )
    handle, after = coordinator.handle, len(numbers) // len(versions) + 1
    reply = await handle(Request(ANA, Begin(), UpdateId(next(updates))))
    for index, number in enumerate(numbers, start=1):
        if index % after == 0:
            await press.publish(versions[index // after], policies[index // after])
        now[0] += 1 + number % 3 * 1_800
        intent = _intent(reply, number)
        reply = await handle(Request(ANA, intent, UpdateId(next(updates)), lambda _: ()))
    return store, PlayKey(ANA, story)


def made_again(log: Sequence[LoggedStep], versions: Sequence[Program]) -> Replay | Broken:
    """Make a play again from its log."""
    by_digest = {digest(one): one for one in versions}

    def way(old: str, new: str, by: Policy) -> Passage:
        return passage(by_digest[old], by_digest[new], by)

    replay = Replay()
    for step in log:
        broken = replay.make(step, Versions(by_digest, way))
        if broken is not None:
            return broken
    return replay


@settings(
    max_examples=HISTORIES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.data(), STORIES, plays, st.lists(st.sampled_from(POLICIES), min_size=3, max_size=3))
def test_a_history_is_made_again_alike_over_all_its_versions(
    data: st.DataObject, first: Program, numbers: list[int], policies: list[Policy]
) -> None:
    second = data.draw(edited(first))
    versions = [first, second, data.draw(edited(second))]
    store, play = asyncio.run(recorded(versions, policies, numbers))
    log = asyncio.run(store.history.steps(play))
    record = asyncio.run(store.players.find(play))
    assert record is not None
    replay = made_again(log, versions)
    assert isinstance(replay, Replay), replay
    assert (replay.state, replay.sequence, replay.digest) == (
        record.state, record.sequence, record.digest,
    )  # fmt: skip
    carries = [step.action for step in log if isinstance(step.action, dict)]
    event(f"carried over {sum(one.get('type') == 'carry' for one in carries)} times")
    _check_what_is_wrong_is_seen(log, versions)


def _check_what_is_wrong_is_seen(log: Sequence[LoggedStep], versions: Sequence[Program]) -> None:
    """A step that is missing, or that led elsewhere, is told with its number."""
    middle = len(log) // 2
    again = partial(made_again, versions=versions)
    missing = again([*log[:middle], *log[middle + 1 :]])
    assert missing == again(log[:-1]) or isinstance(missing, Broken)
    bent = replace(log[middle], state_digest="0")
    broken = again([*log[:middle], bent, *log[middle + 1 :]])
    assert isinstance(broken, Broken)
    assert (broken.sequence, broken.certain) == (bent.sequence, True)
