"""Things that players and reports cannot tell apart: endings of one name, items and characters that read the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Ending
from diana_engine.source import Located

__all__ = ["twins"]


def twins(story: CheckedStory) -> Iterator[Diagnostic]:
    """Yield a note for each ending, item and character that goes by the name of an earlier one."""
    for first, second in _same(_endings_alike(story)):
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


def _endings_alike(story: CheckedStory) -> Iterator[Located]:
    """Yield where endings were named whose names are not theirs alone. Places of the others are not even looked up."""
    named: dict[str, list[FragmentId]] = {}
    for id, fragment in story.fragments.items():
        if isinstance(fragment.exit, Ending):
            named.setdefault(_plain(fragment.exit.name), []).append(id)
    for ids in named.values():
        for id in ids if len(ids) > 1 else ():
            if (written := story.places[id].ending) is not None:
                yield written


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _same(names: Iterable[Located]) -> Iterator[tuple[Located, Located]]:
    seen: dict[str, Located] = {}
    for name in names:
        first = seen.setdefault(_plain(name.text), name)
        if first is not name:
            yield first, name
