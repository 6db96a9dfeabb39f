"""All of a story at once: what its analyses and proofs find, and the program that it makes.

The chapters are bare here (`compiler.chapters.bare`): whatever is found of all of a story knows nothing of its prose, and so
holds until something else changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from diana_engine.compiler.analysis.uses import SeenUses, Uses, join_uses, uses_of_manifest
from diana_engine.compiler.chapters.joined import Joined
from diana_engine.compiler.chapters.parts import Part
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.load import Sources
from diana_engine.compiler.lower import lower
from diana_engine.compiler.media import find_media
from diana_engine.compiler.memory.overall import Overall
from diana_engine.compiler.memory.recall import Memory
from diana_engine.compiler.progress import Progress
from diana_engine.compiler.syntax.story import ParsedFragment
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Chapter, ChapterId, Fragment, Program
from diana_engine.records import dataclass

if TYPE_CHECKING:
    from diana_engine.compiler.analysis.states.results.report import Report

__all__ = ["Whole"]


@dataclass(frozen=True, eq=False)
class Whole:
    """A story without errors of shape, names and types; `manifest` is the story without its chapters.

    With `words` it is to become a program that is played; without, nobody asks for its prose.
    """

    sources: Sources
    manifest: CheckedStory
    parts: Sequence[Part]
    memory: Memory | None
    progress: Progress
    proofs: bool
    words: bool
    media: dict[str, Path] = field(default_factory=dict)

    @cached_property
    def uses(self) -> Uses:
        """The names that it reads and writes."""
        of_parts = (part.settled.uses for part in self.parts if part.settled)
        return join_uses([uses_of_manifest(self.manifest), *of_parts])

    def look_at_chapters(self) -> list[Diagnostic]:
        """Return what the analyses find that look at one chapter, or at the manifest."""
        # A broken story never needs the analyses, and shall not wait for them.
        from diana_engine.compiler.analysis.every import analyse_conditions

        parts = self.progress.over("Looking at each chapter", self.parts)
        looked = [part.look(self.manifest, self._seen(part)) for part in parts]
        found = chain.from_iterable(one.found for one in looked)
        return [*found, *analyse_conditions(self.manifest)]

    def look(self, found: Sequence[Diagnostic]) -> Overall:
        """Return what is found of all of it, beyond what was `found` in its chapters."""
        if self.memory is None:
            return self._looked(found)
        for part in self.parts:
            part.ways = part.ways or self.memory.ways(part)
        given = self._given(found)
        known = self.memory.overall(self.sources, self.parts, given)
        if known is not None:
            return known
        overall = self._looked(found)
        self.memory.keep_overall(self.sources, self.parts, given, overall)
        return overall

    @cached_property
    def program(self) -> Program:
        """The program, with its prose if there are to be words."""
        return lower(self._shown[0], self.uses.timed)

    @cached_property
    def report(self) -> Report | None:
        """What is true of every play, if that is to be proved."""
        if not self.proofs:
            return None
        from diana_engine.compiler.analysis.states import ordinary, prove

        def proved(program: Program) -> Report:
            return prove(program, ordinary(program))

        self.progress.begin("Proving what players can do")
        if self.memory is None:
            return proved(self._bare_program)
        return self.memory.report(self._bare_program, [part.ways for part in self.parts], proved)

    def _looked(self, found: Sequence[Diagnostic]) -> Overall:
        from diana_engine.compiler.analysis.every import analyse

        self.progress.begin("Looking at the whole story")
        every = [*analyse(self._bare, self.uses), *self._shown[1]]
        report = self.report
        if report is None:
            return Overall(tuple(every))
        from diana_engine.compiler.analysis.proofs import findings_of_proof

        proved = findings_of_proof(self._bare, self._bare_program, report, [*found, *every])
        unproved = () if report.followed else report.reasons
        return Overall((*every, *proved), not report.complete, unproved)

    def _given(self, found: Sequence[Diagnostic]) -> str:
        """Return what the findings of the whole depend on beside the manifest and the chapters without their prose."""
        used = (getattr(self.uses, one.name) for one in fields(self.uses))
        told = sorted(one.code for one in found)
        names = [sorted(map(repr, one)) if isinstance(one, set) else one for one in used]
        return f"{self.proofs} {names} {told}"

    def _seen(self, part: Part) -> SeenUses:
        """Return what a chapter's analyses may know of the names that other chapters use."""
        uses, own = self.uses, part.opened.declared
        keys = frozenset(chain.from_iterable(own.choice_keys.values()))
        return SeenUses(
            words_set=frozenset(uses.words_set),
            asked_for=frozenset(uses.asked_for),
            counted=frozenset((uses.counted | uses.timed) & own.fragments.keys()),
            chosen=frozenset(uses.chosen & keys),
        )

    @cached_property
    def _bare(self) -> CheckedStory:
        return self._joined(_bare)

    @cached_property
    def _bare_program(self) -> Program:
        return lower(self._bare, self.uses.timed)

    @cached_property
    def _shown(self) -> tuple[CheckedStory, list[Diagnostic]]:
        """The story with its media, and what is to be said of those."""
        story = self._joined(_worded) if self.words else self._bare
        story, found, media = find_media(self.sources.folder, story)
        self.media.update(media)
        return story, found

    def _joined(self, fragments: Callable[[Part], Mapping[FragmentId, Fragment]]) -> CheckedStory:
        declared = [part.opened.declared for part in self.parts]
        return replace(
            self.manifest,
            chapters={
                ChapterId(one.id.text): Chapter(one.title, tuple(one.fragments))
                for one in declared
                if one.id
            },
            fragments=dict(Joined(self.parts, fragments)),
            # Few places are ever asked for, and those of a chapter that was remembered must be read.
            places=Joined(self.parts, _written),
            included=frozenset(chain.from_iterable(one.included for one in declared)),
        )


def _worded(part: Part) -> Mapping[FragmentId, Fragment]:
    return part.fragments


def _bare(part: Part) -> Mapping[FragmentId, Fragment]:
    return part.bare


def _written(part: Part) -> Mapping[FragmentId, ParsedFragment]:
    return part.places
