"""Whether plays are where the logs of their steps lead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import lru_cache

from diana_engine.database.ports.history import History, LoggedStep
from diana_engine.database.upkeep.examined import Patient
from diana_engine.errors import DianaError
from diana_engine.play.carrying import Passage, passage
from diana_engine.program.model import Program, StoryId
from diana_engine.program.systems import Policy
from diana_engine.runtime.doctor.model import Ailment, Grave
from diana_engine.runtime.replay import Broken, Replay, Versions, versions_of
from diana_engine.runtime.versions.library import Library

__all__ = ["Histories"]

_WAYS = 16
"""Ways between versions that are kept."""


class Histories:
    """Makes plays again from their logs. Programs that were read once stay with the library."""

    def __init__(self, history: History, library: Library) -> None:
        self._history = history
        self._library = library
        self._way = lru_cache(_WAYS)(passage)

    async def examined(self, patient: Patient) -> AsyncIterator[Ailment]:
        """Yield what is wrong with a play's history. A play that went on meanwhile is looked at as far as it had come."""
        subject = f"{patient.play.player} in {patient.play.story}"
        replay = Replay()
        async for step in self._steps(patient):
            try:
                broken = replay.make(step, await self._versions(patient.play.story, replay, step))
            except DianaError:
                broken = Broken(step.sequence, "its version is not stored any more", certain=False)
            if broken is not None:
                yield _told(subject, broken)
                return
        if replay.state is None:
            yield _told(subject, Broken(1, "it is older than the log of steps", certain=False))
        elif patient.record is not None and replay.state != patient.record.state:
            words = f"Its log leads to step {replay.sequence}, and it is at step {patient.sequence} in another state."
            yield Ailment("history", "error", subject, words)

    async def _steps(self, patient: Patient) -> AsyncIterator[LoggedStep]:
        after = 0
        while page := await self._history.steps(patient.play, after):
            for step in page:
                if step.sequence <= patient.sequence:
                    yield step
            after = page[-1].sequence

    async def _versions(self, story: StoryId, replay: Replay, step: LoggedStep) -> Versions:
        needed = versions_of(step) | ({replay.digest} if replay.digest else frozenset())
        programs: dict[str, Program] = {}
        for digest in sorted(needed):
            programs[digest] = await self._library.program(story, digest)

        def way(old: str, new: str, by: Policy) -> Passage:
            return self._way(programs[old], programs[new], by)

        return Versions(programs, way)


def _told(subject: str, broken: Broken) -> Ailment:
    grave: Grave = "error" if broken.certain else "warning"
    words = f"Its history cannot be made again from step {broken.sequence} on: {broken.words}."
    return Ailment("history", grave, subject, words)
