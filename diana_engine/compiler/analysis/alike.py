"""Names that differ by one letter: two where one was meant, or two that writers will mix up."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from string import digits

from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.program.model import Ending, Fragment
from diana_engine.source import Located

__all__ = ["alike_names"]

_SHORTEST = 4
"""Shorter names differ by one letter without being alike."""
_NUMBERS = re.compile(r"(?:(?<=_)|^)[0-9]+|[0-9]+(?=_|$)")
"""The numbers with which a word of a name begins or ends."""


def alike_names(story: CheckedStory) -> Iterator[Diagnostic]:
    """Yield a note for each variable, and each name that is never declared, that is one slip away from an earlier one."""
    for first, second in _pairs(one.id for one in story.manifest.variables):
        yield _note(second, first)
    for what, names in _never_declared(story).items():
        for first, second in _pairs(names.values()):
            yield _undeclared(what, second, first)


def _never_declared(story: CheckedStory) -> dict[str, dict[str, Located]]:
    """Return the names that mean something by being the same, by what they name, each where it is first written."""
    found: dict[str, dict[str, Located]] = {"ending": {}, "tag": {}, "category": {}}
    if story.manifest.characters is None:
        found["speaker"] = {}
    for id, fragment in story.fragments.items():
        # Only where a name comes first its place is looked up: those of all chapters would have to be read.
        if all(name in found.get(what, {name}) for what, name in _names(fragment)):
            continue
        place = story.places[id]
        named = [("ending", place.ending), ("speaker", place.speaker)]
        for what, name in (*named, *(("tag", tag) for tag in place.tags)):
            if name is not None and what in found:
                found[what].setdefault(name.text, name)
    for item in story.manifest.items:
        if item.category is not None:
            found["category"].setdefault(item.category.text, item.category)
    return found


def _names(fragment: Fragment) -> Iterator[tuple[str, str]]:
    if isinstance(fragment.exit, Ending):
        yield "ending", fragment.exit.name
    if fragment.speaker is not None:
        yield "speaker", fragment.speaker
    yield from (("tag", tag) for tag in fragment.tags)


def _pairs(names: Iterable[Located]) -> Iterator[tuple[Located, Located]]:
    """Yield each name that is one slip away from an earlier one, after that one.

    Names are filed under what is left of them when one letter is blotted out or dropped, so that two alike meet in a
    drawer; comparing each with each would take the square of their number. Numbers at the edges of words are no slips:
    `door_1` and `door_2`, of which there may be thousands, are kept in drawers in which nobody looks for the other.
    """
    drawers: defaultdict[str, list[Located]] = defaultdict(list)
    for located in names:
        name = located.text
        if len(name) < _SHORTEST:
            continue
        filed, sought = _keys(name)
        near = (one for key in sorted(sought) for one in drawers[key])
        if (first := next((one for one in near if _is_slip(one.text, name)), None)) is not None:
            yield first, located
        for key in filed:
            drawers[key].append(located)


def _keys(name: str) -> tuple[set[str], set[str]]:
    """Return the keys under which a name is filed, and those under which names like it are sought."""
    numbers = {at for found in _NUMBERS.finditer(name) for at in range(*found.span())}
    filed, sought = {f"+{name}"}, {f"-{name}"}
    for at in range(len(name)):
        blotted = f"{name[:at]}?{name[at + 1 :]}"
        if at in numbers:
            # Another number here is no slip, a letter is.
            filed.add(f"1{blotted}")
            sought.add(f"a{blotted}")
        else:
            filed.add(f"a{blotted}")
            sought |= {f"a{blotted}", f"1{blotted}"}
            dropped = f"{name[:at]}{name[at + 1 :]}"
            filed.add(f"-{dropped}")
            sought.add(f"+{dropped}")
        if not {at, at + 1} <= numbers:
            swapped = f"{name[:at]}<{''.join(sorted(name[at : at + 2]))}>{name[at + 2 :]}"
            filed.add(swapped)
            sought.add(swapped)
    return filed, sought


def _is_slip(one: str, other: str) -> bool:
    """Whether the two may be taken for one another: not ``door_1`` and ``door_2``, nor ``side_a`` and ``side_b``."""
    differing = [(a, b) for a, b in zip(one.split("_"), other.split("_"), strict=False) if a != b]
    return _is_one_apart(one, other) and all(
        min(len(a), len(b)) > 1 and a.strip(digits) != b.strip(digits) for a, b in differing
    )


def _is_one_apart(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) < len(long):
        return any(short == long[:index] + long[index + 1 :] for index in range(len(long)))
    places = [index for index in range(len(one)) if one[index] != other[index]]
    if len(places) == 1:
        return True
    swapped = len(places) == 2 and places[1] == places[0] + 1
    return swapped and one[places[0]] == other[places[1]] and one[places[1]] == other[places[0]]


def _note(name: Located, first: Located) -> Diagnostic:
    return diagnose(
        "DIA229",
        name.whole,
        f"`{name.text}` and `{first.text}` differ by one letter.",
        labels=(Label(first.whole, "the other one"),),
        help="If they are the same, keep one of them; if not, names further apart are easier to read.",
    )


def _undeclared(what: str, name: Located, first: Located) -> Diagnostic:
    help = "If they are the same, write one of them in both places"
    if what == "speaker":
        help += "; speakers declared under `characters:` are looked after by Diana"
    return diagnose(
        "DIA217",
        name.whole,
        f"The {what} `{name.text}` is one letter away from `{first.text}`.",
        labels=(Label(first.whole, "the other one"),),
        help=f"{help}.",
    )
