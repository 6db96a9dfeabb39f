"""The media of a story: the files in its media folder, found, measured, and named in the program by their content.

A program holds the SHA-256 of each file and never its bytes, so that it stays small and says what it plays to the bit.
The bytes are stored beside it under that hash. Sizes and kinds are those that the Bot API takes from a bot's upload.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from hashlib import file_digest
from pathlib import Path

from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic, Edit
from diana_engine.diagnostics.registry import diagnose
from diana_engine.diagnostics.suggest import closest
from diana_engine.expressions.terms import ItemId
from diana_engine.program.media import albums
from diana_engine.program.model import Fragment, Media, MediaKind
from diana_engine.records import dataclass
from diana_engine.source import Located

__all__ = ["FOLDER", "LARGEST", "SUFFIXES", "find_media"]

FOLDER = "media"
MEGABYTE = 1_000_000
LARGEST: Mapping[MediaKind, int] = {
    "photo": 10 * MEGABYTE,
    "video": 50 * MEGABYTE,
    "audio": 50 * MEGABYTE,
    "voice": 50 * MEGABYTE,
    "animation": 50 * MEGABYTE,
    "document": 50 * MEGABYTE,
}
"""Bytes of a file at most (Bot API, "Sending files")."""
SUFFIXES: Mapping[MediaKind, tuple[str, ...]] = {
    "photo": (".jpg", ".jpeg", ".png", ".webp"),
    "video": (".mp4", ".mov", ".m4v"),
    "audio": (".mp3", ".m4a"),
    "voice": (".ogg", ".oga", ".opus", ".mp3", ".m4a"),
    "animation": (".gif", ".mp4"),
}
"""How a file of a kind may end; a document may be anything."""


def find_media(
    folder: Path, story: CheckedStory
) -> tuple[CheckedStory, list[Diagnostic], dict[str, Path]]:
    """Return the story with the content of its media named, what was found, and the files by their content.

    What is wrong with a file is found, never raised; such a medium keeps its name and has no content.
    """
    finder = _Finder(folder / FOLDER)
    fragments = {
        id: finder.fragment(fragment, [one.file for one in story.places[id].media])
        if fragment.media
        else fragment
        for id, fragment in story.fragments.items()
    }
    items = dict(story.items)
    for parsed in story.manifest.items:
        item = items.get(ItemId(parsed.id.text))
        if item is not None and item.photo is not None and parsed.photo is not None:
            photo = finder.medium(item.photo, parsed.photo)
            items[ItemId(parsed.id.text)] = replace(item, photo=photo)
    found = [*finder.found, *finder.unused(story)]
    return replace(story, fragments=fragments, items=items), found, finder.files


@dataclass(slots=True)
class _Finder:
    root: Path
    found: list[Diagnostic] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    _named: set[str] = field(default_factory=set)
    _known: dict[str, tuple[str, int] | str] = field(default_factory=dict)
    _names: tuple[str, ...] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The files that are there, named from the folder; read when first asked for."""
        if self._names is None:
            self._names = tuple(sorted(_files(self.root)))
        return self._names

    def fragment(self, fragment: Fragment, places: list[Located]) -> Fragment:
        """Return a fragment with the content of its media."""
        media = [self.medium(one, place) for one, place in zip(fragment.media, places, strict=True)]
        self._check_albums(media, places)
        return replace(fragment, media=tuple(media))

    def medium(self, medium: Media, place: Located) -> Media:
        """Return a medium with its content; without it where something is wrong with the file."""
        path = self._path(place)
        if path is None or not self._suits(medium.kind, place):
            return medium
        content = self._content(place.text, path)
        if isinstance(content, str):
            self._say("DIA723", place, content, "Put the file there once more.")
            return medium
        digest, size = content
        if size > LARGEST[medium.kind]:
            limit = LARGEST[medium.kind] // MEGABYTE
            message = f"`{place.text}` has {size / MEGABYTE:.1f} MB, and a {medium.kind} may have {limit} on Telegram."
            self._say("DIA722", place, message, "Save it smaller, or in a format that takes less.")
            return medium
        self.files[digest] = path
        return replace(medium, digest=digest)

    def _say(
        self, code: str, place: Located, message: str, help: str, edit: str | None = None
    ) -> None:
        change = None if edit is None else Edit(place.whole, edit)
        self.found.append(diagnose(code, place.whole, message, help=help, edit=change))

    def _path(self, place: Located) -> Path | None:
        """Return where a file is, if it is there and inside the folder."""
        name = place.text
        parts = name.replace("\\", "/").split("/")
        outside = name.startswith(("/", "~")) or ".." in parts or ":" in name or "\\" in name
        path = self.root / name
        if not outside and "\0" not in name and name in self.names:
            self._named.add(name)
            try:
                inside = path.resolve().is_relative_to(self.root.resolve())
            except (OSError, RuntimeError):
                inside = False
            if inside:
                return path
            outside = True
        if outside:
            help = "Media live in the story's folder `media/`; write the path from there, with `/`."
            self._say("DIA703", place, f"`{name}` lies outside the story.", help)
            return None
        self._missing(place)
        return None

    def _missing(self, place: Located) -> None:
        near = closest(place.text, self.names)
        if near is not None:
            self._named.add(near)
        help = f"Put the file into the story's folder `{FOLDER}/`."
        help = f"Did you mean `{near}`?" if near else help
        self._say("DIA720", place, f"There is no file `{place.text}` in `{FOLDER}/`.", help, near)

    def _suits(self, kind: MediaKind, place: Located) -> bool:
        suffixes = SUFFIXES.get(kind)
        if suffixes is None or place.text.lower().endswith(suffixes):
            return True
        known = ", ".join(suffixes)
        other = [one for one in SUFFIXES if place.text.lower().endswith(SUFFIXES[one])]
        help = f"Write it as `{other[0]}:`." if other else "Any file can be sent as a `document:`."
        message = f"`{place.text}` is no {kind}: one ends in {known}."
        self._say("DIA724", place, message, help)
        return False

    def _content(self, name: str, path: Path) -> tuple[str, int] | str:
        if name not in self._known:
            self._known[name] = _read(name, path)
        return self._known[name]

    def _check_albums(self, media: list[Media], places: list[Located]) -> None:
        groups = albums(media)
        if len(groups) > 1:
            first = groups[1][0]
            message = f"This is sent as a message of its own, after the {media[first - 1].kind} before it."
            help = "Pictures and videos can share an album, up to ten; so can documents, and audio."
            self._say("DIA725", places[first], message, help)

    def unused(self, story: CheckedStory) -> Iterator[Diagnostic]:
        """Yield a finding for each file that nothing names."""
        for name in self.names:
            if name not in self._named:
                yield diagnose(
                    "DIA721",
                    story.manifest.file.span(0, 0),
                    f"Nothing shows the file `{FOLDER}/{name}`.",
                    help="Name it in a fragment, or take it out of the folder.",
                )


def _files(root: Path) -> Iterator[str]:
    """Yield the files in a folder, from there and with ``/``; hidden ones and those behind linked folders are passed over."""
    for top, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(top).relative_to(root)
        yield from ((inside / name).as_posix() for name in names if not name.startswith("."))


def _read(name: str, path: Path) -> tuple[str, int] | str:
    """Return the content's hash and size, or why there is none."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return f"`{name}` is a pipe or a device, and no file."
        if status.st_size == 0:
            return f"`{name}` is empty."
        with path.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest(), status.st_size
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        return f"I cannot read `{name}`: {reason}."
