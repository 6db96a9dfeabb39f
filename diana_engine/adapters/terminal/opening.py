"""Beginning a game, or going on with a saved one: of a newer story too, and never losing what was saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from diana_engine.adapters.terminal.saves import Damaged, Save, load, put_aside
from diana_engine.adapters.terminal.session import Session, begin, resume
from diana_engine.adapters.terminal.words import words
from diana_engine.errors import DianaError
from diana_engine.program.model import Program

__all__ = ["Opened", "Wish", "open_game"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted: where seeds come from, where to save, if anywhere, and whether to begin anew in any case.

    `digest` is that of the program. `seed` is the one that was asked for, if any; `new_seed` then returns that too.
    """

    digest: str
    new_seed: Callable[[], int]
    save: Path | None = None
    seed: int | None = None
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A game, and what the player is to be told about how it was opened."""

    session: Session
    notes: tuple[str, ...] = ()


def open_game(program: Program, wish: Wish) -> Opened:
    """Return the saved game where there is one, else a new one.

    Raises:
        DianaError: the saved game cannot be read or put aside, belongs to another story, or the story cannot begin.
    """
    said = words(program.language)
    if wish.save is None:
        return Opened(begin(program, wish.new_seed()))
    if wish.anew:
        _remember(wish.save)
        return Opened(begin(program, wish.new_seed()))
    try:
        saved = load(wish.save)
    except Damaged:
        aside = put_aside(wish.save, "damaged")
        return Opened(begin(program, wish.new_seed()), (said.damaged.format(path=aside),))
    if saved is None:
        return Opened(begin(program, wish.new_seed()))
    return _go_on(program, saved, wish, wish.save)


def _remember(save: Path) -> None:
    """Keep the game that a new one replaces, one deep."""
    try:
        if save.exists():
            save.replace(save.with_name(f"{save.name}.previous"))
    except OSError as error:
        raise DianaError(f"The saved game {save} cannot be moved: {error.strerror}.") from error


def _go_on(program: Program, saved: Save, wish: Wish, path: Path) -> Opened:
    if saved.story != program.story:
        raise DianaError(
            f"{path} holds a saved game of the story `{saved.story}`, and this is `{program.story}`. "
            f"Name another file with `--save`."
        )
    said = words(program.language)
    session = resume(program, saved.seed, saved.moves)
    kept, every = len(session.moves), len(saved.moves)
    notes: list[str] = []
    if kept < every:
        aside = put_aside(path, "outdated")
        notes.append(said.outdated.format(all=every, kept=kept, path=aside))
    elif kept:
        notes.append(said.resumed if saved.program == wish.digest else said.changed)
    if wish.seed is not None and wish.seed != saved.seed:
        notes.append(said.other_seed)
    return Opened(session, tuple(notes))
