"""Fragments in two versions: where players stand, and what they find there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from diana_engine.expressions.terms import FragmentId
from diana_engine.expressions.text import Text
from diana_engine.program.compare.choices import compare_choices
from diana_engine.program.compare.match import Match
from diana_engine.program.compare.model import Calling, Change, Reach, Standing, Weight
from diana_engine.program.compare.skeleton import Sides
from diana_engine.program.exits import branches_of
from diana_engine.program.model import Choices, Deck, Ending, Exit, Fragment

__all__ = ["compare_fragments", "unlike"]


def compare_fragments(match: Match) -> Iterator[Change]:
    """Yield what became of the fragments and their choices, in the order of their ids."""
    old, new = match.old.fragments, match.new.fragments
    added = sorted(new.keys() - set(match.fragments.values()))
    reading = _by_text(new[name] for name in added)
    sides = Sides(match)
    for name, fragment in old.items():
        to = match.fragments.get(name)
        if to is None:
            yield _gone(fragment, match.sent.get(name), reading.get(fragment.text, ()))
            continue
        if to != name:
            words = f"The fragment `{name}` is called `{to}` now; who stands there stays."
            yield Change(
                "fragment", name, "renamed", "safe", words, Standing(name, calling=True), to
            )
        yield from _changed(match, fragment, new[to], sides)
    for name in added:
        yield Change("fragment", name, "added", "safe", f"The fragment `{name}` is new.")


def unlike(match: Match) -> frozenset[FragmentId]:
    """Return the fragments of the old version that are there in the new one and play otherwise; other words are nothing."""
    old, new, sides = match.old.fragments, match.new.fragments, Sides(match)
    return frozenset(
        name
        for name, to in match.fragments.items()
        if sides.difference(old[name], new[to]) == "play"
    )


def _by_text(fragments: Iterable[Fragment]) -> dict[Text, list[FragmentId]]:
    """Return which fragments read the same; those without words are like any other."""
    found: dict[Text, list[FragmentId]] = {}
    for fragment in fragments:
        if fragment.text:
            found.setdefault(fragment.text, []).append(fragment.id)
    return found


def _gone(fragment: Fragment, to: FragmentId | None, alike: Sequence[FragmentId]) -> Change:
    """Tell of one that is gone; `alike` are the new ones that read as it did, and a single one may be it under another name."""
    name, reach = fragment.id, Standing(fragment.id, calling=True)
    if to is not None:
        words = f"The fragment `{name}` is gone; who stands there goes to `{to}`."
        return Change("fragment", name, "removed", "safe", words, reach, to)
    if isinstance(fragment.exit, Ending):
        words = f"The fragment `{name}` is gone; whose story ended there keeps that end until they begin anew."
        return Change("fragment", name, "removed", "safe", words, reach)
    words = (
        f"The fragment `{name}` is gone, and nothing says where players go who stand there. Write `{name}: …` under "
        f"`removed:`, or under `renamed:` if it is only called otherwise now."
    )
    if len(alike) == 1:
        words += f" The new fragment `{alike[0]}` reads the same; if it is this one, write `{name}: {alike[0]}` under `renamed:`."
    return Change("fragment", name, "removed", "needs a rule", words, reach)


def _changed(match: Match, old: Fragment, new: Fragment, sides: Sides) -> Iterator[Change]:
    match sides.difference(old, new):
        case "nothing":
            return
        case "words":
            words = f"The fragment `{old.id}` has other words."
            yield Change("fragment", old.id, "reworded", "safe", words, Standing(old.id))
        case "play":
            before, after = sides.bones(old, new)
            if parts := [*_parts(before, after)]:
                words = f"The fragment `{old.id}` {', '.join(parts)}; who stands there stays."
                yield _on(old, "safe", words, Standing(old.id))
            yield from _way(old, before.exit, after.exit)
            yield from compare_choices(match, old, new, sides)


def _parts(old: Fragment, new: Fragment) -> Iterator[str]:
    """Yield what differs but the way on, in words."""
    match old.gate, new.gate:
        case (None, None):
            pass
        case (None, _):
            yield "asks for something of who comes now"
        case (_, None):
            yield "asks for nothing any more"
        case _ if old.gate != new.gate:
            yield "asks for something else of who comes"
    if old.on_enter != new.on_enter:
        yield "does something else to who comes"
    if old.storylet != new.storylet:
        yield "is offered by decks under other conditions"
    if old.remind != new.remind:
        yield "reminds players otherwise"
    if old.text != new.text:
        yield "has a text now" if new.text else "has no text any more"


def _way(old: Fragment, before: Exit, after: Exit) -> Iterator[Change]:
    match before, after:
        case Ending(was), Ending(name) if was != name:
            words = f"The fragment `{old.id}` was the ending `{was}` and is `{name}` now."
            yield _on(old, "breaking", words, Standing(old.id))
        case Ending(), Ending():
            pass
        case Ending(), _:
            words = f"The fragment `{old.id}` was an ending; whose story ended there can go on now."
            yield _on(old, "safe", words, Standing(old.id))
        case _, Ending(name):
            words = f"The fragment `{old.id}` is the ending `{name}` now: the story of who stands there is over."
            yield _on(old, "breaking", words, Standing(old.id))
        case _ if _calls(before) and not _calls(after):
            words = f"The fragment `{old.id}` no longer calls a sub-story; who is in it comes back there."
            yield _on(old, "breaking", words, Calling(old.id))
        case _ if type(before) is not type(after) or not isinstance(before, Choices):
            if _without_choices(before) != _without_choices(after):
                words = f"The fragment `{old.id}` leads on otherwise."
                yield _on(old, "safe", words, Standing(old.id))
        case _:
            pass


def _calls(way: Exit) -> bool:
    """Return whether players come back there from a sub-story."""
    return not isinstance(way, Choices | Ending) and bool(branches_of(way))


def _without_choices(way: Exit) -> Exit:
    return replace(way, choices=()) if isinstance(way, Deck) else way


def _on(fragment: Fragment, weight: Weight, words: str, reach: Reach) -> Change:
    return Change("fragment", fragment.id, "changed", weight, words, reach)
