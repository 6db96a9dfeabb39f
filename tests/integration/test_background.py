"""What a worker does beside its players' steps, put together: what happens is told, and timers fire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from diana_engine.database.memory import MemoryStore
from diana_engine.program.model import Program, Wait
from diana_engine.runtime.bus.subscribers import Event, Subscriber
from diana_engine.runtime.keeping import kept_going
from diana_engine.runtime.metrics import Metrics
from diana_engine.runtime.upkeep.background import Background
from stage import Stage, say
from strategies.builders import ending, fragment, onward, story


def garden() -> Program:
    way = replace(onward("end"), wait=Wait(60))
    return story(fragment("hall", way), ending())


@dataclass
class Ear:
    """Somebody who listens, and tells when enough was heard."""

    heard: list[str] = field(default_factory=list)
    enough: Callable[[list[str]], bool] = lambda _: False
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, event: Event) -> None:
        self.heard.append(event.name)
        if self.enough(self.heard):
            self.done.set()


async def test_a_step_is_told_at_once_and_a_timer_when_its_time_has_come():
    stage = await Stage(MemoryStore, garden()).open()
    ear, said, metrics = Ear(), [], Metrics()
    background = Background(
        stage.store, stage.library, stage.clock, say, lambda: said.append(stage.now), metrics,
        (Subscriber("ear", ear.handle, from_the_beginning=True),),
    )  # fmt: skip
    stop = asyncio.Event()
    running = asyncio.create_task(background.run(stop))
    async with asyncio.timeout(20):
        ear.enough = lambda heard: "wait_began" in heard
        await stage.begin()
        background.wake()
        await ear.done.wait()
        ear.done.clear()
        ear.enough = lambda heard: "wait_over" in heard
        stage.now += 60
        background.scheduler.signal.wake()
        await ear.done.wait()
        stop.set()
        await running
    assert ear.heard[-1] == "wait_over"
    assert said == [stage.now]
    [told] = [
        sample.value
        for metric in metrics.registry.collect()
        for sample in metric.samples
        if sample.name == "diana_events_told_total"
    ]
    assert told == len(ear.heard)
    [mine] = await stage.store.events.subscriptions()
    assert mine.owner == ""


async def test_a_task_that_fails_by_a_mistake_of_ours_begins_again(
    caplog: pytest.LogCaptureFixture,
):
    stop, tries = asyncio.Event(), []

    async def run(stop: asyncio.Event) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise ZeroDivisionError
        stop.set()

    await kept_going("the bell", run, stop, pause=0)
    assert len(tries) == 3
    assert "the bell failed, and begins again in 0 s" in caplog.text
