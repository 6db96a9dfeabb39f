"""The loop of a game in the terminal: show, ask, act, save.

Every way out leaves the game saved where it is to be saved: `q`, the end of the input, Ctrl-C; and since it is saved
after each move, so do a closed window and a power cut.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, assert_never

from diana_engine.adapters.terminal.backpack import backpack
from diana_engine.adapters.terminal.commands import (
    Await,
    Backpack,
    Command,
    Pick,
    Typed,
    Unknown,
    read_answer,
    read_command,
)
from diana_engine.adapters.terminal.saves import Save, keep
from diana_engine.adapters.terminal.screen import (
    Look,
    has_spoilers,
    note,
    one_line,
    reason,
    retry,
    scene,
)
from diana_engine.adapters.terminal.session import Move, Pass, Session
from diana_engine.errors import DianaError
from diana_engine.expressions.text import Plain
from diana_engine.play.actions import Answer, Choose, Combine, Continue, Skip
from diana_engine.play.combining import possible
from diana_engine.play.rules import EndlessPassage
from diana_engine.play.view import Price, View
from diana_engine.play.walk import Walk

__all__ = ["Console", "Player", "Setting"]

_QUOTED = 40
"""Characters of an unknown line that are repeated to whoever typed it."""


class Console(Protocol):
    """Where the player sits."""

    def ask(self, prompt: str) -> str:
        """Return the next line that is typed, without its end; raises `EOFError` and `KeyboardInterrupt`."""

    def tell(self, text: str) -> None:
        """Show some text."""

    def look(self) -> Look:
        """Say how to show things now: a window may have another size each time."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds a game: its program's digest, where seeds come from, and where it is saved, if anywhere.

    `attended` says whether somebody sits there who may need a hint.
    """

    digest: str
    new_seed: Callable[[], int]
    save: Path | None = None
    attended: bool = True


class Player:
    """A game under way at a console; `session` is where it stands."""

    def __init__(self, session: Session, console: Console, setting: Setting) -> None:
        self.session = session
        self._console = console
        self._setting = setting
        self._warned = False

    def run(self) -> None:
        """Play until the player leaves or the input ends; the game is then saved.

        Raises:
            KeyboardInterrupt: the player pressed Ctrl-C; the game is saved.
            DianaError: the game cannot be saved.
        """
        self._keep()
        self._show()
        if self._setting.attended:
            self._say(self._console.look().words.hint)
        try:
            while self.do(self._read(self._console.ask("> "))):
                pass
        except EOFError:
            self._leave()
        except KeyboardInterrupt:
            self._leave()
            raise
        else:
            self._leave()

    def _read(self, line: str) -> Command:
        return read_command(line) if self.session.view.ask is None else read_answer(line)

    def do(self, command: Command) -> bool:
        """Do what was typed; return whether the game goes on."""
        match command:
            case Pick(number):
                self._pick(number)
            case Unknown(line):
                self._puzzled(line)
            case Typed(words):
                self._answer(words)
            case Await(seconds):
                self._act(Pass(seconds))
            case Backpack(number):
                self._backpack(number)
            case "continue":
                self._go_on()
            case "undo":
                self._undo()
            case "restart":
                self._restart()
            case "save":
                self._save()
            case "reveal":
                self._reveal()
            case "help":
                self._help()
            case "quit":
                return False
            case _:
                assert_never(command)
        return True

    # Moves

    def _pick(self, number: int) -> None:
        view, words = self.session.view, self._console.look().words
        if number == 1 and view.wait is not None and view.wait.skip is not None:
            self._skip(view.wait.skip)
        elif not view.choices:
            self._say(self._hint(view))
        elif not 1 <= number <= len(view.choices):
            unknown = words.no_number.format(number=number)
            self._say(f"{unknown} {self._hint(view)}")
        elif (lock := view.choices[number - 1].lock) is not None:
            self._say(reason(lock, words))
        else:
            self._act(Choose(view.choices[number - 1].key))

    def _skip(self, price: Price) -> None:
        if price.payable:
            self._act(Skip())
        else:
            self._say(self._console.look().words.phrases.say_cannot_pay(price))

    def _answer(self, typed: str) -> None:
        ask = self.session.view.ask
        assert ask is not None, "nothing was asked"
        number = typed.strip()
        if number not in ask.options and number in map(str, range(1, len(ask.options) + 1)):
            typed = ask.options[int(number) - 1]
        self._act(Answer(typed))

    def _backpack(self, number: int | None) -> None:
        """Show what the player holds and can put together, or do the latter."""
        game, words = self.session, self._console.look().words
        found = possible(Walk(game.program, game.state, game.now))
        if number is None:
            self._say("\n".join(backpack(game.program, game.state, found, words)))
        elif 1 <= number <= len(found):
            self._act(Combine(found[number - 1].id))
        else:
            self._say(words.no_combination.format(number=number))

    def _go_on(self) -> None:
        view = self.session.view
        if view.can_continue:
            self._act(Continue())
        elif view.wait is not None:
            self.session, _ = self.session.act(Pass(view.wait.left))
            self._act(Continue())
        else:
            self._say(self._hint(view))

    def _act(self, move: Move) -> None:
        try:
            after, outcome = self.session.act(move)
        except EndlessPassage as error:
            self._say(str(error))
            return
        if outcome.refused is not None:
            ask = outcome.view.ask
            assert ask is not None, f"what was shown was refused: {outcome.refused}"
            self._say(retry(ask, self._console.look().words))
            return
        self._go_to(after)

    def _undo(self) -> None:
        words = self._console.look().words
        before = self.session.undo()
        if before is None:
            self._say(words.nothing_to_undo)
        else:
            self._say(words.undone)
            self._go_to(before)

    def _restart(self) -> None:
        words = self._console.look().words
        self._say(words.confirm.format(question=words.phrases.confirm_anew))
        if self._console.ask("> ").strip().casefold() in words.agree:
            self._go_to(self.session.anew(self._setting.new_seed()))
        else:
            self._say(words.unchanged)

    def _go_to(self, session: Session) -> None:
        self.session = session
        self._keep()
        self._show()

    # Saving

    def _write(self) -> None:
        game, place = self.session, self._setting.save
        if place is not None:
            keep(place, Save(game.program.story, self._setting.digest, game.seed, game.moves))

    def _keep(self) -> None:
        """Save by the way: trouble is told once, and must not stop the game."""
        try:
            self._write()
        except DianaError as error:
            if not self._warned:
                self._say(str(error))
            self._warned = True

    def _save(self) -> None:
        words = self._console.look().words
        try:
            self._write()
        except DianaError as error:
            self._say(str(error))
        else:
            place = self._setting.save
            self._say(words.saved.format(path=place) if place else words.unsaved)

    def _leave(self) -> None:
        self._write()
        if self._setting.save is not None:
            self._say(self._console.look().words.goodbye)

    # Showing

    def _show(self) -> None:
        view = self.session.view
        self._console.tell(scene(view, self._console.look()))
        if not (view.choices or view.can_continue or view.ask or view.wait):
            self._say(self._hint(view))

    def _reveal(self) -> None:
        look, view = self._console.look(), self.session.view
        if has_spoilers(view):
            self._console.tell(scene(view, replace(look, spoilers="bracketed")))
        else:
            self._say(look.words.not_shown)

    def _help(self) -> None:
        words = self._console.look().words
        self._say(f"{words.help}\n{words.set_by.format(seed=self.session.seed)}")

    def _puzzled(self, line: str) -> None:
        typed = one_line((Plain(line),))
        quoted = typed if len(typed) <= _QUOTED else f"{typed[: _QUOTED - 1]}…"
        words = self._console.look().words
        self._say(words.unknown.format(line=quoted) if quoted else self._hint(self.session.view))

    def _hint(self, view: View) -> str:
        words = self._console.look().words
        if view.choices:
            return words.choose.format(last=len(view.choices))
        if view.can_continue:
            return words.one_way
        if view.wait is not None:
            return words.waiting.format(left=words.phrases.say_left(view.wait))
        if view.ask is not None:
            return words.phrases.say_ask(view.ask)
        return words.over if view.ending is not None else words.stuck

    def _say(self, text: str) -> None:
        self._console.tell(note(text, self._console.look()))
