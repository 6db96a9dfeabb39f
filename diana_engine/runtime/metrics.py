"""What a running Diana counts, for Prometheus; never by player, so that neither memory nor privacy suffers.

A registry of one's own, handed in like any other collaborator: two bots in one process, or two tests, do not share figures. Every label
has a few values that are known beforehand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["CONTENT_TYPE", "Counters", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)


class Counters:
    """A counter for each value of some labels; `labels` returns the one for the values it is given.

    To find it takes the library longer than to count, and there are few: so each is looked for once.
    """

    __slots__ = ("labels",)

    def __init__(self, all_of_them: Counter) -> None:
        self.labels: Callable[..., Counter] = cache(all_of_them.labels)


class _Makes:
    """Makes the figures of one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def counter(self, name: str, what: str) -> Counter:
        return Counter(name, what, registry=self._registry)

    def counters(self, name: str, what: str, *labels: str) -> Counters:
        return Counters(Counter(name, what, labels, registry=self._registry))

    def gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(name, what, labels, registry=self._registry)

    def histogram(self, name: str, what: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, what, buckets=buckets, registry=self._registry)


class Metrics:
    """The figures of one process. Names and labels are listed in `docs/operating.md`; a test compares the two."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        makes = _Makes(self.registry)
        self._of_updates(makes)
        self._of_plays(makes)
        self._of_sending(makes)
        self._of_what_waits(makes)

    def _of_updates(self, makes: _Makes) -> None:
        self.updates = makes.counters(
            "diana_updates", "Updates that came in, by what became of them.", "result"
        )
        self.update_seconds = makes.histogram(
            "diana_update_seconds", "From an update's arrival to its commit.", _QUICK
        )
        self.parked = makes.counter(
            "diana_parked_updates", "Updates that were given up after repeated failures."
        )
        self.requests = makes.counters(
            "diana_http_requests", "Requests to the webhook, by status.", "status"
        )
        self.shed = makes.counters(
            "diana_shed",
            "Updates that were put off because too many were in hand, of the worker or of one player.",
            "limit",
        )

    def _of_plays(self, makes: _Makes) -> None:
        self.steps = makes.counters(
            "diana_steps", "Requests to the story, by what came of them.", "result"
        )
        self.step_seconds = makes.histogram(
            "diana_step_seconds", "One request to the story, commit included.", _QUICK
        )
        self.plays_begun = makes.counter("diana_plays_begun", "Plays that were begun.")
        self.plays_ended = makes.counter("diana_plays_ended", "Plays that reached an ending.")
        self.players_active = makes.gauge(
            "diana_players_active", "Players with a request in hand at this moment."
        )

    def _of_sending(self, makes: _Makes) -> None:
        self.sends = makes.counters(
            "diana_sends",
            "Calls to Telegram, by method and what came of them.",
            "method",
            "outcome",
        )
        self.send_seconds = makes.histogram("diana_send_seconds", "One call to Telegram.", _SLOW)
        self.floods = makes.counters(
            "diana_floods",
            "Times that Telegram asked to slow down (429), for a chat or the bot.",
            "scope",
        )
        self.telegram_away = makes.gauge(
            "diana_telegram_away", "1 while Telegram cannot be reached and sending rests."
        )
        self.outbox_depth = makes.gauge("diana_outbox_depth", "Messages that wait to be sent.")
        self.outbox_oldest = makes.gauge(
            "diana_outbox_oldest_seconds", "How long the oldest message waits that is due."
        )

    def _of_what_waits(self, makes: _Makes) -> None:
        self.timers_late = makes.gauge(
            "diana_timers_late_seconds", "How late the timer is that is due the longest."
        )
        self.timers_fired = makes.counter("diana_timers_fired", "Timers that were dealt with.")
        self.events_told = makes.counters(
            "diana_events_told",
            "Events that subscribers were told, by what came of it.",
            "subscriber",
            "outcome",
        )
        self.subscriber_lag = makes.gauge(
            "diana_subscriber_lag", "Events that a subscriber was not told yet.", "subscriber"
        )
        self.wal_bytes = makes.gauge(
            "diana_database_wal_bytes", "Size of SQLite's write-ahead log; 0 on PostgreSQL."
        )

    def render(self) -> bytes:
        """Return the figures as text, in Prometheus' format."""
        return generate_latest(self.registry)
