"""A look at everything that is stored, and mending what can be mended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import assert_never

from diana_engine.database.connect import Database
from diana_engine.database.ports.decisions import Decision, PlayerStore
from diana_engine.database.ports.history import History
from diana_engine.database.ports.plays import Clock, PlayerRecord
from diana_engine.database.ports.publications import StoryVersion
from diana_engine.database.stories.repository import SqlStories
from diana_engine.database.upkeep.examined import (
    Patient,
    around,
    content_differs,
    mend_content,
    missing_media,
    patients,
    settle_balances,
    stored_program,
)
from diana_engine.errors import DianaError
from diana_engine.program.model import Program, StoryId
from diana_engine.runtime.doctor.histories import Histories
from diana_engine.runtime.doctor.model import Ailment, Balances, Content, Remedy, Repair
from diana_engine.runtime.doctor.plays import examined
from diana_engine.runtime.versions.library import Library, OpenStory

__all__ = ["Doctor", "Examined"]

_PAGE = 500
_LATE = 600
"""Seconds after which what should have been sent or fired is told as late."""


@dataclass(frozen=True, slots=True)
class Examined:
    """An ailment, and whether it was mended."""

    ailment: Ailment
    mended: bool = False


class _MeanwhileError(Exception):
    """A play went on after it was looked at; whatever was wrong is looked at again another time."""


class Doctor:
    """Looks at a database; with a `history`, makes each play again from its log, too. `plays` counts those looked at so far."""

    def __init__(
        self, database: Database, store: PlayerStore, clock: Clock, history: History | None = None
    ) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self._stories = SqlStories(database, clock)
        self._library = Library(self._stories, keep=32)
        self._histories = None if history is None else Histories(history, self._library)
        self.plays = 0

    async def visit(self, *, mend: bool) -> AsyncIterator[Examined]:
        """Yield everything that does not agree; with `mend`, put right what can be, one at a time.

        Raises:
            DianaError: the database cannot be read or written; what was mended before is mended.
        """
        async for ailment in self._ailments():
            yield Examined(ailment, mended=mend and await self._mended(ailment.remedy))

    async def _ailments(self) -> AsyncIterator[Ailment]:
        for latest in await self._stories.stories():
            for version in await self._stories.versions(latest.story):
                async for ailment in self._version(version):
                    yield ailment
        async for patient in self._patients():
            self.plays += 1
            program = await self._program(patient.play.story, patient.digest)
            active = await self._active(patient.play.story)
            for ailment in examined(patient, program, active, self._clock()):
                yield ailment
            if self._histories is not None:
                async for ailment in self._histories.examined(patient):
                    yield ailment
        async for ailment in self._waiting():
            yield ailment

    # Stories

    async def _version(self, version: StoryVersion) -> AsyncIterator[Ailment]:
        subject = f"{version.story} {version.label} ({version.digest[:12]})"
        program = await stored_program(self._database, version.id)
        if program is None:
            words = "The stored program cannot be read, or is not what its name says. Compile that version again."
            yield Ailment("version", "error", subject, words)
            return
        if await content_differs(self._database, version.id, program):
            words = "What lists and searches go by is not what the program holds."
            yield Ailment("content", "error", subject, words, Content(version.id))
        if missing := await missing_media(self._database, _media(program)):
            words = f"{len(missing)} of its files are not stored. Compile the story again to store them."
            yield Ailment("media", "error", subject, words)

    async def _program(self, story: StoryId, digest: str) -> Program | None:
        try:
            return self._library.loaded(digest) or await self._library.program(story, digest)
        except (DianaError, ValueError):
            return None

    async def _active(self, story: StoryId) -> OpenStory | None:
        try:
            return await self._library.open(story)
        except (DianaError, ValueError):
            return None

    # Plays

    async def _patients(self) -> AsyncIterator[Patient]:
        after: tuple[str, str] | None = None
        while page := await patients(self._database, after, _PAGE):
            for patient in page:
                yield patient
            after = str(page[-1].play.player), page[-1].play.story

    # What waits

    async def _waiting(self) -> AsyncIterator[Ailment]:
        now = self._clock()
        there = await around(self._database, now - _LATE)
        if there.oldest_message is not None and now - there.oldest_message > _LATE:
            minutes = (now - there.oldest_message) // 60
            words = f"A message has waited for {minutes:,} minutes. Does a bot run, and can it reach Telegram?"
            yield Ailment("outbox", "warning", "messages", words)
        if dead := there.messages.get("dead", 0):
            words = f"{dead:,} messages could not be sent and were given up; `diana player show` tells of a player's."
            yield Ailment("outbox", "warning", "messages", words)
        if there.overdue:
            words = f"{there.overdue:,} timers are overdue by more than {_LATE // 60} minutes. Does a bot run?"
            yield Ailment("timers", "warning", "timers", words)
        if there.given_up:
            words = f"{there.given_up:,} deliveries raised an error each time and were given up; `diana player show` tells why."
            yield Ailment("parked", "warning", "deliveries", words)

    # Mending

    async def _mended(self, remedy: Remedy | None) -> bool:
        match remedy:
            case None:
                return False
            case Content(version):
                program = await stored_program(self._database, version)
                assert program is not None, "the rows of an unreadable program are not compared"
                await mend_content(self._database, version, program)
            case Balances(play):
                await settle_balances(self._database, play)
            case Repair():
                return await self._repaired(remedy)
            case _:
                assert_never(remedy)
        return True

    async def _repaired(self, repair: Repair) -> bool:
        def decide(record: PlayerRecord | None) -> Decision:
            if record is None or record.sequence != repair.sequence:
                raise _MeanwhileError
            return repair.decision

        try:
            await self._store.step(repair.play, None, decide)
        except _MeanwhileError:
            return False
        return True


def _media(program: Program) -> frozenset[str]:
    shown = (one for fragment in program.fragments.values() for one in fragment.media)
    items = (item.photo for item in program.items.values() if item.photo is not None)
    return frozenset(one.digest for one in (*shown, *items) if one.digest)
