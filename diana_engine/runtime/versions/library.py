"""The stories that can be played: stored once, decoded once, found by id."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from diana_engine.database.port import Added, Publication, StoryStore, StoryVersion
from diana_engine.errors import DianaError
from diana_engine.program.model import Program, StoryId
from diana_engine.runtime.locks import KeyedLocks

__all__ = ["Library", "OpenStory", "story_token"]

TOKEN = 8
"""Characters of a story token. It tells a player's few versions apart, and must leave room in a button's 64 bytes."""


def story_token(digest: str) -> str:
    """Return what a button carries to say which story, in which version, it belongs to."""
    return digest[:TOKEN]


@dataclass(frozen=True, slots=True)
class OpenStory:
    """A stored version with its program."""

    version: StoryVersion
    program: Program


class Library:
    """Stores programs and gives them back.

    A program never changes under its digest, so it is decoded once and kept; only the few used last stay, because
    players pinned to old versions would otherwise hold every version ever compiled in memory.
    """

    def __init__(self, stories: StoryStore, *, keep: int = 8) -> None:
        assert keep > 0, "the program in use must be kept"
        self._stories = stories
        self._keep = keep
        self._programs: OrderedDict[str, Program] = OrderedDict()
        self._loading: KeyedLocks[str] = KeyedLocks()

    async def store(self, program: Program) -> Added:
        """Store a program as its story's latest version; the same program again adds nothing."""
        return await self._stories.add(program)

    async def open(self, story: StoryId | None = None) -> OpenStory:
        """Return the version of a story, or of the only one there is, that new plays begin with.

        It is the one that is in force; as long as nothing was ever published, it is the one compiled last.

        Raises:
            DianaError: there is no such story, none at all, or more than one to choose from.
        """
        version = await self._only() if story is None else await self._named(story)
        active = await self._stories.active(version.story)
        if active is not None:
            version = active.version
        return OpenStory(version, await self.program(version.story, version.digest))

    async def active(self, story: StoryId) -> Publication | None:
        """Return what is in force of a story, read anew; `None` where nothing was ever published."""
        return await self._stories.active(story)

    async def program(self, story: StoryId, digest: str) -> Program:
        """Return the program of a stored version.

        Raises:
            DianaError: it is not there any more.
        """
        # One task decodes; the others would only do the same work at the same time.
        async with self._loading.hold(digest):
            known = self.loaded(digest)
            if known is not None:
                return known
            program = await self._stories.program(story, digest)
            if program is None:
                raise DianaError(
                    f"{self._stories.place} no longer holds the version {digest[:12]} of the story `{story}`, "
                    f"which somebody is playing. Compile that version again, or let them start anew."
                )
            self._programs[digest] = program
            while len(self._programs) > self._keep:
                self._programs.popitem(last=False)
            return program

    def loaded(self, digest: str) -> Program | None:
        """Return a program if it is in memory, without waiting."""
        program = self._programs.get(digest)
        if program is not None:
            self._programs.move_to_end(digest)
        return program

    async def _named(self, story: StoryId) -> StoryVersion:
        version = await self._stories.latest(story)
        if version is None:
            there = await self._stories.stories()
            raise DianaError(
                f"{self._stories.place} holds no story `{story}`. {_shelf(there)}"
                if there
                else self._empty()
            )
        return version

    async def _only(self) -> StoryVersion:
        match await self._stories.stories():
            case ():
                raise DianaError(self._empty())
            case (version,):
                return version
            case versions:
                raise DianaError(
                    f"{self._stories.place} holds {len(versions)} stories; name one with `--story`. "
                    f"{_shelf(versions)}"
                )

    def _empty(self) -> str:
        return (
            f"{self._stories.place} holds no story yet. Compile one into it: `diana compile STORY`."
        )


def _shelf(versions: tuple[StoryVersion, ...]) -> str:
    return f"There is {', '.join(f'`{one.story}` ({one.title})' for one in versions)}."
