"""Bugs that are planted on purpose, each where a wall stands: a simulation that misses one of them looks at nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from diana_engine.adapters.telegram.sending import carrier, delivering
from diana_engine.database.memory import events as memory_events
from diana_engine.database.memory import outbox, players, tables
from diana_engine.database.ports.outbox import Claimed
from diana_engine.database.ports.timers import Fired, SetTimer
from diana_engine.database.steps import settle
from diana_engine.database.steps.written import Written
from diana_engine.play.carrying import Carried
from diana_engine.runtime import coordinator
from diana_engine.runtime.deciding import consequences, touches, turns
from diana_engine.runtime.scheduler import firing
from diana_engine.runtime.upkeep import sweeping
from diana_engine.runtime.versions import following, guide
from simulation.worker import Worker

__all__ = ["PLANTED"]

Plant = Callable[[pytest.MonkeyPatch], None]


def _updates_are_not_remembered(patch: pytest.MonkeyPatch) -> None:
    known = settle._repetition

    def forgetful(order: Any, record: Any, found: Any) -> Any:
        return known(order, record, found) if isinstance(order.delivery, Fired) else None

    patch.setattr(settle, "_repetition", forgetful)


def _updates_are_acknowledged_before_they_are_handled(patch: pytest.MonkeyPatch) -> None:
    async def hasty(worker: Worker, incoming: Any) -> None:
        worker.check()
        worker.tasks.append(asyncio.create_task(worker.bot.handle(incoming)))

    patch.setattr(Worker, "attend", hasty)


def _silence_counts_as_success(patch: pytest.MonkeyPatch) -> None:
    async def trusting(self: Any, claimed: Claimed, _reason: str) -> None:
        await self._sent(claimed, None)

    patch.setattr(carrier.Carrier, "_unknown", trusting)


def _what_the_dead_held_is_never_taken_over(patch: pytest.MonkeyPatch) -> None:
    async def idle(*_: Any) -> int:
        return 0

    patch.setattr(outbox.MemoryOutbox, "recover", idle)


def _what_the_living_hold_is_taken_over(patch: pytest.MonkeyPatch) -> None:
    recover = outbox.MemoryOutbox.recover

    async def greedy(self: Any, channel: str, owner: str, now: int) -> int:
        return await recover(self, channel, owner, now + 3_600)

    patch.setattr(outbox.MemoryOutbox, "recover", greedy)


def _a_chat_has_several_messages_on_their_way(patch: pytest.MonkeyPatch) -> None:
    def impatient(kept: tables.Tables, channel: str, now: int) -> list[Any]:
        ready = (one for one in kept.messages.values() if one.state == "ready")
        return [one for one in ready if one.row.channel == channel and one.due_at <= now]

    patch.setattr(outbox, "_due", impatient)


def _old_buttons_work(patch: pytest.MonkeyPatch) -> None:
    tap = turns.tap

    def lenient(program: Any, record: Any, button: Any, moment: Any) -> Any:
        token = turns.story_token(record.digest)
        now = replace(button, story_token=token, sequence=record.sequence)
        return tap(program, record, now, moment)

    patch.setattr(touches, "tap", lenient)


def _timers_do_not_end(patch: pytest.MonkeyPatch) -> None:
    write = tables.Tables.write

    def sticky(self: Any, play: Any, record: Any, written: Written) -> None:
        written.timers = {key: row for key, row in written.timers.items() if row is not None}
        write(self, play, record, written)

    patch.setattr(tables.Tables, "write", sticky)


def _two_gold_are_not_booked(patch: pytest.MonkeyPatch) -> None:
    posted = consequences.posted

    def careless(told: Any) -> Any:
        return (entry for entry in posted(told) if entry.amount != 2)

    patch.setattr(consequences, "posted", careless)


def _messages_are_stored_after_the_step(patch: pytest.MonkeyPatch) -> None:
    step = players.MemoryPlayers.step

    async def late(self: Any, play: Any, delivery: Any, decide: Any) -> Any:
        kept: list[Any] = []

        def without(record: Any) -> Any:
            decision = decide(record)
            kept[:] = decision.messages
            return replace(decision, messages=())

        stored = await step(self, play, delivery, without)
        if kept and not stored.repeated:
            messages = tuple(kept)
            await step(self, play, None, lambda _: settle.Decision("said", messages=messages))
        return stored

    patch.setattr(players.MemoryPlayers, "step", late)


def _the_play_is_read_before_its_transaction(patch: pytest.MonkeyPatch) -> None:
    step = players.MemoryPlayers.step

    async def early(self: Any, play: Any, delivery: Any, decide: Any) -> Any:
        stale = self._door._tables.records.get(play)

        def decided(record: Any) -> Any:
            return decide(stale if stale is not None else record)

        return await step(self, play, delivery, decided)

    patch.setattr(players.MemoryPlayers, "step", early)


def _wake_ups_are_sent_to_who_has_gone_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(delivering._Shown, "is_after", lambda *_: False)


def _a_late_refusal_silences_who_has_come_back(patch: pytest.MonkeyPatch) -> None:
    async def hasty(self: Any, claimed: Claimed, reason: str) -> bool:
        await self.pause(claimed.play.player.channel, claimed.message.chat, reason)
        return await outbox.MemoryOutbox.dead(self, claimed, reason)

    patch.setattr(outbox.MemoryOutbox, "gone", hasty)


def _a_step_is_told_in_part(patch: pytest.MonkeyPatch) -> None:
    follows = turns.consequences

    def terse(*given: Any) -> Any:
        told = follows(*given)
        return replace(told, events=told.events[:1])

    patch.setattr(turns, "consequences", terse)


def _timers_that_are_taken_back_stay(patch: pytest.MonkeyPatch) -> None:
    changes = consequences.timer_changes

    def clinging(*given: Any) -> Any:
        return tuple(one for one in changes(*given) if isinstance(one, SetTimer))

    patch.setattr(consequences, "timer_changes", clinging)


def _nobody_is_told_that_a_wait_is_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(firing, "_later", lambda _: ())


def _what_a_player_is_entitled_to_is_not_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(consequences, "_entitled", lambda _: ())


def _the_cursor_moves_before_the_subscriber_has_heard(patch: pytest.MonkeyPatch) -> None:
    read = memory_events.MemoryEvents.read

    async def eager(self: Any, after: int, limit: int) -> Any:
        found = await read(self, after, limit)
        if found:
            await self.advance("ear", found[-1].position)
        return found

    patch.setattr(memory_events.MemoryEvents, "read", eager)


def _what_is_in_force_is_not_read_anew(patch: pytest.MonkeyPatch) -> None:
    moved = coordinator.Coordinator._moved

    def hasty(self: Any, step: Any, record: Any, moment: Any) -> Any:
        step.seen = None if record is None else record.digest
        return moved(self, step, record, moment)

    patch.setattr(coordinator.Coordinator, "_moved", hasty)


def _who_is_pinned_is_swept_along(patch: pytest.MonkeyPatch) -> None:
    asked = guide.Guide.asked

    async def unpinned(self: Any) -> Any:
        found = await asked(self)
        pinned = found is not None and found.policy == "pin"
        return replace(found, policy="migrate") if pinned else found

    patch.setattr(guide.Guide, "asked", unpinned)


def _the_version_is_not_saved_with_the_state(patch: pytest.MonkeyPatch) -> None:
    after = turns.Turn.after

    def forgetful(self: Any, moved: Any, moment: Any) -> Any:
        turn = after(self, moved, moment)
        return replace(turn, save=replace(turn.save, digest=moved.before.digest))

    patch.setattr(turns.Turn, "after", forgetful)


def _who_is_left_behind_is_not_swept(patch: pytest.MonkeyPatch) -> None:
    async def idle(*_: Any) -> int:
        return 0

    patch.setattr(sweeping.Sweeper, "sweep", idle)


def _what_shows_nothing_carries_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(coordinator, "_is_unseen", lambda *_: False)


def _other_words_make_a_button_old(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(following.Followed, "button", lambda _self, tap, _moment: tap)


def _points_under_another_name_are_not_booked(patch: pytest.MonkeyPatch) -> None:
    carry = following.carry

    def careless(*given: Any) -> Any:
        carried = carry(*given)
        return replace(carried, booked=()) if isinstance(carried, Carried) else carried

    patch.setattr(following, "carry", careless)


PLANTED: Mapping[str, Plant] = {
    plant.__name__.strip("_").replace("_", " "): plant
    for plant in (
        _updates_are_not_remembered,
        _updates_are_acknowledged_before_they_are_handled,
        _silence_counts_as_success,
        _what_the_dead_held_is_never_taken_over,
        _what_the_living_hold_is_taken_over,
        _a_chat_has_several_messages_on_their_way,
        _old_buttons_work,
        _timers_do_not_end,
        _two_gold_are_not_booked,
        _messages_are_stored_after_the_step,
        _the_play_is_read_before_its_transaction,
        _wake_ups_are_sent_to_who_has_gone_on,
        _a_late_refusal_silences_who_has_come_back,
        _a_step_is_told_in_part,
        _timers_that_are_taken_back_stay,
        _nobody_is_told_that_a_wait_is_over,
        _what_a_player_is_entitled_to_is_not_kept,
        _the_cursor_moves_before_the_subscriber_has_heard,
        _what_is_in_force_is_not_read_anew,
        _who_is_pinned_is_swept_along,
        _the_version_is_not_saved_with_the_state,
        _who_is_left_behind_is_not_swept,
        _what_shows_nothing_carries_over,
        _other_words_make_a_button_old,
        _points_under_another_name_are_not_booked,
    )
}
"""Each bug by what it does."""
