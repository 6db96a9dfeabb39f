"""Things that players and reports cannot tell apart: endings of one name, items and characters that read the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diana_engine.compiler.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.source import Located

__all__ = ["twins"]


def twins(story: CheckedStory) -> Iterator[Diagnostic]:
    """Yield a note for each ending, item and character that goes by the name of an earlier one."""
    endings = (place.ending for place in story.places.values())
    for first, second in _same(one for one in endings if one is not None):
        yield diagnose(
            "DIA433",
            second.whole,
            f"Another ending is called `{second.text}` too.",
            labels=(Label(first.whole, "the other one"),),
            help="Give it a name of its own, so that it can be told which of them players reach; or let both ways lead to one.",
        )
    manifest = story.manifest
    for what, names in (
        ("item", (one.name for one in manifest.items)),
        ("character", (one.name for one in manifest.characters or ())),
    ):
        for first, second in _same(name for name in names if name is not None):
            yield diagnose(
                "DIA715",
                second.whole,
                f"Another {what} is called “{second.text}” too, and players cannot tell them apart.",
                labels=(Label(first.whole, "the other one"),),
                help="Give one of them another name.",
            )


def _same(names: Iterable[Located]) -> Iterator[tuple[Located, Located]]:
    seen: dict[str, Located] = {}
    for name in names:
        first = seen.setdefault(" ".join(name.text.split()).casefold(), name)
        if first is not name:
            yield first, name
