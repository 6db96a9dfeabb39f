"""The choices of a fragment in two versions: what can be done there, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diana_engine.expressions.terms import ChoiceKey, fragment_of
from diana_engine.expressions.text import Text, unvarying
from diana_engine.program.compare.match import Match
from diana_engine.program.compare.model import Change, Standing, Taken
from diana_engine.program.compare.skeleton import Sides
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Choice, Fragment

__all__ = ["compare_choices"]

_LONGEST = 40

_WHAT: Mapping[str, str] = {
    "to": "leads elsewhere",
    "requires": "asks for something else",
    "locked": "is hidden, or shown as locked, otherwise",
    "cost": "has another price",
    "once": "can be taken another number of times",
    "say": "is answered, or no longer",
    "effects": "does something else",
    "wait": "takes another time",
    "remind": "reminds players otherwise",
}
"""What differs of a choice, in words, by the name of its field."""


def compare_choices(match: Match, old: Fragment, new: Fragment, sides: Sides) -> Iterator[Change]:
    """Yield what became of the choices of a fragment that plays otherwise."""
    after = {choice.key: choice for choice in choices_of(new.exit)}
    kept: set[ChoiceKey] = set()
    for choice in choices_of(old.exit):
        to = match.choices.get(choice.key)
        if to is None or to not in after:
            if to is None:
                yield _gone(choice)
            continue
        kept.add(to)
        yield from _changed(choice, after[to], sides)
    for key, choice in after.items():
        if key not in kept:
            words = f"The choice {_called(choice)} of `{new.id}` is new."
            yield Change("choice", key, "added", "safe", words, Standing(old.id))


def _gone(choice: Choice) -> Change:
    place = fragment_of(choice.key)
    if not choice.once:
        words = f"The choice {_called(choice)} of `{place}` is gone."
        return Change("choice", choice.key, "removed", "safe", words, Taken(choice.key))
    if "~" in choice.key:
        words = (
            f"The choice {_called(choice)} of `{place}`, which can be taken once, is gone, or it has both another text and "
            f"another target: then it counts as new, and who took it can take it again. An `id:` keeps it the same."
        )
        return Change("choice", choice.key, "removed", "breaking", words, Taken(choice.key))
    words = (
        f"The choice {_called(choice)} of `{place}`, which can be taken once, is gone. If it is only called otherwise now, "
        f"write its new name under `renamed:`, or who took it can take it again."
    )
    return Change("choice", choice.key, "removed", "needs a rule", words, Taken(choice.key))


def _changed(old: Choice, new: Choice, sides: Sides) -> Iterator[Change]:
    place = fragment_of(old.key)
    match sides.difference(old, new):
        case "nothing":
            return
        case "words":
            words = (
                f"The choice {_called(old)} of `{place}` has other words; who took it has taken it."
            )
            yield Change("choice", old.key, "reworded", "safe", words, Standing(place))
        case "play":
            before, after = sides.bones(old, new)
            parts = [
                what
                for name, what in _WHAT.items()
                if getattr(before, name) != getattr(after, name)
            ]
            words = f"The choice {_called(old)} of `{place}` {', '.join(parts)}."
            yield Change("choice", old.key, "changed", "safe", words, Standing(place))


def _called(choice: Choice) -> str:
    """Return how to speak of a choice: by its id, else by its text."""
    name = choice.key.removeprefix(fragment_of(choice.key))
    return f"`{name[1:]}`" if name.startswith(".") else f"“{_brief(choice.text)}”"


def _brief(text: Text) -> str:
    words = unvarying(text) or "…"
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1].rstrip()}…"
