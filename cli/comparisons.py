"""How a comparison of two versions is told: to people in lines, to programs as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .findings import counted

if TYPE_CHECKING:
    from diana_engine.database.port import StoryVersion
    from diana_engine.program.compare.model import Change, Comparison
    from diana_engine.runtime.versions.surveying import Crowd, Survey

__all__ = [
    "change_lines",
    "changes_json",
    "named_version",
    "survey_json",
    "survey_lines",
    "version_json",
]

_SHORT = 12
_MOST = 100
"""Changes shown to a person; the JSON holds them all."""

_LEFT = {
    "pinned": "by policy",
    "over": "whose story has ended there",
    "gone": "whose fragment is gone without a rule",
    "uncalled": "whose fragment became part of a sub-story",
    "stuck": "who would have nothing to do there",
    "endless": "who would never come to rest",
}


def named_version(version: StoryVersion) -> str:
    """Return how to speak of a version: ``diana 1.2.0 (0123456789ab)``."""
    return f"{version.story} {version.label} ({version.digest[:_SHORT]})"


# For people


def change_lines(comparison: Comparison, reached: Sequence[int] | None = None) -> Iterator[str]:
    """Yield the changes, the gravest first, each with the players it reaches; those of mere words only counted."""
    from diana_engine.program.compare.model import WEIGHTS

    counts = [None] * len(comparison.changes) if reached is None else reached
    pairs = sorted(
        zip(comparison.changes, counts, strict=True),
        key=lambda pair: -WEIGHTS.index(pair[0].weight),
    )
    told = [pair for pair in pairs if pair[0].deed != "reworded"]
    for change, count in told[:_MOST]:
        players = f" ({counted(count, 'player')})" if count else ""
        yield f"  {change.weight}: {change.words}{players}"
    if len(told) > _MOST:
        yield f"  … and {len(told) - _MOST} more; `--format json` lists all of them"
    if words := len(pairs) - len(told):
        yield f"  safe: {counted(words, 'change')} of words only, which disturb nobody"
    if not pairs:
        yield "  no difference"


def survey_lines(survey: Survey) -> Iterator[str]:
    """Yield what a version would be to all players of its story."""
    if survey.current:
        yield f"{counted(survey.current, 'player')} {_are(survey.current)} on it already"
    for crowd in survey.crowds:
        yield f"from {named_version(crowd.version)}, {counted(crowd.players, 'player')}: {_fate(crowd)}"
        yield from change_lines(crowd.comparison, crowd.reached)
    if not survey.crowds and not survey.current:
        yield "nobody is in the middle of the story"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _fate(crowd: Crowd) -> str:
    parts = [f"{crowd.carried:,} go on with the new version"]
    parts += [f"{count:,} stay with theirs, {_LEFT[why]}" for why, count in crowd.left.items()]
    return "; ".join(parts)


# For programs


def version_json(version: StoryVersion) -> dict[str, Any]:
    """Return what names a version."""
    return {"story": version.story, "label": version.label, "digest": version.digest}


def changes_json(
    changes: Sequence[Change], reached: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Return the changes, with the players each one reaches where that is known."""
    counts: Sequence[int | None] = [None] * len(changes) if reached is None else reached
    return [
        {
            "thing": change.thing,
            "name": change.name,
            "change": change.deed,
            "class": change.weight,
            "to": change.to,
            "message": change.words,
            "players": count,
        }
        for change, count in zip(changes, counts, strict=True)
    ]


def survey_json(survey: Survey) -> dict[str, Any]:
    """Return what a version would be to all players of its story."""
    return {
        "policy": survey.policy,
        "current": survey.current,
        "stranded": survey.stranded,
        "from": [_crowd_json(crowd) for crowd in survey.crowds],
    }


def _crowd_json(crowd: Crowd) -> dict[str, Any]:
    return {
        **version_json(crowd.version),
        "players": crowd.players,
        "carried": crowd.carried,
        "left": dict(crowd.left),
        "stranded": dict(crowd.stranded),
        "changes": changes_json(crowd.comparison.changes, crowd.reached),
    }
