"""Diana: stories written in YAML, proved playable, served without losing a step."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diana_engine.compiler.compilation import Compilation
    from diana_engine.compiler.pipeline import compile_story
    from diana_engine.diagnostics.model import Diagnostic
    from diana_engine.errors import DianaError
    from diana_engine.play import look, step
    from diana_engine.play.actions import Action, Choose, Continue, Start
    from diana_engine.play.outcome import Outcome
    from diana_engine.play.state import Moment, PlayerState
    from diana_engine.play.view import View
    from diana_engine.program.model import Program
    from diana_engine.runtime.bus.subscribers import Event, Subscriber

__all__ = [
    "Action",
    "Choose",
    "Compilation",
    "Continue",
    "Diagnostic",
    "DianaError",
    "Event",
    "Moment",
    "Outcome",
    "PlayerState",
    "Program",
    "Start",
    "Subscriber",
    "View",
    "compile_story",
    "look",
    "step",
]

# Whoever wants the version of the package should not wait for the compiler, so a name is fetched when it is asked for.
_HOMES = {
    "Action": "play.actions",
    "Choose": "play.actions",
    "Compilation": "compiler.compilation",
    "Continue": "play.actions",
    "Diagnostic": "diagnostics.model",
    "DianaError": "errors",
    "Event": "runtime.bus.subscribers",
    "Moment": "play.state",
    "Outcome": "play.outcome",
    "PlayerState": "play.state",
    "Program": "program.model",
    "Start": "play.actions",
    "Subscriber": "runtime.bus.subscribers",
    "View": "play.view",
    "compile_story": "compiler.pipeline",
    "look": "play",
    "step": "play",
}


def __getattr__(name: str) -> object:
    """Return a public name from the module that defines it."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
