"""One chapter on its way through the compiler: by itself, among the names of the others, and looked at closely.

Each step is a function of the chapter's text, the manifest, and what the chapter asked of other chapters; nothing else can
reach it. So what a step gave can be remembered: cold or remembered, it is the same function of the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import Any

from diana_engine.compiler.analysis.uses import SeenUses, Uses, uses_of
from diana_engine.compiler.chapters.bare import bare, wording
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.checking.story import check_chapter
from diana_engine.compiler.names.includes import include_choices
from diana_engine.compiler.names.resolve import Declared, note_includes, resolve_chapter
from diana_engine.compiler.names.symbols import Missing, Symbols
from diana_engine.compiler.names.watched import Watched, readable_only
from diana_engine.compiler.parsing.documents import Reading
from diana_engine.compiler.syntax.story import (
    ParsedChapter,
    ParsedFragment,
    ParsedIgnore,
    ParsedManifest,
)
from diana_engine.compiler.wishes.ignored import ignored
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Fragment
from diana_engine.records import dataclass
from diana_engine.source import Span

__all__ = ["Kept", "Looked", "Opened", "Part", "Settled"]

_Read = Callable[[], tuple[ParsedChapter | None, Reading]]
_Thaw = Callable[[], Mapping[FragmentId, Fragment] | None]


@dataclass(slots=True)
class Opened:
    """What a chapter is by itself; `found` comes after the findings of its reading."""

    reading: Reading
    declared: Declared
    ignores: Sequence[ParsedIgnore] = ()
    found: Sequence[Diagnostic] = ()


@dataclass(slots=True)
class Settled:
    """What a chapter is among the names of the others; `answers` are what it asked of them."""

    found: Sequence[Diagnostic]
    missing: Mapping[Missing, Sequence[Span]]
    answers: Mapping[str, Mapping[str, object]]
    uses: Uses
    fragments: int
    choices: int


@dataclass(slots=True)
class Looked:
    """What the analyses found in a chapter, and what they could see of the others."""

    seen: SeenUses
    found: Sequence[Diagnostic]


@dataclass(slots=True)
class Kept:
    """All that a compilation needs to know again of a chapter that is still the same.

    `ways` is a digest of its fragments without their prose. `thaw` gives back its fragments, and `thaw_bare` those without
    their prose, if they are still there.
    """

    opened: Opened
    settled: Settled
    looked: Looked | None
    ways: str = ""
    thaw: _Thaw | None = None
    thaw_bare: _Thaw | None = None


class Part:
    """A chapter of a story that is being compiled; what was remembered of it (`kept`) counts while its answers hold.

    `is_checked` says whether its fragments were made from its text, and not remembered.
    """

    def __init__(self, read: _Read, manifest: ParsedManifest, kept: Kept | None = None) -> None:
        self._read, self._manifest = read, manifest
        self.kept = kept
        self.opened = kept.opened if kept is not None else self._opening[1]
        self.settled: Settled | None = None
        self.looked: Looked | None = None
        self.ways = ""
        self.is_checked = False
        self._symbols: Symbols | None = None
        self._checked: Mapping[FragmentId, Fragment] | None = None

    @cached_property
    def _opening(self) -> tuple[ParsedChapter | None, Opened]:
        chapter, reading = self._read()
        if chapter is None:
            return None, Opened(reading, Declared(None))
        chapter, found = include_choices(chapter, self._manifest)
        declared, more = resolve_chapter(chapter)
        return chapter, Opened(reading, declared, tuple(ignored(chapter)), [*found, *more])

    def settle(self, symbols: Symbols) -> Settled:
        """Check it among the names of the whole story; names that are missing are in what is returned."""
        self._symbols = symbols
        views = self._views(symbols)
        if self.kept is not None:
            answers = self.kept.settled.answers
            if all(view.still(answers[name]) for name, view in views.items()):
                self.settled, self.ways = self.kept.settled, self.kept.ways
                return self.settled
            self.kept = None
        self.settled = self._check(symbols, views)
        return self.settled

    def _views(self, symbols: Symbols) -> dict[str, Watched[Any, Any]]:
        own = self.opened.declared
        chapters = {} if own.id is None else {own.id.text: own.id}
        return {
            "chapters": Watched(symbols.chapters, chapters, {}, lambda _: True),
            "fragments": Watched(symbols.fragments, own.fragments, {}, readable_only),
            "choices": Watched(symbols.choices, own.choices, {}),
            # A tag is nobody's own: storylets of several chapters may have it.
            "tagged": Watched(symbols.tagged, {}, {}),
        }

    def _check(self, symbols: Symbols, views: Mapping[str, Watched[Any, Any]]) -> Settled:
        chapter, opened = self._opening
        seen = replace(
            symbols,
            missing={},
            counted=frozenset(),
            choice_keys=opened.declared.choice_keys,
            chapters=views["chapters"],
            fragments=views["fragments"],
            choices=views["choices"],
            tagged=views["tagged"],
        )
        fragments: Mapping[FragmentId, Fragment] = {}
        found: list[Diagnostic] = []
        if chapter is not None:
            note_includes(chapter, seen)
            fragments, found = check_chapter(chapter, seen)
        self._checked, self.is_checked = fragments, True
        choices = (choices_of(one.exit) for one in fragments.values())
        return Settled(
            found=found,
            missing=seen.missing,
            answers={name: view.answers for name, view in views.items()},
            uses=uses_of(fragments.values()),
            fragments=len(fragments),
            choices=sum(map(len, choices)),
        )

    def look(self, manifest: CheckedStory, seen: SeenUses) -> Looked:
        """Analyse it; `manifest` is the story without its chapters."""
        if self.kept is not None and self.kept.looked is not None and self.kept.looked.seen == seen:
            self.looked = self.kept.looked
            return self.looked
        from diana_engine.compiler.analysis.every import analyse_chapter

        quiet = replace(manifest.manifest, conditions=())
        story = replace(manifest, manifest=quiet, fragments=self.fragments, places=self.places)
        self.looked = Looked(seen, analyse_chapter(story, seen))
        return self.looked

    @property
    def fragments(self) -> Mapping[FragmentId, Fragment]:
        """Its fragments as the program has them."""
        if self._checked is None and self.kept is not None and self.kept.thaw is not None:
            self._checked = self.kept.thaw()
        if self._checked is None:
            assert self._symbols is not None
            self._check(self._symbols, self._views(self._symbols))
        assert self._checked is not None
        return self._checked

    @cached_property
    def bare(self) -> Mapping[FragmentId, Fragment]:
        """Its fragments without their prose."""
        if self._checked is None and self.kept is not None and self.kept.thaw_bare is not None:
            thawed = self.kept.thaw_bare()
            if thawed is not None:
                return thawed
        return {id: bare(fragment) for id, fragment in self.fragments.items()}

    @property
    def wording(self) -> tuple[str, ...]:
        """All but its prose, as it was written."""
        return tuple(chain.from_iterable(map(wording, self.places.values())))

    @property
    def begins(self) -> Mapping[str, int]:
        """Where in its file each of its fragments begins."""
        return {id: one.id.start for id, one in self.opened.declared.fragments.items()}

    @cached_property
    def places(self) -> Mapping[FragmentId, ParsedFragment]:
        """Where its fragments stand."""
        chapter, _ = self._opening
        if chapter is None or chapter.id is None:
            return {}
        return {FragmentId(f"{chapter.id.text}.{one.id.text}"): one for one in chapter.fragments}
