"""What the bot says to each reply of the story, as rows for the outbox: pure, so that it can be decided with the step.

How a chat reads. A tap does not replace the scene it belongs to: that message keeps its text, its
buttons give way to the words that were chosen, and the next scene is a message of its own below.
So the chat can be scrolled back and read from the beginning as a story, which editing one message
for ever would destroy; and there is never more than one set of buttons that does anything.

A stale tap changes nothing. It is told that the moment has passed, its buttons go, and the present
scene is shown once more, unless it is known to stand right below: after a double tap, or when it
was brought down already. So nobody can fill a chat by pressing an old button again and again.
"""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.adapters.phrases import Phrases
from diana_engine.adapters.telegram.receiving.updates import Tappable
from diana_engine.adapters.telegram.showing.markup import pages
from diana_engine.adapters.telegram.showing.payloads import (
    SCENE,
    Away,
    Disarm,
    Live,
    Payload,
    Settle,
    Show,
    Write,
    pack,
)
from diana_engine.adapters.telegram.showing.screen import Screen, confirmation, notice, retry, scene
from diana_engine.database.ports.outbox import Message, Policy
from diana_engine.expressions.text import Rich
from diana_engine.play.view import AskView, View
from diana_engine.program.media import albums
from diana_engine.records import dataclass
from diana_engine.runtime.requests import Reply

__all__ = ["Presenter"]


@dataclass(frozen=True, slots=True)
class Presenter:
    """What is said in one chat because of one update, or of none; all methods return rows in their order."""

    chat: int
    words: Phrases
    update: int | None = None

    def shown(self, reply: Reply, hint: str | None = None) -> tuple[Message, ...]:
        """Show the scene, after a word of the program's own if there is one; whatever showed a scene before loses its buttons."""
        if reply.view is None:
            return ()
        before = () if reply.sequence == 1 and reply.outcome == "started" else (self._disarm(),)
        said = self._screen(notice(hint)) if hint else ()
        return (*said, *before, *self._scene(reply))

    def answered(self, reply: Reply) -> tuple[Message, ...]:
        """Say what came of something that was typed."""
        match reply.outcome, reply.view:
            case "moved" | "repeated", _:
                return self.shown(reply)
            case _, View(ask=AskView() as ask):
                return self._screen(retry(ask, self.words))
            case _:
                return self.shown(reply, self.words.use_buttons)

    def moved(self, reply: Reply, tapped: Tappable) -> tuple[Message, ...]:
        """Close the message that was tapped, and show the scene to which it led."""
        return (self._settle(tapped), *self._scene(reply, tapped=tapped.id))

    def stayed(self, reply: Reply, tapped: Tappable) -> tuple[Message, ...]:
        """Close the question whether to begin anew, and show the scene as it was."""
        return (self._settle(tapped), *self.shown(reply))

    def stale(self, reply: Reply, tapped: int) -> tuple[Message, ...]:
        """Take the old buttons away, and bring the present scene down if it is not there yet."""
        if reply.view is None:
            return ()
        away = Away(tapped, reply.sequence)
        return (
            self._row(Disarm(message=tapped, away=away, update=self.update), "drop"),
            self._disarm(away),
            *self._scene(reply, away=away),
        )

    def helped(self) -> tuple[Message, ...]:
        """Say how to play."""
        return self._screen(notice(self.words.say_help()))

    def reminded(self, words: Rich) -> tuple[Message, ...]:
        """Say the words of a reminder; the scene with its buttons stands above."""
        return self._screen(Screen(pages(words)))

    def asked_anew(self, reply: Reply) -> tuple[Message, ...]:
        """Ask whether to begin anew; the answer holds only while nothing changes."""
        return self._screen(confirmation(reply.story_token, reply.sequence, self.words))

    # Rows

    def _scene(
        self, reply: Reply, *, tapped: int | None = None, away: Away | None = None
    ) -> tuple[Message, ...]:
        """Show the scene: to which the message `tapped` led, or once more where it is `away`."""
        assert reply.view is not None, "a play that was begun has a scene"
        screen = scene(reply.view, reply.story_token, reply.sequence, self.words)
        shown = Live(reply.sequence, tapped, again=away is not None)
        return self._screen(screen, shown, away)

    def _screen(
        self, screen: Screen, live: Live | None = None, away: Away | None = None
    ) -> tuple[Message, ...]:
        *before, last = self._payloads(screen, live, away)
        kind = SCENE if live is not None else ""
        return (*(self._row(one) for one in before), self._row(last, kind=kind))

    def _payloads(self, screen: Screen, live: Live | None, away: Away | None) -> Iterator[Payload]:
        rows, update = screen.rows, self.update
        caption, words = screen.caption, screen.pages[-1].html
        if caption is not None:
            yield Show(
                media=screen.media, caption=caption.html, words=words, rows=rows, live=live,
                update=update, away=away,
            )  # fmt: skip
            return
        for album in albums(screen.media):
            together = tuple(screen.media[index] for index in album)
            yield Show(media=together, update=update, away=away)
        for page in screen.pages[:-1]:
            yield Write(html=page.html, update=update, away=away)
        yield Write(html=words, rows=rows, live=live, update=update, away=away)

    def _settle(self, tapped: Tappable) -> Message:
        settle = Settle(
            message=tapped.id, text=tapped.text, entities=tapped.entities, captioned=tapped.captioned,
            chosen=tapped.pressed, update=self.update,
        )  # fmt: skip
        return self._row(settle, "drop")

    def _disarm(self, away: Away | None = None) -> Message:
        return self._row(Disarm(update=self.update, away=away), "drop")

    def _row(self, payload: Payload, policy: Policy = "again", *, kind: str = "") -> Message:
        return Message(str(self.chat), pack(payload), kind, "reply", policy)
