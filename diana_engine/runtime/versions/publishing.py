"""Putting a version of a story in force, and taking it back.

A version that would leave somebody on a fragment that is gone, with nothing that says where to, is refused. So is one by
which players lose something, unless whoever publishes it says that they know. Players follow at their next touch, each
in a step of their own; whoever comes to a fragment that is gone between the look and the publication stays with the
old version until they have moved on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from diana_engine.database.port import Clock, StoryStore, StoryVersion
from diana_engine.database.ports.publications import (
    Occupancy,
    Order,
    Publication,
    Publications,
    Watched,
)
from diana_engine.errors import DianaError
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.compare.match import Match, match
from diana_engine.program.model import Ending, Program, StoryId
from diana_engine.program.systems import Policy
from diana_engine.runtime.versions.library import Library, OpenStory
from diana_engine.runtime.versions.surveying import Crowd, Survey, crowd_of

__all__ = ["NotPublished", "Publisher", "Wish", "check", "found_version"]

_SHORT = 12
_SHOWN = 5


class NotPublished(DianaError):  # noqa: N818 - it is what became of it
    """A version was not put in force, and why; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be put in force: a version, by its own policy if none is given, even if players lose something."""

    version: StoryVersion
    by: str
    policy: Policy | None = None
    losses: bool = False


class Publisher:
    """Publishes the stories of one database."""

    def __init__(self, stories: StoryStore, publications: Publications, clock: Clock) -> None:
        self.stories = stories
        self.publications = publications
        self.clock = clock
        self.library = Library(stories)

    async def survey(self, version: StoryVersion, policy: Policy | None) -> Survey:
        """Return what a version would be to the players of its story."""
        new = await self.library.program(version.story, version.digest)
        chosen = policy or new.growth.policy
        occupied = await self.publications.occupancy(version.story)
        crowds = [
            await crowd_of(self.publications, older, (new, chosen), self.clock)
            for older in await self._older(version, occupied)
        ]
        current = sum(occupied.get(version.digest, {}).values())
        return Survey(chosen, current, tuple(crowds))

    async def publish(self, wish: Wish, survey: Survey | None = None) -> Publication:
        """Put a version in force, by what a survey of it says, which is made if there is none yet.

        Raises:
            NotPublished: players would be left without a way, or lose something.
        """
        survey = survey or await self.survey(wish.version, wish.policy)
        check(survey, losses=wish.losses)
        version = wish.version
        order = Order(version.story, version.digest, survey.policy, wish.by)
        watched = {} if survey.policy == "pin" else await self._lost(version, survey)
        return await self.publications.publish(order, watched, _guard)

    async def before(self, story: StoryId) -> StoryVersion:
        """Return the version that was in force before the present one.

        Raises:
            NotPublished: there is none.
        """
        history = await self.publications.history(story)
        active = await self.publications.active(story)
        earlier = [
            one.version
            for one in history
            if active is not None and one.id < active.id and one.version != active.version
        ]
        if not earlier:
            raise NotPublished(
                f"Nothing was in force of `{story}` before what is now, so there is nothing to go back to. "
                f"`diana publish {story} --version …` puts any version in force."
            )
        return earlier[-1]

    async def _older(self, version: StoryVersion, occupied: Occupancy) -> list[OpenStory]:
        versions = await self.stories.versions(version.story)
        return [
            OpenStory(one, await self.library.program(one.story, one.digest))
            for one in versions
            if one.digest in occupied and one.digest != version.digest
        ]

    async def _lost(self, version: StoryVersion, survey: Survey) -> Watched:
        """Return the fragments of older versions that are gone without a rule."""
        new = await self.library.program(version.story, version.digest)
        return {
            crowd.version.digest: _gone(await self._match(crowd.version, new))
            for crowd in survey.crowds
        }

    async def _match(self, older: StoryVersion, new: Program) -> Match:
        return match(await self.library.program(older.story, older.digest), new)


def _gone(matched: Match) -> frozenset[FragmentId]:
    return frozenset(
        id
        for id, fragment in matched.old.fragments.items()
        if matched.fragment(id) is None and not isinstance(fragment.exit, Ending)
    )


def _guard(occupied: Occupancy) -> None:
    """Refuse what takes a fragment away on which somebody stands: players have moved since they were looked at.

    Who is in a sub-story that such a fragment called is not looked for again; they stay with their version.
    """
    stranded: Counter[FragmentId] = Counter()
    for fragments in occupied.values():
        stranded.update(fragments)
    if stranded:
        raise NotPublished(_stranding(sorted(stranded.items())))


# What speaks against it


def check(survey: Survey, *, losses: bool) -> None:
    """Let a version pass that nobody is harmed by.

    Raises:
        NotPublished: somebody is; with `losses` only who would be left without a way.
    """
    stranded: dict[FragmentId, int] = {}
    for crowd in survey.crowds:
        for fragment, count in crowd.stranded.items():
            stranded[fragment] = stranded.get(fragment, 0) + count
    if stranded:
        raise NotPublished(_stranding(sorted(stranded.items())))
    if not losses and (told := [*_losses(survey.crowds)]):
        more = f" And {len(told) - _SHOWN} more such changes." if len(told) > _SHOWN else ""
        raise NotPublished(
            f"Nothing was published, because players would lose something. {' '.join(told[:_SHOWN])}{more} "
            f"`--accept-losses` publishes it all the same; `--policy pin` leaves players with their version."
        )


def _stranding(stranded: list[tuple[FragmentId, int]]) -> str:
    shown = ", ".join(f"`{name}` ({_players(count)})" for name, count in stranded[:_SHOWN])
    more = f" and {len(stranded) - _SHOWN} more" if len(stranded) > _SHOWN else ""
    return (
        f"Nothing was published, because players stand where the new version has nothing: {shown}{more}. Write in "
        f"story.yaml for each a line such as `{stranded[0][0]}: …`, under `removed:` with the fragment where they go, or under "
        f"`renamed:` with what it is called now, and compile again; or publish with `--policy pin`, which leaves players with "
        f"their version."
    )


def _losses(crowds: Iterable[Crowd]) -> Iterable[str]:
    for crowd in crowds:
        for change, count in crowd.losing:
            yield f"{change.words} ({_players(count)})"


def _players(count: int) -> str:
    return f"{count:,} player{'' if count == 1 else 's'}"


# Finding a version


async def found_version(stories: StoryStore, story: StoryId, named: str | None) -> StoryVersion:
    """Return a stored version: by the first characters of its digest or by its label, else the one compiled last.

    Of several versions with one label, it is the one that was stored last.

    Raises:
        DianaError: there is no such story, no such version, or more than one that begins so.
    """
    versions = await stories.versions(story)
    latest = await stories.latest(story)
    if latest is None:
        there = ", ".join(f"`{one.story}`" for one in await stories.stories()) or "no story yet"
        raise DianaError(f"{stories.place} holds no story `{story}`; there is {there}.")
    if named is None:
        return latest
    labelled = [one for one in versions if one.label == named]
    if labelled:
        return labelled[-1]
    begun = [one for one in versions if one.digest.startswith(named.lower())]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise DianaError(
            f"{len(begun)} versions of `{story}` begin with `{named}`. Write more of the digest."
        )
    listed = ", ".join(f"{one.label} ({one.digest[:_SHORT]})" for one in versions[-_SHOWN:])
    raise DianaError(
        f"`{story}` has no version `{named}`. Name one by its label or the first characters of its digest: {listed}."
    )
