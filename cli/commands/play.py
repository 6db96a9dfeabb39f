"""`diana play`: a story in the terminal, for a person, a script or a playthrough."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..findings import compiled, show_findings, show_summary
from ..options import colour_option, database_option
from ..output import is_terminal, terminal_width, wants_colour, write

if TYPE_CHECKING:
    from diana_engine.adapters.terminal.player import Setting
    from diana_engine.adapters.terminal.screen import Look
    from diana_engine.adapters.terminal.scripted import ScriptMove
    from diana_engine.adapters.terminal.session import Session
    from diana_engine.play.playthrough import Playthrough
    from diana_engine.program.model import Program

__all__ = ["command"]

_LARGEST_SEED = 2**53 - 1
"""The largest that a playthrough may name too."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What the command line asks for."""

    story: Path | None
    database: str | None
    story_id: str | None
    seed: int | None
    choices: tuple[ScriptMove, ...] | None
    playthrough: Path | None
    witness: str | None
    write_playthrough: Path | None
    save: Path | None
    new: bool
    colour: str


def _choices(
    _ctx: click.Context, _parameter: click.Parameter, value: str | None
) -> tuple[ScriptMove, ...] | None:
    if value is None:
        return None
    from diana_engine.adapters.terminal.scripted import read_choices

    try:
        return read_choices(value)
    except ValueError as error:
        raise click.BadParameter(
            f"`{error}` is no choice. Write numbers from 1, and c to continue: 1,3,c,2."
        ) from error


@click.command("play", short_help="Play a story in the terminal.")
@click.argument("story", required=False, type=click.Path(path_type=Path))
@database_option
@click.option("--story", "story_id", metavar="ID", help="Which story of the database to play.")
@click.option(
    "--seed",
    type=click.IntRange(0, _LARGEST_SEED),
    help="Fix all chance: the same seed and choices are the same game.",
)
@click.option(
    "--choices",
    metavar="1,3,c",
    callback=_choices,
    help="Take these choices and show each step; c or 0 continues. Nothing is saved without --save.",
)
@click.option(
    "--playthrough",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Play a playthrough (tests/*.yaml), show each step and check what it expects.",
)
@click.option(
    "--witness",
    metavar="CODE:N",
    help="Play what shows a finding of `diana check`, as DIA501:1, and go on from there.",
)
@click.option(
    "--write-playthrough",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --witness: write its play as a playthrough (tests/*.yaml) too.",
)
@click.option(
    "--save",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the game is saved; otherwise in your own folder, or in that named by DIANA_SAVES.",
)
@click.option("--new", is_flag=True, help="Begin anew even if a game is saved.")
@colour_option
def command(**given: Any) -> int:
    """Play STORY, a folder or its story.yaml; without it, a story compiled into the database.

    Your place is saved after every step. Without a terminal, choices are read from the input, one a
    line, and nothing is saved without --save. A draft is played in spite of its errors, as far as
    they allow.
    """
    order = _Order(**given)
    _check(order)
    if order.witness is not None:
        return _rewatch(order, order.witness)
    program = _program(order)
    if program is None:
        return 1
    if order.playthrough is not None:
        return _watch(program, order.playthrough, order.colour)
    return _play(program, order)


def _check(order: _Order) -> None:
    if order.story is not None and (order.database or order.story_id):
        raise click.UsageError("Give STORY, or --database with --story; not both.")
    alone = (order.choices is not None, order.seed is not None, order.save is not None, order.new)
    if order.playthrough is not None and any(alone):
        raise click.UsageError("A playthrough has its own choices and seed, and is not saved.")
    own = (order.choices is not None, order.seed is not None, order.playthrough is not None)
    if order.witness is not None and (order.story is None or order.new or any(own)):
        raise click.UsageError("A witness is one of STORY, and has its own choices and seed.")
    if order.write_playthrough is not None and order.witness is None:
        raise click.UsageError("--write-playthrough writes the play of a --witness; name one.")


# The program


def _program(order: _Order) -> Program | None:
    if order.story is None:
        import asyncio

        return asyncio.run(_stored(order))
    result = compiled(order.story)
    if result.errors:
        show_findings(result.diagnostics, sys.stderr, order.colour, order.story)
        remark = (
            "; it cannot be played" if result.program is None else "; this draft is played as it is"
        )
        show_summary(result, sys.stderr, order.colour, remark)
    return result.program


async def _stored(order: _Order) -> Program:
    from diana_engine.database.connect import open_database
    from diana_engine.database.stories.repository import SqlStories
    from diana_engine.program.model import StoryId
    from diana_engine.runtime.clock import system_clock
    from diana_engine.runtime.versions.library import Library
    from diana_engine.settings import database_url

    async with await open_database(database_url(order.database), create=False) as database:
        library = Library(SqlStories(database, system_clock))
        return (await library.open(StoryId(order.story_id) if order.story_id else None)).program


# The game


def _play(program: Program, order: _Order) -> int:
    from diana_engine.adapters.terminal.opening import Wish, open_game
    from diana_engine.adapters.terminal.player import Setting
    from diana_engine.adapters.terminal.screen import note
    from diana_engine.program.codec import digest

    attended = order.choices is None and is_terminal(sys.stdin)
    save = order.save or (_own_place(program) if attended else None)
    wish = Wish(digest(program), partial(_new_seed, order), save, order.seed, order.new)
    opened = open_game(program, wish)
    look = _look(program, order.colour, attended=attended)
    for said in opened.notes:
        _tell(note(said, look), order.colour)
    if order.choices is not None:
        return _script(opened.session, order, order.choices, look)
    setting = Setting(wish.digest, wish.new_seed, save, attended)
    return _converse(opened.session, setting, order.colour)


def _new_seed(order: _Order) -> int:
    import secrets

    # Short enough to be typed again, and within what a playthrough may name.
    return secrets.randbits(32) if order.seed is None else order.seed


def _own_place(program: Program) -> Path:
    from diana_engine.adapters.terminal.saves import FOLDER, default_path

    named = os.environ.get(FOLDER, "").strip()
    folder = Path(named) if named else Path(click.get_app_dir("diana")) / "saves"
    return default_path(folder, program.story)


def _script(session: Session, order: _Order, moves: tuple[ScriptMove, ...], look: Look) -> int:
    from diana_engine.adapters.terminal.saves import Save, keep
    from diana_engine.adapters.terminal.scripted import ending_line, play_choices
    from diana_engine.program.codec import digest

    tell = partial(_tell, colour=order.colour)
    game = play_choices(session, moves, tell, look)
    if order.save is not None:
        keep(order.save, Save(game.program.story, digest(game.program), game.seed, game.moves))
    tell(ending_line(game.view) or "")
    return 0


def _converse(session: Session, setting: Setting, colour: str) -> int:
    from diana_engine.adapters.terminal.console import Lines, Person, forgiving
    from diana_engine.adapters.terminal.player import Player

    tell = partial(_tell, colour=colour)
    look = partial(_look, session.program, colour, attended=setting.attended)
    stream = forgiving(sys.stdin)
    console = Person(tell, look) if setting.attended else Lines(stream, tell, look)
    Player(session, console, setting).run()
    return 0


# A playthrough


def _watch(program: Program, path: Path, colour: str) -> int:
    from diana_engine.compiler.playthroughs import read_playthrough

    playthrough, found = read_playthrough(path)
    show_findings(found, sys.stderr, colour)
    if playthrough is None:
        return 1
    return _show(program, playthrough, colour)


def _show(program: Program, playthrough: Playthrough, colour: str) -> int:
    from diana_engine.adapters.terminal.scripted import ending_line, transcript
    from diana_engine.compiler.playthroughs import report
    from diana_engine.play.playthrough import run

    look = _look(program, colour, attended=False)
    holds, last = True, None
    for told, played in transcript(run(program, playthrough), look):
        _tell(told, colour)
        show_findings([report(one, playthrough) for one in played.findings], sys.stderr, colour)
        holds, last = holds and not played.findings, played.view
    if not holds or last is None:
        write(f"The playthrough {playthrough.id} does not hold.\n", to=sys.stderr)
        return 1
    stops = f"\nThe playthrough {playthrough.id} holds; it stops at {last.fragment}.\n"
    _tell(ending_line(last) or stops, colour)
    return 0


# A finding's play


def _rewatch(order: _Order, name: str) -> int:
    from diana_engine.adapters.terminal.player import Setting
    from diana_engine.program.codec import digest

    from ..replay import Replay, replay

    assert order.story is not None, "a witness is one of a story"
    wanted = Replay(order.story, name, order.write_playthrough, order.colour)
    attended = is_terminal(sys.stdin)
    look = partial(_look, colour=order.colour, attended=False)
    played = replay(wanted, partial(_tell, colour=order.colour), look)
    if played is None:
        return 1
    if attended:
        # A person's own saved game stays what it is, unless they name a place.
        save = order.save if played.lasting else None
        setting = Setting(digest(played.game.program), partial(_new_seed, order), save, attended)
        return _converse(played.game, setting, order.colour)
    return 0


# Showing


def _look(program: Program, colour: str, *, attended: bool) -> Look:
    from diana_engine.adapters.terminal.screen import Look
    from diana_engine.adapters.terminal.words import words

    return Look(
        words(program.language),
        terminal_width(sys.stdout),
        wants_colour(colour, sys.stdout, os.environ),
        "masked" if attended else "bracketed",
    )


def _tell(text: str, colour: str) -> None:
    write(text, colour=wants_colour(colour, sys.stdout, os.environ))
