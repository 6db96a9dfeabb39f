"""`diana new`: a small complete story in a new folder, to play at once and to grow from."""

from __future__ import annotations

import re
import shlex
import unicodedata
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from diana_engine.errors import DianaError

from ..output import write

__all__ = ["command", "story_id"]

_ID = "new_story"
"""The id that the templates carry, so that they are stories like any other."""

_LONGEST_ID = 64

_NAMES = {"gitignore": ".gitignore"}
"""Files that are kept under another name: packaging leaves dotted ones out."""

_EDITOR_SCHEMAS = ("story", "chapter", "playthrough")


@click.command("new", short_help="Lay down a small story to grow from.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--language",
    type=click.Choice(["en", "es"]),
    default="en",
    show_default=True,
    help="The language of the story.",
)
def command(folder: Path, language: str) -> None:
    """Lay down a small complete story in DIR, which must be new or empty.

    DIR also gets the JSON Schemas, so that editors which know YAML complete and check while you
    type.
    """
    from ..schemas import write_schemas

    _must_be_empty(folder)
    template = files("diana_cli.templates") / language
    try:
        _copy(template, folder, story_id(folder.resolve().name))
    except OSError as error:
        raise DianaError(f"{error.filename} cannot be written: {error.strerror}.") from error
    write_schemas(folder / ".diana", _EDITOR_SCHEMAS)
    place = shlex.quote(str(folder))
    write(f"A new story is in {folder}. Try:\n\n  diana check {place}\n  diana play {place}\n")


def story_id(name: str) -> str:
    """Return the id of a story that lies in a folder called `name`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    made = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    if not made:
        return "story"
    return (made if made[0].isalpha() else f"story_{made}")[:_LONGEST_ID].rstrip("_")


def _must_be_empty(folder: Path) -> None:
    try:
        filled = folder.exists() and any(folder.iterdir())
    except NotADirectoryError:
        raise DianaError(f"{folder} is a file. Name a new folder.") from None
    except OSError as error:
        raise DianaError(f"{folder} cannot be read: {error.strerror}.") from error
    if filled:
        raise DianaError(f"The folder {folder} is not empty. Name a new one.")


def _copy(template: Traversable, folder: Path, story: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for entry in template.iterdir():
        if entry.is_dir():
            _copy(entry, folder / entry.name, story)
        else:
            text = entry.read_text(encoding="utf-8").replace(f"story: {_ID}\n", f"story: {story}\n")
            path = folder / _NAMES.get(entry.name, entry.name)
            path.write_text(text, encoding="utf-8", newline="\n")
