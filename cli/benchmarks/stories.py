"""Stories made for measuring: of any size, always the same, and in the languages of the peers too.

Three shapes, for what is quick with one may be slow with another: `linear` leads from scene to scene, `hub` has places to
which players come back, `economy` earns, spends and asks for much. Words, targets and requirements differ from place to
place, so that nothing is quick only because it was seen before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

__all__ = ["SHAPES", "Scene", "Way", "scenes", "write_bardic", "write_diana", "write_ink"]

SHAPES = ("linear", "hub", "economy")
CHAPTERS_OF = 100
"""Scenes in a chapter."""

_WORDS = (
    "a an at away bird blue bridge by candle cellar cold dark door evening fire friend garden gate ghost gold green grey hand "
    "hill house in key lamp lane letter light long lost map mirror moon morning name night of old on open over owl path pale "
    "quiet rain river road roof room rose sea secret shadow silver small song stair star stone story street the tower tree "
    "under voice wall warm water west white wind window winter with word"
).split()
_WORDS_OF_SCENE = 80
_NUMBERS, _FLAGS, _ITEMS = 8, 12, 20


@dataclass(frozen=True, slots=True)
class Way:
    """A choice: its words, where it leads, what it needs and what it does (each a kind and a name with an amount)."""

    words: str
    to: int
    needs: tuple[str, int, int] | None = None
    does: tuple[str, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """A place in a story; the last one is the ending and has no ways."""

    number: int
    words: str
    ways: tuple[Way, ...]


def scenes(count: int, shape: str) -> Iterator[Scene]:
    """Yield the scenes of a story of this many."""
    chance = Random(f"{shape} {count}")  # noqa: S311 - nobody's secret depends on it
    for number in range(count - 1):
        ways = tuple(_way(chance, number, place, count, shape) for place in range(3))
        yield Scene(number, _sentence(chance, _WORDS_OF_SCENE), ways)
    yield Scene(count - 1, _sentence(chance, _WORDS_OF_SCENE), ())


def _way(chance: Random, number: int, place: int, count: int, shape: str) -> Way:
    words = _sentence(chance, 3 + place)
    to = min(count - 1, number + (1 if place == 0 else chance.randint(1, 40)))
    if shape == "hub" and place == 2:
        to = number - number % 10
    busy = 0.9 if shape == "economy" else 0.4
    needs = _need(chance) if place and chance.random() < busy else None
    does = _deed(chance) if chance.random() < busy else None
    return Way(words, to, needs, does)


def _need(chance: Random) -> tuple[str, int, int]:
    kind = chance.choice(("number", "flag", "item"))
    most = {"number": _NUMBERS, "flag": _FLAGS, "item": _ITEMS}[kind]
    return kind, chance.randrange(most), chance.randint(1, 9)


def _deed(chance: Random) -> tuple[str, int, int]:
    kind = chance.choice(("number", "number", "flag", "item"))
    most = {"number": _NUMBERS, "flag": _FLAGS, "item": _ITEMS}[kind]
    return kind, chance.randrange(most), chance.randint(1, 5)


def _sentence(chance: Random, count: int) -> str:
    return " ".join(chance.choices(_WORDS, k=count)).capitalize()


# Diana ---------------------------------------------------------------------------------------------------------------


def write_diana(folder: Path, every: Iterator[Scene]) -> list[Path]:
    """Write the story into a folder; return its chapters."""
    (folder / "chapters").mkdir(parents=True)
    (folder / "story.yaml").write_text(_manifest(), encoding="utf-8")
    chapters: list[Path] = []
    for scene in every:
        name = f"c{scene.number // CHAPTERS_OF:04}"
        path = folder / "chapters" / f"{name}.yaml"
        if scene.number % CHAPTERS_OF == 0:
            chapters.append(path)
            path.write_text(f"chapter: {name}\nfragments:\n", encoding="utf-8")
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(_fragment(scene)))
    return chapters


def _manifest() -> str:
    numbers = "".join(f"  n{one}: {{type: points}}\n" for one in range(_NUMBERS))
    flags = "".join(f"  f{one}: {{type: flag}}\n" for one in range(_FLAGS))
    items = "".join(f"  i{one}: {{name: Item {one}, max: 9}}\n" for one in range(_ITEMS))
    head = "story: measured\ntitle: Measured\nlanguage: en\nstart: c0000.s0\n"
    return f"{head}variables:\n{numbers}{flags}items:\n{items}"


def _fragment(scene: Scene) -> Iterator[str]:
    yield f"  s{scene.number}:\n    text: |\n      {scene.words}.\n"
    if not scene.ways:
        yield "    ending: home\n"
        return
    yield "    choices:\n"
    for way in scene.ways:
        yield f"      - text: {way.words}\n        to: c{way.to // CHAPTERS_OF:04}.s{way.to}\n"
        if way.needs is not None:
            kind, name, amount = way.needs
            asked = {"number": f"n{name} >= {amount}", "flag": f"f{name}", "item": f"has i{name}"}
            yield f"        requires: {asked[kind]}\n"
        if way.does is not None:
            kind, name, amount = way.does
            done = {
                "number": f"n{name} += {amount}",
                "flag": f"set f{name}",
                "item": f"give i{name}",
            }
            yield f"        effects: [{done[kind]}]\n"


# Peers ---------------------------------------------------------------------------------------------------------------


def write_ink(path: Path, every: Iterator[Scene]) -> None:
    """Write the story in ink, where an item is a number too."""
    lines = [*(f"VAR n{one} = 0\n" for one in range(_NUMBERS))]
    lines += (f"VAR f{one} = false\n" for one in range(_FLAGS))
    lines += (f"VAR i{one} = 0\n" for one in range(_ITEMS))
    lines.append("-> s0\n")
    for scene in every:
        lines.append(f"=== s{scene.number} ===\n{scene.words}.\n")
        if not scene.ways:
            lines.append("-> END\n")
        lines += map(_ink_way, scene.ways)
    path.write_text("".join(lines), encoding="utf-8")


def _ink_way(way: Way) -> str:
    asked = done = ""
    if way.needs is not None:
        kind, name, amount = way.needs
        asked = {"number": f"{{n{name} >= {amount}}} ", "flag": f"{{f{name}}} "}.get(
            kind, f"{{i{name} > 0}} "
        )
    if way.does is not None:
        kind, name, amount = way.does
        did = {"number": f"n{name} = n{name} + {amount}", "flag": f"f{name} = true"}
        done = f"~ {did.get(kind, f'i{name} = i{name} + 1')}\n"
    return f"+ {asked}[{way.words}]\n{done}-> s{way.to}\n"


def write_bardic(path: Path, every: Iterator[Scene]) -> None:
    """Write the story in Bardic, where what a choice does is done on entering, for a choice itself does nothing."""
    lines: list[str] = []
    for scene in every:
        lines.append(f":: S{scene.number}\n")
        if scene.number == 0:
            names = (f"n{one}" for one in range(_NUMBERS))
            lines += (f"~ {name} = 0\n" for name in names)
            lines += (f"~ f{one} = False\n" for one in range(_FLAGS))
            lines += (f"~ i{one} = 0\n" for one in range(_ITEMS))
        lines += (_bardic_deed(way.does) for way in scene.ways if way.does is not None)
        lines.append(f"{scene.words}.\n\n")
        lines += map(_bardic_way, scene.ways)
        lines.append("\n")
    path.write_text("".join(lines), encoding="utf-8")


def _bardic_deed(does: tuple[str, int, int]) -> str:
    kind, name, amount = does
    done = {"number": f"n{name} = n{name} + {amount}", "flag": f"f{name} = True"}
    return f"~ {done.get(kind, f'i{name} = i{name} + 1')}\n"


def _bardic_way(way: Way) -> str:
    asked = ""
    if way.needs is not None:
        kind, name, amount = way.needs
        what = {"number": f"n{name} >= {amount}", "flag": f"f{name}"}.get(kind, f"i{name} > 0")
        asked = f"{{{what}}} "
    return f"+ {asked}[{way.words}] -> S{way.to}\n"
