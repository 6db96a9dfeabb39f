"""What a running Diana counts, for Prometheus; never by player, so that neither memory nor privacy suffers.

A registry of one's own, handed in like any other collaborator: two bots in one process, or two tests, do not share figures. Every label
has a few values that are known beforehand.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)


class Metrics:
    """The figures of one process. Names and labels are listed in `docs/operating.md`; a test compares the two."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(name, what, labels, registry=self.registry)

        def gauge(name: str, what: str, *labels: str) -> Gauge:
            return Gauge(name, what, labels, registry=self.registry)

        def histogram(name: str, what: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(name, what, buckets=buckets, registry=self.registry)

        self.updates = counter(
            "diana_updates", "Updates that came in, by what became of them.", "result"
        )
        self.update_seconds = histogram(
            "diana_update_seconds", "From an update's arrival to its commit.", _QUICK
        )
        self.steps = counter(
            "diana_steps", "Requests to the story, by what came of them.", "result"
        )
        self.step_seconds = histogram(
            "diana_step_seconds", "One request to the story, commit included.", _QUICK
        )
        self.plays_begun = counter("diana_plays_begun", "Plays that were begun.")
        self.plays_ended = counter("diana_plays_ended", "Plays that reached an ending.")
        self.players_active = gauge(
            "diana_players_active", "Players with a request in hand at this moment."
        )
        self.parked = counter(
            "diana_parked_updates", "Updates that were given up after repeated failures."
        )
        self.requests = counter(
            "diana_http_requests", "Requests to the webhook, by status.", "status"
        )
        self.shed = counter(
            "diana_shed",
            "Updates that were put off because too many were in hand, of the worker or of one player.",
            "limit",
        )
        self.sends = counter(
            "diana_sends",
            "Calls to Telegram, by method and what came of them.",
            "method",
            "outcome",
        )
        self.send_seconds = histogram("diana_send_seconds", "One call to Telegram.", _SLOW)
        self.floods = counter(
            "diana_floods",
            "Times that Telegram asked to slow down (429), for a chat or the bot.",
            "scope",
        )
        self.telegram_away = gauge(
            "diana_telegram_away", "1 while Telegram cannot be reached and sending rests."
        )
        self.outbox_depth = gauge("diana_outbox_depth", "Messages that wait to be sent.")
        self.outbox_oldest = gauge(
            "diana_outbox_oldest_seconds", "How long the oldest message waits that is due."
        )
        self.timers_late = gauge(
            "diana_timers_late_seconds", "How late the timer is that is due the longest."
        )
        self.timers_fired = counter("diana_timers_fired", "Timers that were dealt with.")
        self.events_told = counter(
            "diana_events_told",
            "Events that subscribers were told, by what came of it.",
            "subscriber",
            "outcome",
        )
        self.subscriber_lag = gauge(
            "diana_subscriber_lag", "Events that a subscriber was not told yet.", "subscriber"
        )
        self.wal_bytes = gauge(
            "diana_database_wal_bytes", "Size of SQLite's write-ahead log; 0 on PostgreSQL."
        )

    def render(self) -> bytes:
        """Return the figures as text, in Prometheus' format."""
        return generate_latest(self.registry)
