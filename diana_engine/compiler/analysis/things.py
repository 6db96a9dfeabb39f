"""Items, conditions, shared choices and characters that do nothing, and items that nobody ever gets."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.uses import Uses
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.syntax.story import ParsedItem
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import ConditionId, ItemId

__all__ = ["idle_things"]


def idle_things(story: CheckedStory, uses: Uses) -> Iterator[Diagnostic]:
    """Yield one finding for each item, condition, character or list of shared choices that does not do what it was declared for."""
    for item in story.manifest.items:
        yield from _item(item, uses)
    for condition in story.manifest.conditions:
        if ConditionId(condition.id.text) not in uses.conditions:
            yield diagnose(
                "DIA222",
                condition.id.whole,
                f"Nothing asks for the condition `{condition.id.text}`.",
                help="Name it in a requirement, or remove it.",
            )
    for shared in story.manifest.shared:
        if shared.id.text not in story.included:
            yield diagnose(
                "DIA231",
                shared.id.whole,
                f"Nothing includes the shared choices `{shared.id.text}`.",
                help=f"Write `- include: {shared.id.text}` under a fragment's `choices:`, or remove them.",
            )
    for character in story.manifest.characters or ():
        if character.id.text not in uses.speakers:
            yield diagnose(
                "DIA223",
                character.id.whole,
                f"The character `{character.id.text}` never speaks.",
                help=f"Give a fragment `speaker: {character.id.text}`, or remove the character.",
            )


def _item(item: ParsedItem, uses: Uses) -> Iterator[Diagnostic]:
    name, id = item.id.text, ItemId(item.id.text)
    needed = id in uses.asked or id in uses.taken
    if not needed and id not in uses.given:
        yield diagnose(
            "DIA221",
            item.id.whole,
            f"The item `{name}` is declared, and nothing uses it.",
            help=f"Give it to players with `give {name}`, or remove it.",
        )
    elif id not in uses.given:
        yield diagnose(
            "DIA226",
            item.id.whole,
            f"`{name}` is asked for, and nothing ever gives it.",
            help=f"Write `give {name}` in `effects:` or `on_enter:` where players get it.",
        )
    elif not needed and not item.clue:
        # A clue is there to be read, so it has done its work once it is given.
        yield diagnose(
            "DIA227",
            item.id.whole,
            f"`{name}` is given, and nothing ever asks for it.",
            help=f"Ask for it with `has {name}`; or, if it is only there to be read, write `clue: true`.",
        )
