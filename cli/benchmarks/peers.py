"""Compilers of other languages for interactive stories, where they are installed, on the same story."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from .measure import Needs, measured
from .stories import Scene, write_bardic, write_ink

__all__ = ["PEERS", "Peer", "measure_peer"]


@dataclass(frozen=True, slots=True)
class Peer:
    """A compiler: its program, and the commands that compile and check a story written by `write`."""

    name: str
    program: str
    write: Callable[[Path, Iterator[Scene]], None]
    ending: str
    commands: Callable[[str, Path], Sequence[Sequence[str]]]
    install: str


PEERS = (
    Peer(
        "inkjs", "inkjs-compiler", write_ink, ".ink",
        lambda program, path: [[program, str(path), "-o", f"{path}.json"]],
        "npm install --global inkjs",
    ),
    Peer(
        "inklecate", "inklecate", write_ink, ".ink",
        lambda program, path: [[program, "-o", f"{path}.json", str(path)]],
        "from github.com/inkle/ink",
    ),
    Peer(
        "Bardic lint", "bardic", write_bardic, ".bard",
        lambda program, path: [[program, "lint", str(path)]],
        "pip install bardic",
    ),
    Peer(
        "Bardic compile", "bardic", write_bardic, ".bard",
        lambda program, path: [[program, "compile", str(path), "-o", f"{path}.json"]],
        "pip install bardic",
    ),
)  # fmt: skip
"""What they do differs: ink's check targets and types, Bardic's lint targets; none looks at what players can do."""


def measure_peer(peer: Peer, folder: Path, every: Iterator[Scene]) -> Needs | str:
    """Return what a peer needs for the story, or why that cannot be told."""
    program = which(peer.program)
    if program is None:
        return f"not installed ({peer.install})"
    path = folder / f"story{peer.ending}"
    peer.write(path, every)
    needs = [measured(command) for command in peer.commands(program, path)]
    told = [one for one in needs if one is not None]
    if len(told) < len(needs):
        return "it failed on this story"
    return Needs(round(sum(one.cpu for one in told), 3), max(one.memory for one in told))
