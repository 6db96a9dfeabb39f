"""The one way in for every update, however it came: by a poll or by a webhook.

`attend` returns once an update may be acknowledged: its step is committed, or it was parked because it fails every time. It raises
where the database is away; then nothing was changed, and the update must come again. What only the person waits for,
such as the end of a button's spinning, is done afterwards.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import perf_counter

from structlog.contextvars import bind_contextvars

from diana_engine.adapters.telegram.receiving.updates import Incoming
from diana_engine.errors import DianaError
from diana_engine.records import dataclass
from diana_engine.runtime.backoff import Backoff
from diana_engine.runtime.locks import BusyError
from diana_engine.runtime.metrics import Metrics

__all__ = ["POISON", "Courtesy", "Intake"]

_log = logging.getLogger(__name__)

POISON = Backoff(0.5, 5.0, attempts=3, least=0.5)
"""How an update is tried that fails for another reason than an absent database."""


@dataclass(frozen=True, slots=True)
class Courtesy:
    """The answer to a tap: it stops the button's spinning, and may say something."""

    query: str
    text: str | None = None
    alert: bool = False


Handle = Callable[[Incoming], Awaitable[Courtesy | None]]
Park = Callable[[Incoming, str, int], Awaitable[bool]]


class Intake:
    """Hands updates to `handle`, a few times if need be, and counts them.

    `park` notes a failure where every worker sees it, and says whether the update was given up because of it.
    """

    def __init__(
        self, handle: Handle, park: Park, metrics: Metrics, poison: Backoff = POISON
    ) -> None:
        self._handle = handle
        self._park = park
        self._metrics = metrics
        self._poison = poison

    async def attend(self, incoming: Incoming) -> Courtesy | None:
        """Handle an update to where it may be acknowledged; return what the person is still to be told.

        Raises:
            DianaError: the database is away, or too much is in hand; nothing was changed.
        """
        began = perf_counter()
        result = "deferred"
        # Whoever takes updates one after another takes the next one's too, so nothing need be put back.
        bind_contextvars(correlation=f"update:{incoming.update}")
        try:
            courtesy, result = await self._try(incoming)
        except BusyError as error:
            result = "shed"
            self._metrics.shed.labels("worker" if error.full == "all" else "player").inc()
            raise
        finally:
            self._metrics.updates.labels(result).inc()
        self._metrics.update_seconds.observe(perf_counter() - began)
        return courtesy

    def unreadable(self, update: int, error: Exception) -> None:
        """Note an update that has not what all of its kind have: it can only be acknowledged."""
        self._metrics.updates.labels("unreadable").inc()
        _log.error("update %d is skipped, it cannot be read: %s", update, error)

    async def _try(self, incoming: Incoming) -> tuple[Courtesy | None, str]:
        attempt = 0
        while True:
            try:
                return await self._handle(incoming), "handled"
            except DianaError:
                raise
            except Exception as error:  # noqa: BLE001 - one player's trouble must not be another's
                attempt += 1
                if await self._fail(incoming, error, attempt):
                    return None, "parked"
                _log.warning("update %d failed, trying again: %s", incoming.update, error)
                await asyncio.sleep(self._poison.wait(attempt))

    async def _fail(self, incoming: Incoming, error: Exception, attempt: int) -> bool:
        """Note a failure, and return whether it was the last that is put up with."""
        most = self._poison.attempts
        # Whoever is no player has nowhere to be parked: then only this worker's own count is left.
        if not await self._parked(incoming, error, most) and attempt < most:
            return False
        self._metrics.parked.inc()
        _log.error(
            "update %d is skipped after %d attempts", incoming.update, attempt, exc_info=error
        )
        return True

    async def _parked(self, incoming: Incoming, error: Exception, most: int) -> bool:
        """Note a failure where every worker sees it; what goes wrong with that too must hold nobody up."""
        try:
            return await self._park(incoming, type(error).__name__, most)
        except DianaError:
            raise
        except Exception:  # noqa: BLE001 - the update is what matters, and is counted here too
            _log.exception("the failure of update %d cannot be noted", incoming.update)
            return False
