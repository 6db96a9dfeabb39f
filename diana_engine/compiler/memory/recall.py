"""Remembering a story: under which key each part lies, and what is kept of it.

A key is a digest of all that the value was made from: Diana itself, the manifest, the chapter, and how their files are
shown. What a chapter learnt of other chapters is not in its key; it is kept beside the value, and asked again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from diana_engine.compiler.memory.overall import Overall, Placed, placed, placing
from diana_engine.compiler.memory.shelf import Shelf
from diana_engine.compiler.memory.values import Unportable, pack, unpack
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.records import dataclass
from diana_engine.source import SourceFile

# What is the same is told again without any of these, which take longer to import than that.
if TYPE_CHECKING:
    from diana_engine.compiler.analysis.states.results.report import Report
    from diana_engine.compiler.chapters.parts import Kept, Part
    from diana_engine.compiler.load import Document, Sources
    from diana_engine.expressions.terms import FragmentId
    from diana_engine.program.model import Fragment, Program

__all__ = ["Memory", "Told"]

_Kept = TypeVar("_Kept")

_MEDIA = "media"
"""As in `compiler.media`."""


@dataclass(slots=True)
class Told:
    """What a compilation told of a story, without its program."""

    diagnostics: tuple[Diagnostic, ...]
    fragments: int
    choices: int
    unproved: tuple[str, ...] = ()


class Memory:
    """What is remembered on a shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def told(self, sources: Sources, proofs: bool) -> Told | None:
        """Return what was told of a story of which nothing has changed."""
        every = _files(sources)
        return self._recalled(
            _key("told", f"{proofs}", *_digests(every), *_media(sources.folder / _MEDIA)),
            every,
            Told,
        )

    def keep_told(self, sources: Sources, told: Told, proofs: bool) -> None:
        """Remember what was told; all of the story's files were read."""
        every = _files(sources)
        self._keep(
            _key("told", f"{proofs}", *_digests(every), *_media(sources.folder / _MEDIA)),
            told,
            every,
        )

    def tidy(self) -> None:
        """Throw the oldest away where there is too much; to be called when all was kept."""
        self._shelf.tidy()

    def part(self, manifest: SourceFile, document: Document) -> Kept | None:
        """Return what is remembered of a chapter."""
        from diana_engine.compiler.chapters.parts import Kept

        if not document.pending:
            return None
        every = (manifest, document.file)
        kept = self._recalled(_chapter_key(*every), every, Kept)
        if kept is None:
            return None
        thaw = partial(self._thawed, _chapter_key(*every, what="fragments"), every)
        bare = partial(self._thawed, _bare_key(kept.ways), ())
        return replace(kept, thaw=thaw, thaw_bare=bare if kept.ways else None)

    def keep_part(
        self, manifest: SourceFile, document: Document, part: Part, *, words: bool
    ) -> None:
        """Remember a chapter, unless it is remembered as it is; its fragments too, if there were to be `words`."""
        from diana_engine.compiler.chapters.parts import Kept

        settled, kept = part.settled, part.kept
        if settled is None or not document.pending:
            return
        every = (manifest, document.file)
        if words and part.is_checked and part.looked is not None:
            self._keep(_chapter_key(*every, what="fragments"), part.fragments, every)
        if kept is None or kept.looked is not part.looked:
            value = Kept(part.opened, settled, part.looked, part.ways)
            self._keep(_chapter_key(*every), value, every)

    def ways(self, part: Part) -> str:
        """Return a digest of a chapter without its prose, which is remembered under it."""
        packed = pack(part.bare, ())
        written = "\n".join(part.wording).encode("utf-8", "surrogatepass")
        ways = blake2b(packed + written, digest_size=16).hexdigest()
        self._shelf.put(_bare_key(ways), packed)
        return ways

    def overall(self, sources: Sources, parts: Sequence[Part], given: str) -> Overall | None:
        """Return what was found of all of a story in which at most prose has changed; `given` is what else counted."""
        key, every = _overall_key(sources, parts, given), _files(sources)
        kept = self._recalled(key, every, Placed)
        return (
            None if kept is None else placed(kept, every, _begins(sources, parts), _digests(every))
        )

    def keep_overall(
        self, sources: Sources, parts: Sequence[Part], given: str, overall: Overall
    ) -> None:
        """Remember what was found of all of a story, and where."""
        every = _files(sources)
        kept = placing(overall, every, _begins(sources, parts), _digests(every))
        if kept is not None:
            self._keep(_overall_key(sources, parts, given), kept, every)

    def report(
        self, program: Program, ways: Sequence[str], prove: Callable[[Program], Report]
    ) -> Report:
        """Return what was proved of a program without its prose, or prove it and remember that.

        `ways` are the digests of its chapters; what is not in chapters is small.
        """
        from diana_engine.compiler.analysis.states.results.report import Report

        rest = pack(replace(program, fragments={}), ())
        key = _key("report", blake2b(rest, digest_size=16).hexdigest(), *ways)
        known = self._recalled(key, (), Report)
        if known is not None:
            return known
        report = prove(program)
        self._keep(key, report, ())
        return report

    def _thawed(
        self, key: str, every: Sequence[SourceFile]
    ) -> Mapping[FragmentId, Fragment] | None:
        """Return the fragments that are remembered under a key."""
        data = self._shelf.get(key)
        if data is None:
            return None
        try:
            return cast("Mapping[FragmentId, Fragment]", unpack(data, every))
        except Unportable:
            return None

    def _recalled(self, key: str, every: Sequence[SourceFile], kind: type[_Kept]) -> _Kept | None:
        data = self._shelf.get(key)
        if data is None:
            return None
        try:
            value = unpack(data, every)
        except Unportable:
            return None
        return value if isinstance(value, kind) else None

    def _keep(self, key: str, value: object, every: Sequence[SourceFile]) -> None:
        try:
            self._shelf.put(key, pack(value, every))
        except Unportable:
            return


def _overall_key(sources: Sources, parts: Sequence[Part], given: str) -> str:
    ways = [f"{part.opened.declared.title}\0{part.ways}" for part in parts]
    names = [one.file.path for one in sources.chapters]
    manifest = sources.manifest.file.digest
    return _key("overall", given, manifest, *names, *ways, *_media(sources.folder / _MEDIA))


def _begins(sources: Sources, parts: Sequence[Part]) -> list[Mapping[str, int]]:
    """Return for each file where its fragments begin; places in the manifest are looked up in none."""
    own = parts[len(parts) - len(sources.chapters) :]
    return [{}, *(part.begins for part in own)]


def _digests(every: Sequence[SourceFile]) -> tuple[str, ...]:
    return tuple(file.digest for file in every)


def _files(sources: Sources) -> list[SourceFile]:
    return [one.file for one in (sources.manifest, *sources.chapters)]


def _media(folder: Path) -> list[str]:
    """Return all that can be found out of media without reading them: of what is in them nothing is told."""
    found = []
    for path in sorted(folder.rglob("*")):
        try:
            status = path.stat()
        except OSError:
            found.append(f"{path} is lost")
            continue
        real = path.resolve()
        found.append(f"{path} {real} {status.st_mode} {status.st_size} {status.st_mtime_ns}")
    return found


def _chapter_key(manifest: SourceFile, chapter: SourceFile, *, what: str = "chapter") -> str:
    return _key(what, manifest.digest, chapter.digest)


def _bare_key(ways: str) -> str:
    return _key("bare", ways)


def _key(*parts: str) -> str:
    data = "\n".join((_diana(), *parts)).encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=20).hexdigest()


@cache
def _diana() -> str:
    """Return a digest of Diana herself: of all her files, by name, size and time, for she may be changed without a new version."""
    found = [f"{sys.version_info} {sys.byteorder}"]
    for package in ("diana_engine", "diana_engine.schema"):
        # Three times as quick as `Path.rglob`, and done at each check.
        for top, _, names in sorted(os.walk(str(files(package)))):
            for name in sorted(names):
                if name.endswith((".py", ".json", ".md")):
                    status = os.stat(f"{top}/{name}")  # noqa: PTH116
                    found.append(f"{name} {status.st_size} {status.st_mtime_ns}")
    return blake2b("\n".join(found).encode(), digest_size=20).hexdigest()
