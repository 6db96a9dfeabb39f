"""The JSON Schemas that travel with the engine, and the copies that editors read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from diana_engine.errors import DianaError

__all__ = ["description", "schema_names", "schema_text", "write_schemas"]

_SUFFIX = ".schema.json"


@cache
def _schemas() -> dict[str, Traversable]:
    found = files("diana_engine.schema").iterdir()
    return {
        entry.name.removesuffix(_SUFFIX): entry
        for entry in sorted(found, key=lambda entry: entry.name)
        if entry.name.endswith(_SUFFIX)
    }


def schema_names() -> tuple[str, ...]:
    """Return the names of all schemas, in order."""
    return tuple(_schemas())


def schema_text(name: str) -> str:
    """Return a schema as it is written.

    Raises:
        click.UsageError: there is none of that name.
    """
    from diana_engine.diagnostics.suggest import closest

    wanted = name.removesuffix(_SUFFIX)
    if wanted not in _schemas():
        meant = closest(wanted, schema_names())
        hint = f"Did you mean {meant}?" if meant else f"There is {', '.join(schema_names())}."
        raise click.UsageError(f"There is no schema {name}. {hint}")
    return _schemas()[wanted].read_text(encoding="utf-8")


def description(name: str) -> str:
    """Return what a schema describes, in a line."""
    return str(json.loads(schema_text(name)).get("description", ""))


def write_schemas(folder: Path, names: Iterable[str]) -> list[Path]:
    """Write schemas into a folder, which is made if need be, and return their paths.

    The copies have no `$id`: their references to each other then mean the files beside them, where
    an editor would otherwise ask the network (yaml-language-server 1.20 does).

    Raises:
        DianaError: the folder or a file cannot be written.
    """
    texts = {name.removesuffix(_SUFFIX): schema_text(name) for name in names}
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            schema = json.loads(text)
            schema.pop("$id", None)
            path = folder / f"{name}{_SUFFIX}"
            path.write_text(
                json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8", newline="\n"
            )
            written.append(path)
    except OSError as error:
        raise DianaError(f"{error.filename} cannot be written: {error.strerror}.") from error
    return written
