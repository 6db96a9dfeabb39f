"""A scene as the terminal shows it: what was said, the place, the text, and numbered choices.

Every choice that is shown has its number, whether it can be taken or not: so the numbers are those of a playthrough and
do not move when a lock opens. The number of a locked one stands in brackets, and its reason beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diana_engine.adapters.terminal.layout import wrap
from diana_engine.adapters.terminal.markup import Line, Run, Spoilers, Style, clean, lines, paint
from diana_engine.adapters.terminal.words import Words
from diana_engine.expressions.text import Plain, Rich, plain
from diana_engine.play.view import AskView, ChoiceView, Lock, View, WaitView
from diana_engine.program.model import Media, MediaKind

__all__ = ["Look", "has_spoilers", "note", "one_line", "reason", "retry", "scene", "taken"]

_SIGNS: Mapping[MediaKind, str] = {
    "photo": "📷",
    "video": "🎬",
    "audio": "🎵",
    "voice": "🎤",
    "animation": "🎬",
    "document": "📎",
}
_DIM: frozenset[Style] = frozenset({"dim"})


@dataclass(frozen=True, slots=True)
class Look:
    """How to show things: in which words, how wide, with colour or without, and what becomes of spoilers."""

    words: Words
    width: int
    colour: bool = False
    spoilers: Spoilers = "bracketed"


def scene(view: View, look: Look) -> str:
    """Return the scene, which begins with a blank line and ends with a line end."""
    parts = [part for part in _parts(view, look) if part]
    return "".join(f"\n{_written(part, look)}" for part in parts)


def note(text: str, look: Look) -> str:
    """Return something that the program says, line by line, as a paragraph of its own."""
    said = [line for row in text.split("\n") for line in lines((Plain(row),), look.spoilers)]
    return "\n" + _written(wrap(said, look.width, rest=""), look)


def taken(
    number: int | None, choice: ChoiceView | None, look: Look, typed: str | None = None
) -> str:
    """Return the line of a transcript that says what was done: a choice taken, continued, or something `typed`."""
    text = one_line(choice.text) if choice is not None else look.words.phrases.go_on
    if typed is not None:
        text = one_line((Plain(typed),))
    before = f"{number}. " if number is not None else ""
    line = Line((Run(f"> {before}{text}", frozenset({"bold"})),))
    return "\n" + _written(wrap([line], look.width, rest="  "), look)


def reason(lock: Lock, words: Words) -> str:
    """Return why a choice cannot be taken, on one line."""
    written = one_line(lock.reason)
    if not written and lock.price is not None:
        written = one_line((Plain(words.phrases.say_cannot_pay(lock.price)),))
    return written or words.phrases.not_now


def retry(ask: AskView, words: Words) -> str:
    """Return what to say to somebody whose answer does not fit, on one line."""
    return one_line(ask.retry) or words.phrases.say_retry(ask)


def one_line(text: Rich) -> str:
    """Return the characters of `text`, harmless and on one line."""
    return " ".join(clean(plain(text)).split())


def has_spoilers(view: View) -> bool:
    """Return whether something in the scene is covered."""
    choices = [
        part for one in view.choices for part in (one.text, one.lock.reason if one.lock else ())
    ]
    parts = (view.said, view.text, *choices)
    return any(lines(part, "masked") != lines(part, "bracketed") for part in parts)


def _parts(view: View, look: Look) -> Iterator[list[Line]]:
    yield _block(view.said, look)
    if view.title:
        yield wrap(lines((Plain(view.title),), look.spoilers, "bold"), look.width)
    yield [row for one in view.media for row in wrap([_medium(one)], look.width, rest="   ")]
    text = _block(view.text, look)
    if text and view.speaker:
        speaker = lines((Plain(f"{view.speaker}:"),), look.spoilers, "italic")
        text = [*wrap(speaker, look.width), *text]
    yield text
    if view.ending is not None:
        end = Line((Run(f"— {clean(look.words.phrases.say_end(view))} —", frozenset({"bold"})),))
        yield wrap([end], look.width)
    yield list(_choices(view, look))


def _medium(medium: Media) -> Line:
    """Return the line that stands for a picture or a sound: what it is, and what it is called."""
    return Line((Run(f"{_SIGNS[medium.kind]} {clean(medium.name)}", _DIM),))


def _block(text: Rich, look: Look) -> list[Line]:
    return wrap(lines(text, look.spoilers), look.width) if plain(text).strip() else []


def _choices(view: View, look: Look) -> Iterator[Line]:
    for number, choice in enumerate(view.choices, start=1):
        mark = f"{number}." if choice.lock is None else f"({number})"
        yield from wrap([_choice(choice, look)], look.width, first=f"{mark:>4} ", rest=" " * 5)
    if view.ask is not None:
        for number, option in enumerate(view.ask.options, start=1):
            mark = f"{number:>3}. "
            yield from wrap(
                [Line((Run(clean(option)),))], look.width, first=mark, rest=" " * len(mark)
            )
        yield from wrap([Line((Run(look.words.phrases.say_ask(view.ask), _DIM),))], look.width)
    if view.wait is not None:
        yield from _wait(view.wait, look)
    if view.can_continue:
        yield Line((Run(f" [{look.words.enter}] {look.words.phrases.go_on}"),))


def _wait(wait: WaitView, look: Look) -> Iterator[Line]:
    phrases = look.words.phrases
    yield from wrap([Line((Run(f"⏳ {phrases.say_left(wait)}", _DIM),))], look.width)
    if wait.skip is not None:
        mark = "  1. " if wait.skip.payable else " (1) "
        text = f"{phrases.do_not_wait} · {clean(phrases.say_price(wait.skip))}"
        line = Line((Run(text, frozenset() if wait.skip.payable else _DIM),))
        yield from wrap([line], look.width, first=mark, rest=" " * 5)
    yield Line((Run(f" [{look.words.enter}] {look.words.wait}"),))


def _choice(choice: ChoiceView, look: Look) -> Line:
    """Return a choice as one line: its text, its price, and why it is locked."""
    runs = [run for line in lines(choice.text, look.spoilers) for run in (*line.runs, Run(" "))][
        :-1
    ]
    if choice.price is not None:
        runs.append(Run(f" · {clean(look.words.phrases.say_price(choice.price))}"))
    if choice.lock is None:
        return Line(tuple(runs))
    runs.append(Run(f" — {reason(choice.lock, look.words)}"))
    return Line(tuple(Run(run.characters, run.styles | _DIM) for run in runs))


def _written(rows: list[Line], look: Look) -> str:
    return "".join(f"{paint(row, colour=look.colour)}\n" for row in rows)
