"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = ["cache_option", "colour_option", "database_option", "figures_option", "story_argument"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def story_argument(function: _Function) -> _Function:
    """Take `STORY`, a folder or its `story.yaml`, as `story`.

    Whether it is there is the compiler's to say, which knows what a story lacks.
    """
    return click.argument("story", type=click.Path(path_type=Path))(function)


def cache_option(function: _Function) -> _Function:
    """Take `--no-cache` as `cache`, which is true without it."""
    return click.option(
        "--no-cache",
        "cache",
        is_flag=True,
        flag_value=False,
        default=True,
        help="Read everything anew, and remember nothing of it (see `diana cache`).",
    )(function)


def colour_option(function: _Function) -> _Function:
    """Take `--color` as `colour`."""
    return click.option(
        "--color",
        "colour",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="When to use colour; auto heeds NO_COLOR, FORCE_COLOR and whether this is a terminal.",
    )(function)


def database_option(function: _Function) -> _Function:
    """Take `--database` as `database`."""
    return click.option(
        "--database",
        metavar="URL",
        help="A SQLite file or a postgresql:// URL; otherwise DIANA_DATABASE, then diana.db.",
    )(function)


def figures_option(function: _Function) -> _Function:
    """Take `--format` of what is measured, as `form`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["terminal", "json"]),
        default="terminal",
        show_default=True,
        help="For people, or for programs.",
    )(function)
