"""What a playthrough expects to see, held against a scene."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from diana_engine.diagnostics.suggest import closest
from diana_engine.expressions.terms import ItemId, VariableId
from diana_engine.play.naming import hidden, listed, meant, one_line, shown
from diana_engine.play.state import PlayerState, Value
from diana_engine.play.view import View
from diana_engine.program.model import Ending, Program
from diana_engine.records import dataclass
from diana_engine.source import Span

__all__ = ["Expect", "Finding", "Written", "ending_findings", "findings"]

_SHOWN = 400
"""Characters of a scene that a finding repeats."""

_NUMBER = re.compile(r"[-+]?[0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class Written:
    """A word of a playthrough, and where it stands, if in a file."""

    text: str
    where: Span | None = None


@dataclass(frozen=True, slots=True)
class Expect:
    """What must be true of the scene and the player; what is not given may be anything.

    `at` is a fragment's id, bare or full. `see` can be read somewhere in the scene. `values` are the variables' values
    as they are written. `items` are held, and others may be. `locked`, `hidden` and `open` name choices.
    """

    at: Written | None = None
    see: Written | None = None
    values: tuple[tuple[Written, Written], ...] = ()
    items: tuple[Written, ...] = ()
    locked: tuple[Written, ...] = ()
    hidden: tuple[Written, ...] = ()
    open: tuple[Written, ...] = ()
    where: Span | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference between a playthrough and the story: a sentence, its place, and help."""

    message: str
    where: Span | None = None
    help: str | None = None


def findings(
    expected: Expect, program: Program, state: PlayerState, view: View
) -> Iterator[Finding]:
    """Yield every difference between what is expected and what is."""
    if expected.at is not None:
        yield from _at(expected.at, program, view)
    if expected.see is not None:
        yield from _see(expected.see, view)
    for name, value in expected.values:
        yield from _value(name, value, state)
    for item in expected.items:
        yield from _item(item, program, state)
    for wanted, names in (
        ("locked", expected.locked),
        ("hidden", expected.hidden),
        ("open", expected.open),
    ):
        for name in names:
            yield from _choice(name, wanted, program, view)


def ending_findings(expected: Written, program: Program, view: View) -> Iterator[Finding]:
    """Yield what is wrong when the story should have ended in `expected`."""
    if view.ending == expected.text:
        return
    exits = (fragment.exit for fragment in program.fragments.values())
    endings = {exit_.name for exit_ in exits if isinstance(exit_, Ending)}
    if expected.text not in endings:
        yield _unknown("ending", expected, endings)
    elif view.ending is None:
        at = f"the player is still at `{view.fragment}`"
        yield Finding(
            f"I expected the ending `{expected.text}`, and {at}.", expected.where, listed(view)
        )
    else:
        other = f"the story ended in `{view.ending}`, at `{view.fragment}`"
        yield Finding(f"I expected the ending `{expected.text}`, and {other}.", expected.where)


def _at(expected: Written, program: Program, view: View) -> Iterator[Finding]:
    name = expected.text
    if name in (view.fragment, view.fragment.partition(".")[2]):
        return
    if not any(name in (full, full.partition(".")[2]) for full in program.fragments):
        yield _unknown("fragment", expected, program.fragments)
    else:
        yield Finding(
            f"I expected the player at `{name}`, who is at `{view.fragment}`.", expected.where
        )


def _see(expected: Written, view: View) -> Iterator[Finding]:
    wanted, text = " ".join(expected.text.split()), _readable(view)
    if wanted in text:
        return
    help_ = f"This can be read there: {text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}"
    if wanted.casefold() in text.casefold():
        help_ = f"Capital and small letters differ. {help_}"
    yield Finding(f"I cannot read “{wanted}” at `{view.fragment}`.", expected.where, help_)


def _readable(view: View) -> str:
    """Return everything that can be read in a scene, on one line."""
    choices = [(one.text, one.lock.reason if one.lock else ()) for one in view.choices]
    parts = [one_line(view.said), view.title or "", view.speaker or "", one_line(view.text)]
    parts += [one_line(part) for choice in choices for part in choice]
    return " ".join(" ".join(parts).split())


def _value(name: Written, expected: Written, state: PlayerState) -> Iterator[Finding]:
    variable = VariableId(name.text)
    if variable not in state.values:
        yield _unknown("variable", name, state.values)
        return
    value = state.values[variable]
    if not _same(value, expected.text):
        is_ = str(value).lower() if isinstance(value, bool) else str(value)
        message = f"I expected `{name.text}` to be `{expected.text}`, and it is `{is_}`."
        yield Finding(message, expected.where)


def _same(value: Value, written: str) -> bool:
    match value:
        case bool():
            return written == ("true" if value else "false")
        case int():
            return _NUMBER.fullmatch(written) is not None and int(written) == value
        case str():
            return written == value


def _item(expected: Written, program: Program, state: PlayerState) -> Iterator[Finding]:
    item = ItemId(expected.text)
    if item not in program.items:
        yield _unknown("item", expected, program.items)
    elif not state.items.get(item):
        held = ", ".join(f"`{one}`" for one in sorted(state.items)) or "nothing"
        message = f"I expected the player to hold `{item}`, who does not."
        yield Finding(message, expected.where, f"Held is {held}.")


def _choice(name: Written, wanted: str, program: Program, view: View) -> Iterator[Finding]:
    candidates = shown(name.text, view)
    if candidates:
        is_ = "locked" if candidates[0].lock is not None else "open"
    elif hidden(name.text, program, view) is not None:
        is_ = "hidden"
    else:
        guess = meant(name.text, program, view)
        did_you_mean = f"Did you mean `{guess}`? " if guess else ""
        message = f"There is no choice `{name.text}` in `{view.fragment}`."
        yield Finding(message, name.where, did_you_mean + listed(view))
        return
    if is_ != wanted:
        message = f"I expected the choice `{name.text}` to be {wanted}, and it is {is_}."
        yield Finding(message, name.where, listed(view))


def _unknown(kind: str, name: Written, known: Iterable[str]) -> Finding:
    meant_ = closest(name.text, known)
    help_ = f"Did you mean `{meant_}`?" if meant_ else None
    return Finding(f"There is no {kind} `{name.text}` in this story.", name.where, help_)
