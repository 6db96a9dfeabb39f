"""Plugins: installed packages that bring subscribers.

A package names a function under the entry points ``diana.plugins``; the function takes nothing and returns subscribers. What a plugin raises
while it is loaded is told to the operator with the plugin's name, and the bot runs without that plugin.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol

from diana_engine.errors import DianaError
from diana_engine.runtime.bus.subscribers import Subscriber

__all__ = ["GROUP", "Plugin", "plugins"]

GROUP = "diana.plugins"

_log = logging.getLogger(__name__)


class Plugin(Protocol):
    """What an entry point names."""

    def __call__(self) -> Iterable[Subscriber]:
        """Return the subscribers. Their names are told apart by the entry point's, which comes before them."""


def plugins(found: Iterable[EntryPoint] | None = None) -> tuple[Subscriber, ...]:
    """Return the subscribers of every plugin that can be loaded, by default of all that are installed."""
    points = entry_points(group=GROUP) if found is None else found
    return tuple(one for point in points for one in _loaded(point))


def _loaded(point: EntryPoint) -> tuple[Subscriber, ...]:
    try:
        return tuple(_named(point))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything, and takes nothing down
        package = f" of the package {point.dist.name} {point.dist.version}" if point.dist else ""
        _log.error(
            "the plugin `%s`%s is left out: %s", point.name, package, _words(error), exc_info=error
        )
        return ()


def _named(point: EntryPoint) -> Iterator[Subscriber]:
    plugin = point.load()
    if not callable(plugin):
        raise DianaError(f"`{point.value}` is no function.")
    for subscriber in plugin():
        if not isinstance(subscriber, Subscriber):
            raise DianaError(f"It gave a {type(subscriber).__name__} where a Subscriber belongs.")
        yield replace(subscriber, name=f"{point.name}.{subscriber.name}".lower())


def _words(error: BaseException) -> str:
    return str(error) if isinstance(error, DianaError) else f"{type(error).__name__}: {error}"
