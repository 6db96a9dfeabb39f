"""From a checked story to the program: what plays, in its canonical order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Program, StoryId
from diana_engine.source import Located

__all__ = ["lower"]

_Key = TypeVar("_Key", bound=str)
_Value = TypeVar("_Value")


def lower(story: CheckedStory, timed: Iterable[FragmentId] = ()) -> Program:
    """Return the program of a story without errors of shape, names or types.

    `timed` are the fragments of which it is asked when they were entered.
    """
    manifest = story.manifest
    return Program(
        story=StoryId(_text(manifest.story)),
        title=_text(manifest.title),
        language=_text(manifest.language),
        version=_text(manifest.version) or "0",
        start=story.start,
        time_zone=_text(manifest.time_zone) or "UTC",
        variables=_ordered(story.variables),
        items=_ordered(story.items),
        conditions=_ordered(story.conditions),
        characters=_ordered(story.characters),
        chapters=_ordered(story.chapters),
        fragments=_ordered(story.fragments),
        timed=tuple(sorted(timed)),
        levels=story.systems.levels,
        achievements=story.systems.achievements,
        missions=story.systems.missions,
        combinations=story.systems.combinations,
        stages=story.systems.stages,
        vip=story.systems.vip,
        around=story.systems.around,
        growth=story.systems.growth,
    )


def _text(located: Located | None) -> str:
    return "" if located is None else located.text


def _ordered(values: Mapping[_Key, _Value]) -> dict[_Key, _Value]:
    return dict(sorted(values.items()))
