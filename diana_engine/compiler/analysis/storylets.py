"""Decks that find no storylet, and storylets that no deck offers."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.syntax.story import ParsedDeck, ParsedStorylet
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.diagnostics.suggest import closest
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Deck
from diana_engine.source import Located

__all__ = ["idle_storylets", "offered"]


def offered(story: CheckedStory) -> set[FragmentId]:
    """Return the storylets that some deck may offer."""
    exits = (fragment.exit for fragment in story.fragments.values())
    return {id for way in exits if isinstance(way, Deck) for id in way.storylets}


def idle_storylets(story: CheckedStory) -> Iterator[Diagnostic]:
    """Yield a finding for each deck and each storylet that never meets one of the others."""
    tags, wanted = _tags(story)
    found = offered(story)
    for id, fragment in story.fragments.items():
        # A place is looked up only where there is something to look at: those of all chapters would have to be read.
        if isinstance(fragment.exit, Deck) and not fragment.exit.storylets:
            deck = story.places[id].deck
            if deck is not None:
                yield _empty(id, deck, tags)
        if fragment.storylet is not None and id not in found:
            storylet = story.places[id].storylet
            if storylet is not None:
                yield _unoffered(id, storylet, wanted)


def _tags(story: CheckedStory) -> tuple[set[str], set[str]]:
    """Return the tags of all storylets, and those of all decks."""
    tags: set[str] = set()
    wanted: set[str] = set()
    for id, fragment in story.fragments.items():
        if fragment.storylet is not None:
            tags.update(fragment.storylet.tags)
        if isinstance(fragment.exit, Deck) and (deck := story.places[id].deck) is not None:
            wanted.update(tag.text for tag in deck.tags)
    return tags, wanted


def _empty(id: FragmentId, deck: ParsedDeck, tags: set[str]) -> Diagnostic:
    strange = next((tag for tag in deck.tags if tag.text not in tags), None)
    if strange is None:
        listed = " and ".join(f"`{tag.text}`" for tag in deck.tags)
        return diagnose(
            "DIA232",
            deck.key.whole,
            f"No storylet has all the tags of the deck in `{id}`: {listed}.",
            help="Ask for fewer tags, or give them all to a storylet.",
        )
    return diagnose(
        "DIA232",
        strange.whole,
        f"The deck in `{id}` offers nothing, for no storylet has the tag `{strange.text}`.",
        help=_meant(strange, tags)
        or f"Give fragments `storylet: {{tags: {strange.text}}}` to offer them here.",
    )


def _unoffered(id: FragmentId, storylet: ParsedStorylet, wanted: set[str]) -> Diagnostic:
    strange = next((tag for tag in storylet.tags if tag.text not in wanted), None)
    help = "A deck offers it that asks only for tags which it has: `deck: {tags: …}`."
    return diagnose(
        "DIA233",
        storylet.key.whole if strange is None else strange.whole,
        f"No deck ever offers `{id}`.",
        help=(_meant(strange, wanted) if strange is not None else None) or help,
    )


def _meant(tag: Located, known: set[str]) -> str | None:
    near = closest(tag.text, known)
    return None if near is None else f"Did you mean `{near}`?"
