"""What is noted of a delivery that failed by a mistake of ours, and told once it is given up."""

from __future__ import annotations

from typing import assert_never

from diana_engine.database.port import Delivery, Failure, Fired
from diana_engine.database.steps.written import plain
from diana_engine.runtime.events.catalogue import ErrorOccurred, as_event

__all__ = ["failure"]


def failure(delivery: Delivery, error: str) -> Failure:
    """Return the failure of a delivery, in words that every database takes: an error may quote what a player wrote."""
    what, correlation = _names(delivery)
    words = plain(error)
    return Failure(delivery, words, as_event(ErrorOccurred(what, words), correlation))


def _names(delivery: Delivery) -> tuple[str, str]:
    """Return how a delivery is called in an event, and how everything that comes of it is."""
    match delivery:
        case Fired(key, due_at):
            return f"timer {key} due at {due_at}", f"timer:{key}@{due_at}"
        case int():
            return f"update {delivery}", f"update:{delivery}"
        case _:
            assert_never(delivery)
