"""`diana bench compile`: what a check needs, from nothing and after an edit, beside other compilers on the same story."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..options import figures_option
from ..output import write

if TYPE_CHECKING:
    from .measure import Needs

__all__ = ["command"]

_SHAPES = ("linear", "hub", "economy")


@dataclass(slots=True)
class _Row:
    """What one story needed; `peers` are needs, or why there are none."""

    fragments: int
    shape: str
    check: dict[str, Needs | None] = field(default_factory=dict)
    peers: dict[str, Needs | str] = field(default_factory=dict)


@click.command("compile", short_help="What a check needs, beside other compilers.")
@click.option(
    "--fragments",
    "sizes",
    type=click.IntRange(2, 1_000_000),
    multiple=True,
    default=(1_000, 10_000),
    show_default=True,
    help="How large the stories are; may be given several times (100000 takes minutes).",
)
@click.option(
    "--shape",
    "shapes",
    type=click.Choice(_SHAPES),
    multiple=True,
    default=_SHAPES,
    show_default=True,
)
@click.option(
    "--proofs", is_flag=True, help="Prove what players can do too, as `diana check` does."
)
@click.option(
    "--peers/--no-peers", default=True, help="Measure other compilers where there are any."
)
@figures_option
def command(
    sizes: tuple[int, ...], shapes: tuple[str, ...], proofs: bool, peers: bool, form: str
) -> None:
    """Make stories of some sizes and shapes, and tell what checking them needs.

    Each check is a process of its own. An edit changes a word in one chapter, or what one choice asks for. Peers are
    other compilers on the same story, as far as their languages go.
    """
    rows = []
    for row in _rows(sizes, shapes, proofs=proofs, peers=peers):
        rows.append(row)
        if form == "terminal":
            write("".join(_told(row)))
    if form == "json":
        write(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


def _rows(
    sizes: tuple[int, ...], shapes: tuple[str, ...], *, proofs: bool, peers: bool
) -> Iterator[_Row]:
    from tempfile import TemporaryDirectory

    from .peers import PEERS, measure_peer
    from .stories import scenes

    for size in sizes:
        for shape in shapes:
            row = _Row(size, shape)
            with TemporaryDirectory() as folder:
                _check(row, Path(folder), proofs=proofs)
                for peer in PEERS if peers else ():
                    row.peers[peer.name] = measure_peer(peer, Path(folder), scenes(size, shape))
            yield row


def _check(row: _Row, folder: Path, *, proofs: bool) -> None:
    from .measure import compile_modules, measured
    from .stories import scenes, write_diana

    compile_modules()
    story, memory = folder / "story", str(folder / "memory")
    chapters = write_diana(story, scenes(row.fragments, row.shape))
    once = [sys.executable, "-m", f"{__package__}.once", str(story)]
    more = ["proofs"] if proofs else []
    row.check["cold"] = measured([*once, "-", *more])
    row.check["cold, remembering"] = measured([*once, memory, *more])
    row.check["nothing changed"] = measured([*once, memory, *more])
    _edit(chapters[len(chapters) // 2], "text: |\n      ", "text: |\n      Now ")
    row.check["a word changed"] = measured([*once, memory, *more])
    _edit(chapters[len(chapters) // 2], "+= 1]", "+= 2]")
    row.check["an effect changed"] = measured([*once, memory, *more])


def _edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


def _told(row: _Row) -> Iterator[str]:
    cold = row.check["cold"]
    yield f"{row.fragments:,} fragments, {row.shape}\n"
    for name, needs in (*row.check.items(), *row.peers.items()):
        if needs is None or isinstance(needs, str):
            yield f"  {name:<20} {needs or 'it failed'}\n"
            continue
        ratio = f"{needs.cpu / cold.cpu:8.2f} x cold" if cold else ""
        yield f"  {name:<20} {needs.cpu:8.2f} s {needs.memory:8.0f} MiB {ratio}\n"
