"""`diana schema`: the JSON Schemas of the story language, for editors and other programs."""

from __future__ import annotations

from pathlib import Path

import click

from ..output import write

__all__ = ["command"]


@click.command("schema", short_help="Print the JSON Schemas of the story language.")
@click.argument("name", required=False)
@click.option(
    "--output",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write every schema into this folder instead, for an editor to read.",
)
def command(name: str | None, output: Path | None) -> None:
    """Print the schema NAME, or list the schemas."""
    from ..schemas import description, schema_names, schema_text, write_schemas

    if output is not None:
        for path in write_schemas(output, (name,) if name else schema_names()):
            write(f"{path}\n")
    elif name is not None:
        write(schema_text(name))
    else:
        names = schema_names()
        column = max(map(len, names))
        write("".join(f"{one:<{column}}  {description(one)}\n" for one in names))
