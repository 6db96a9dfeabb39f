"""A thing is said once to who asks for it again and again, and only what was really said counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from diana_engine.adapters.telegram.calm import Calm
from diana_engine.database.ports.outbox import Message
from diana_engine.runtime.requests import Reply, Result

ROWS = (Message("7", {"text": "Here."}, "scene"),)


class Loop(asyncio.SelectorEventLoop):
    """A loop whose time stands still until it is put forward."""

    now = 100.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.close()


def reply(outcome: Result = "stale", sequence: int = 4) -> Reply:
    return Reply(outcome, None, sequence, "token")


STALE = reply()


def ask(
    loop: Loop, calm: Calm, about: object = 3, said: Reply = STALE, *, commits: bool = True
) -> int:
    """Return how many rows are said to a player who asks for something."""

    async def asked() -> int:
        once = calm.once(7, about, lambda _: ROWS)
        rows = once(said)
        if commits:
            once.committed()
        return len(rows)

    return loop.run_until_complete(asked())


def test_the_same_thing_is_said_once_in_a_moment_and_again_after_it(loop: Loop) -> None:
    calm = Calm(1.0)
    assert [ask(loop, calm) for _ in range(50)] == [1] + [0] * 49
    loop.now += 1.0
    assert [ask(loop, calm) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize(
    ("about", "said"), [(4, reply()), (3, reply(sequence=5)), (3, reply("shown"))]
)
def test_another_thing_is_said_at_once(loop: Loop, about: object, said: Reply) -> None:
    calm = Calm()
    ask(loop, calm)
    assert ask(loop, calm, about, said) == 1


@pytest.mark.parametrize("outcome", ["moved", "started"])
def test_a_step_of_the_story_is_always_told(loop: Loop, outcome: Result) -> None:
    calm = Calm()
    assert [ask(loop, calm, 3, reply(outcome)) for _ in range(3)] == [1, 1, 1]


def test_what_was_not_committed_was_not_said(loop: Loop) -> None:
    calm = Calm()
    assert [ask(loop, calm, commits=False), ask(loop, calm), ask(loop, calm)] == [1, 1, 0]


def test_who_may_not_have_been_reached_is_told_again(loop: Loop) -> None:
    calm = Calm()
    ask(loop, calm)
    calm.forget(7)
    assert ask(loop, calm) == 1


def test_nobody_is_remembered_longer_than_a_moment(loop: Loop) -> None:
    calm = Calm(1.0)

    async def note(player: int) -> None:
        calm.note(player, "x")

    for player in range(2_000):
        loop.now += 0.01
        loop.run_until_complete(note(player))
        assert len(calm) <= 101
