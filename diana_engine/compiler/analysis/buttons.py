"""Fragments with more choices than Telegram has buttons for."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Choice, Deck

__all__ = ["BUTTONS", "too_many_buttons"]

BUTTONS = 100
"""How many buttons Telegram shows under a message (Bot API, inline keyboards: the whole keyboard is refused beyond)."""


def too_many_buttons(story: CheckedStory) -> Iterator[Diagnostic]:
    """Yield a finding for each fragment whose choices do not, or may not, all fit under one message."""
    for id, fragment in story.fragments.items():
        choices = choices_of(fragment.exit)
        deck = fragment.exit
        dealt = min(deck.show, len(deck.storylets)) if isinstance(deck, Deck) else 0
        count = len(choices) + dealt
        if count <= BUTTONS:
            continue
        certain = sum(_shown_at_first(choice) for choice in choices) > BUTTONS
        sentence = f"`{id}` has {count} choices, and Telegram shows at most {BUTTONS} buttons."
        help = (
            "Divide them between several fragments, such as the rooms or the days they belong to."
        )
        if not certain:
            sentence = (
                f"`{id}` has {count} choices, and a player who meets the requirements of more than {BUTTONS} "
                f"of them would be shown more buttons than Telegram allows."
            )
        yield diagnose(
            "DIA740" if certain else "DIA741", story.places[id].id.whole, sentence, help=help
        )


def _shown_at_first(choice: Choice) -> bool:
    """Whether a player who comes for the first time sees `choice`, open or locked, whatever the player has."""
    return choice.requires is None or choice.locked is not None
