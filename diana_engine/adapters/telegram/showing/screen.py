"""A scene as Telegram shows it: the texts of its messages, and the buttons below the last one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from diana_engine.adapters.phrases import Phrases
from diana_engine.adapters.telegram.api.limits import ANSWER, BUTTON, CAPTION, shorten, units
from diana_engine.adapters.telegram.showing.callback import Anew, Button, Press, Stay, encode
from diana_engine.adapters.telegram.showing.markup import Page, clean, pages
from diana_engine.expressions.text import Plain, Rich, RichFormat, RichInline, plain
from diana_engine.play.view import AskView, ChoiceView, Lock, Price, View
from diana_engine.program.model import Media
from diana_engine.records import dataclass

__all__ = ["Key", "Screen", "confirmation", "notice", "retry", "scene", "why_locked", "with_notice"]

_GAP = Plain("\n\n")
_LOCKED = "🔒 "
_ADDITION = BUTTON // 2


@dataclass(frozen=True, slots=True)
class Key:
    """A button as it is drawn: its label, and the data that it carries."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Screen:
    """What to send: at least one message; the rows of buttons stand below the last.

    The media come first. `blank` says that there are no words but an ellipsis, which only stands for them.
    """

    pages: tuple[Page, ...]
    rows: tuple[tuple[Key, ...], ...] = ()
    media: tuple[Media, ...] = ()
    blank: bool = False

    @property
    def caption(self) -> Page | None:
        """The words as the caption of the one file there is; `None` where they need a message of their own."""
        if len(self.media) != 1 or len(self.pages) != 1:
            return None
        if self.blank:
            return Page("", "")
        return self.pages[0] if units(self.pages[0].plain) <= CAPTION else None


def scene(view: View, story: str, sequence: int, words: Phrases) -> Screen:
    """Return the screen of `view`, whose buttons hold for this `sequence` of this `story`."""
    text = _text(view, words)
    rows = tuple(_rows(view, story, sequence, words))
    return Screen(pages(text), rows, view.media, blank=not text)


def notice(words: str) -> Screen:
    """Return a message of the program's own."""
    return Screen(pages((Plain(words),)))


def retry(ask: AskView, words: Phrases) -> Screen:
    """Return what to say to somebody whose answer does not fit."""
    said = ask.retry if plain(ask.retry).strip() else (Plain(words.say_retry(ask)),)
    return Screen(pages(said))


def with_notice(words: str, screen: Screen) -> Screen:
    """Return `screen` after a message of the program's own."""
    return Screen(notice(words).pages + screen.pages, screen.rows, screen.media)


def confirmation(story: str, sequence: int, words: Phrases) -> Screen:
    """Return the question whether to begin anew; the answer holds only while nothing changes."""
    keys = (_key(words.begin_anew, Anew(story, sequence)), _key(words.stay, Stay(story, sequence)))
    return Screen(pages((Plain(words.confirm_anew),)), tuple((key,) for key in keys))


def why_locked(lock: Lock, words: Phrases) -> str:
    """Return why a choice is locked, short enough to answer a tap with."""
    reason = shorten(clean(plain(lock.reason)), ANSWER)
    if not reason and lock.price is not None:
        reason = shorten(clean(words.say_cannot_pay(lock.price)), ANSWER)
    return reason or words.not_now


def _text(view: View, words: Phrases) -> Rich:
    """Join what there is to say, without what has no words: the answer to the last choice comes before the new place."""
    title: Rich = (RichFormat("bold", (Plain(view.title),)),) if view.title else ()
    spoken: Rich = view.text
    if view.speaker and view.text:
        spoken = (RichFormat("italic", (Plain(view.speaker),)), Plain("\n"), *view.text)
    end: Rich = ()
    if view.ending is not None:
        # A title names the ending in the writer's words; an ending's own name is rather an id.
        words_of_end = words.say_end(view)
        end = (RichFormat("italic", (Plain(f"— {words_of_end} —"),)),)
    asked: Rich = ()
    if view.ask is not None:
        asked = (RichFormat("italic", (Plain(f"✎ {words.say_ask(view.ask)}"),)),)
    if view.wait is not None:
        asked = (RichFormat("italic", (Plain(f"⏳ {words.say_left(view.wait)}"),)),)
    parts = (view.said, title, spoken, end, asked)
    return tuple(_joined([part for part in parts if part and plain(part).strip()]))


def _joined(parts: Iterable[Rich]) -> Iterable[RichInline]:
    for number, part in enumerate(parts):
        if number:
            yield _GAP
        yield from part


def _rows(view: View, story: str, sequence: int, words: Phrases) -> Iterable[tuple[Key, ...]]:
    for index, choice in enumerate(view.choices):
        yield (Key(_label(choice, words), encode(Press(story, sequence, index))),)
    for index, option in enumerate(view.ask.options if view.ask is not None else ()):
        yield (Key(shorten(clean(option), BUTTON), encode(Press(story, sequence, index))),)
    if view.can_continue or view.wait is not None:
        yield (_key(words.go_on, Press(story, sequence, None)),)
    if view.wait is not None and view.wait.skip is not None:
        yield (Key(_skip(view.wait.skip, words), encode(Press(story, sequence, 0))),)
    if view.ending is not None:
        yield (_key(words.play_again, Anew(story, sequence)),)


def _skip(price: Price, words: Phrases) -> str:
    before = "" if price.payable else _LOCKED
    after = " " + shorten(f"· {clean(words.say_price(price))}", _ADDITION)
    return f"{before}{words.do_not_wait}{after}"


def _key(label: str, button: Button) -> Key:
    return Key(label, encode(button))


def _label(choice: ChoiceView, words: Phrases) -> str:
    """Return a choice's label; where it is too long, its lock and its price are kept."""
    price = choice.price or (choice.lock.price if choice.lock else None)
    before = _LOCKED if choice.lock else ""
    after = " " + shorten(f"· {clean(words.say_price(price))}", _ADDITION) if price else ""
    text = _short(choice.text, BUTTON - units(before) - units(after))
    return f"{before}{text or '…'}{after}"


@lru_cache(maxsize=4096)
def _short(text: Rich, limit: int) -> str:
    return shorten(clean(plain(text)), limit)
