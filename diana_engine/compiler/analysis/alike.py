"""Variables whose names differ by one letter: two where one was meant, or two that writers will mix up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from string import digits

from diana_engine.compiler.checked import CheckedStory
from diana_engine.compiler.syntax import ParsedVariable
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose

__all__ = ["alike_names"]

_SHORTEST = 4
"""Shorter names differ by one letter without being alike."""


def alike_names(story: CheckedStory) -> Iterator[Diagnostic]:
    """Yield a note for each variable that is one slip away from an earlier one.

    Names are filed under what is left of them when one letter is blotted out or dropped, so that two alike meet in a
    drawer; comparing each with each would take the square of their number.
    """
    drawers: defaultdict[str, list[ParsedVariable]] = defaultdict(list)
    for variable in story.manifest.variables:
        name = variable.id.text
        if len(name) < _SHORTEST:
            continue
        keys = {*_blotted(name), *_dropped(name), f"+{name}"}
        near = (one for key in sorted(keys) for one in drawers[key])
        if (first := next((one for one in near if _is_slip(one.id.text, name)), None)) is not None:
            yield _note(variable, first)
        for key in keys:
            drawers[key].append(variable)


def _blotted(name: str) -> Iterator[str]:
    """Yield keys that it shares with names which have another letter in one place, or two neighbours swapped."""
    for index in range(len(name)):
        yield f"{name[:index]}?{name[index + 1 :]}"
    for index in range(len(name) - 1):
        pair = "".join(sorted(name[index : index + 2]))
        yield f"{name[:index]}<{pair}>{name[index + 2 :]}"


def _dropped(name: str) -> Iterator[str]:
    """Yield keys that it shares with names which lack one of its letters."""
    for index in range(len(name)):
        yield f"+{name[:index]}{name[index + 1 :]}"


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


def _note(variable: ParsedVariable, first: ParsedVariable) -> Diagnostic:
    return diagnose(
        "DIA229",
        variable.id.whole,
        f"`{variable.id.text}` and `{first.id.text}` differ by one letter.",
        labels=(Label(first.id.whole, "the other one"),),
        help="If they are the same, keep one of them; if not, names further apart are easier to read.",
    )
