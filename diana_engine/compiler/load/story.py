"""The files of a story: its manifest and its chapters."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from diana_engine.compiler.load.files import open_file, read_text
from diana_engine.compiler.nodes import Node
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.records import dataclass
from diana_engine.source import SourceFile, Span

__all__ = ["Document", "Sources", "load_story", "open_story", "read_document"]

_MANIFEST = "story.yaml"
_CHAPTERS = "chapters"


@dataclass(frozen=True, slots=True)
class Document:
    """A file of a story. Where `readable` is false there is no root: findings that it could explain are withheld.

    While it is `pending`, nobody has read its text; `read_document` does.
    """

    file: SourceFile
    root: Node | None
    readable: bool
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Sources:
    """A story as it was read: the chapters are in the order of their paths."""

    folder: Path
    manifest: Document
    chapters: tuple[Document, ...]


def load_story(story: Path) -> tuple[Sources, list[Diagnostic]]:
    """Read the story in the folder `story`, or in that of the manifest `story`.

    Files are shown as the story was named, with ``/``. What was found stands in the order of the files.
    """
    sources, found = open_story(story)
    documents = []
    for document in (sources.manifest, *sources.chapters):
        read, more = read_document(document)
        documents.append(read)
        found += more
    order = {document.file.path: number for number, document in enumerate(documents)}
    found.sort(key=lambda finding: order.get(finding.primary.span.file.path, -1))
    return Sources(sources.folder, documents[0], tuple(documents[1:])), found


def read_document(document: Document) -> tuple[Document, list[Diagnostic]]:
    """Read the text of a document, where that is pending."""
    if not document.pending:
        return document, []
    root, found = read_text(document.file)
    return Document(document.file, root, root is not None), found


def open_story(story: Path) -> tuple[Sources, list[Diagnostic]]:
    """Find the files of a story, as `load_story` does; those that can be read are pending."""
    folder = story.parent if story.name == _MANIFEST and not _is_folder(story) else story
    shown = PurePosixPath(_readable(folder.as_posix()))
    names = _names(folder, shown)
    if isinstance(names, Diagnostic):
        nothing = Document(names.primary.span.file, None, readable=False)
        return Sources(folder, nothing, ()), [names]
    manifest, found = _open(folder / _MANIFEST, str(shown / _MANIFEST))
    chapters = []
    paths, unread = _chapter_paths(folder) if _CHAPTERS in names else ([], [])
    for path in paths:
        chapter, more = _open(folder / path, str(shown / _readable(path)))
        chapters.append(chapter)
        found += more
    for error in unread:
        chapter, finding = _unread(error, folder, shown)
        chapters.append(chapter)
        found.append(finding)
    return Sources(folder, manifest, tuple(chapters)), found


def _open(path: Path, shown: str) -> tuple[Document, list[Diagnostic]]:
    if path.suffix != ".yaml":
        return _misnamed(path, shown)
    file = open_file(path, shown)
    if isinstance(file, Diagnostic):
        return Document(file.primary.span.file, None, readable=False), [file]
    return Document(file, None, readable=True, pending=True), []


def _misnamed(path: Path, shown: str) -> tuple[Document, list[Diagnostic]]:
    # It is nearly surely a chapter, so it is not passed over; it is not read either, for one way to name a file is enough.
    message = f"`{shown}` looks like a chapter, but only files that end in `.yaml` are read."
    help = f"Rename it to `{path.with_suffix('.yaml').name}`."
    finding = diagnose("DIA018", _start(shown), message, help=help)
    return Document(finding.primary.span.file, None, readable=False), [finding]


def _unread(error: OSError, folder: Path, shown: PurePosixPath) -> tuple[Document, Diagnostic]:
    path = Path(error.filename).relative_to(folder).as_posix()
    finding = _unreadable(str(shown / _readable(path)), error)
    return Document(finding.primary.span.file, None, readable=False), finding


def _unreadable(shown: str, error: OSError) -> Diagnostic:
    reason = (error.strerror or "it cannot be opened").lower()
    message = f"I cannot read the folder `{shown}`: {reason}."
    help = "Look whether you may open it, and whether it is still there."
    return diagnose("DIA003", _start(shown), message, help=help)


def _chapter_paths(folder: Path) -> tuple[list[str], list[OSError]]:
    """Return the paths of what may be chapters, from the story's folder and in order, and the folders not read.

    Hidden files are passed over, and links to folders are not followed, for they may lead round in a circle.
    """
    found: list[str] = []
    unread: list[OSError] = []
    for top, folders, names in os.walk(folder / _CHAPTERS, onerror=unread.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(top).relative_to(folder).as_posix()
        found += [f"{inside}/{name}" for name in names if _may_be_chapter(name)]
    return sorted(found), unread


def _may_be_chapter(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith((".yaml", ".yml"))


def _names(folder: Path, shown: PurePosixPath) -> list[str] | Diagnostic:
    """Return the names in a story's folder, or what is wrong where there is no manifest among them."""
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - `iterdir` says the same more slowly
    except (FileNotFoundError, ValueError):
        message = f"There is no story `{shown}`: no such folder is here."
        help = "Look whether the name is right, and in which folder you are."
        return diagnose("DIA001", _start(str(shown)), message, help=help)
    except NotADirectoryError:
        message = f"`{shown}` is a file, and a story is a folder, or the `{_MANIFEST}` in it."
        help = f"Name the folder. A story of one file is a folder with that file in it, called `{_MANIFEST}`."
        return diagnose("DIA001", _start(str(shown)), message, help=help)
    except OSError as error:
        return _unreadable(str(shown), error)
    return names if _MANIFEST in names else _no_manifest(names, shown)


def _no_manifest(names: list[str], shown: PurePosixPath) -> Diagnostic:
    message = f"There is no `{_MANIFEST}` in the folder `{shown}`."
    like = [name for name in names if name.lower() in ("story.yaml", "story.yml", "story.yaml.txt")]
    help = (
        f"Rename `{like[0]}` to `{_MANIFEST}`."
        if like
        else "It says what the story is called and where it begins."
    )
    return diagnose("DIA002", _start(str(shown / _MANIFEST)), message, help=help)


def _start(shown: str) -> Span:
    return SourceFile(shown, "").span(0, 0)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _readable(path: str) -> str:
    """Return `path` with marks in the place of bytes that are no characters."""
    return os.fsencode(path).decode("utf-8", "replace")
