"""One claimed message on its way: kept within the limits, tried, and reported.

Telegram has no key that would make a repeated `sendMessage` harmless. A story's text is therefore sent again when it is
unknown whether it arrived: better twice than never, but not for ever. Decoration is dropped then, and wherever it would
hold back a story. What must wait long goes back to the outbox with the time when it may go; seconds are waited for here.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import OrderedDict
from contextlib import suppress
from typing import assert_never

from structlog.contextvars import bound_contextvars

from diana_engine.adapters.telegram.api.outcomes import (
    Delivered,
    Flooded,
    Gone,
    Moved,
    Outcome,
    Refused,
    Unknown,
    Unsent,
)
from diana_engine.adapters.telegram.sending.delivering import Deliverer, is_quick, message_id
from diana_engine.adapters.telegram.sending.office import Office
from diana_engine.adapters.telegram.sending.pacing import Kind
from diana_engine.database.ports.outbox import Claimed
from diana_engine.errors import DianaError

__all__ = ["Carrier"]

_log = logging.getLogger(__name__)

_MOVED = 1_000
"""How many groups' new numbers are remembered."""
_PAUSES = (0, 2, 10, 60, 120)
"""Seconds before a message is sent again of which nobody knows whether it arrived, the first time and later."""


class Carrier:
    """Carries messages, each to its end: sent, given back, or given up."""

    def __init__(self, office: Office, deliverer: Deliverer) -> None:
        self._office = office
        self._deliverer = deliverer
        self._moved: OrderedDict[int, int] = OrderedDict()
        self._in_air: set[int] = set()

    async def carry(self, claimed: Claimed) -> None:
        """Carry one message. Nothing that befalls it is raised; a worker that stops may cancel this."""
        payload = claimed.message.payload
        update = payload.get("update") if isinstance(payload, dict) else None
        with bound_contextvars(correlation=f"update:{update}", message=claimed.id):
            try:
                await self._carry(claimed)
            except asyncio.CancelledError:
                await self._cut_off(claimed)
                raise
            except DianaError as error:
                # Its lease will end, and then nobody will know whether it arrived.
                _log.warning("what became of message %d cannot be noted: %s", claimed.id, error)
            except Exception as error:  # noqa: BLE001 - one message's trouble must not be another's
                _log.exception("message %d cannot be sent, by a mistake of ours", claimed.id)
                await self._fail(claimed, type(error).__name__)
            finally:
                self._in_air.discard(claimed.id)

    async def _carry(self, claimed: Claimed) -> None:
        office, manner = self._office, self._office.manner
        drops = claimed.message.policy == "drop"
        kind: Kind = "edit" if drops else "send"
        patience = manner.courtesy if drops else manner.short
        tries, latest = 0, office.now() + manner.lease / 4
        while True:
            chat = self._address(claimed)
            wait = office.pacer.due(chat, kind, office.now()) - office.now()
            if wait > patience or office.now() + wait > latest:
                return await self._postpone(claimed, chat, wait)
            if wait > 0:
                await asyncio.sleep(wait)
            office.pacer.sent(chat, kind, office.now())
            claimed, outcome = await self._call(claimed, chat)
            tries += 1
            if not await self._again(outcome, chat, kind, tries):
                return await self._report(claimed, chat, outcome)

    async def _call(self, claimed: Claimed, chat: int) -> tuple[Claimed, Outcome]:
        """Make the calls of a message, and return its claim as it is afterwards."""
        self._in_air.add(claimed.id)
        if is_quick(claimed):
            outcome = await self._deliverer.deliver(claimed, chat)
        else:
            claimed, outcome = await self._call_and_renew(claimed, chat)
        self._in_air.discard(claimed.id)
        return claimed, outcome

    async def _call_and_renew(self, claimed: Claimed, chat: int) -> tuple[Claimed, Outcome]:
        """Send files, which may take minutes, and keep the claim meanwhile."""
        office, lease = self._office, self._office.manner.lease
        calling = asyncio.create_task(self._deliverer.deliver(claimed, chat))
        try:
            while not (await asyncio.wait((calling,), timeout=lease / 3))[0]:
                with suppress(DianaError):
                    kept = await office.outbox.renew(claimed, office.clock() + lease)
                    claimed = kept or claimed
        finally:
            calling.cancel()
        return claimed, await calling

    def _address(self, claimed: Claimed) -> int:
        chat = int(claimed.message.chat)
        return self._moved.get(chat, chat)

    async def _again(self, outcome: Outcome, chat: int, kind: Kind, tries: int) -> bool:
        """Learn from an outcome, and return whether the message is to be tried again as soon as it may go."""
        office = self._office
        match outcome:
            case Flooded(seconds):
                office.breaker.answered()
                everywhere = office.pacer.flooded(chat, kind, seconds, office.now())
                office.metrics.floods.labels("bot" if everywhere else "chat").inc()
                if everywhere:
                    await office.close(seconds)
                return True
            case Moved(new):
                self._moved[chat] = new
                while len(self._moved) > _MOVED:
                    self._moved.popitem(last=False)
                return tries < 3
            case Unsent() | Unknown():
                office.breaker.failed(office.now())
                # An edit that was made is only found made, so trying again is harmless.
                return kind == "edit" and tries < 2
            case Delivered() | Gone() | Refused():
                office.breaker.answered()
                return False
            case other:
                assert_never(other)

    async def _cut_off(self, claimed: Claimed) -> None:
        """Say what is known of a message whose worker stops: it was not sent yet, or nobody knows."""
        outbox, now, why = self._office.outbox, self._office.clock(), "the worker stopped"
        with suppress(DianaError):
            if claimed.id in self._in_air:
                await outbox.unknown(claimed, now, why)
            else:
                await outbox.retry(claimed, now, why)

    # Reports ----------------------------------------------------------------------------------------

    async def _postpone(self, claimed: Claimed, chat: int, wait: float) -> None:
        """Give a message back until it may go; decoration is not worth holding back what comes after it."""
        why = "Telegram asked to wait"
        if claimed.message.policy == "drop":
            await self._do_less(claimed, chat, why)
        else:
            await self._try_later(claimed, math.ceil(wait), why)

    async def _report(self, claimed: Claimed, chat: int, outcome: Outcome) -> None:
        match outcome:
            case Delivered(result):
                await self._sent(claimed, message_id(result))
            case Gone(reason):
                await self._pause(claimed, reason)
            case Unknown(reason) | Unsent(reason) if claimed.message.policy == "drop":
                await self._do_less(claimed, chat, reason)
            case Unknown(reason):
                _log.info("nobody knows whether message %d arrived: %s", claimed.id, reason)
                await self._unknown(claimed, reason)
            case Unsent(reason):
                _log.info("message %d was not sent: %s", claimed.id, reason)
                manner = self._office.manner
                wait = manner.away.wait(claimed.attempts, manner.chance)
                await self._try_later(claimed, math.ceil(wait), reason)
            case Refused(reason):
                _log.warning("Telegram does not take message %d: %s", claimed.id, reason)
                await self._fail(claimed, reason)
            case Flooded() | Moved():
                await self._fail(claimed, "the group moves on and on")
            case other:
                assert_never(other)

    async def _do_less(self, claimed: Claimed, chat: int, reason: str) -> None:
        """Do the least that an edit is for, by another method of Telegram's, or else nothing."""
        if isinstance(await self._deliverer.do_less(claimed, chat), Delivered):
            await self._sent(claimed, None)
        else:
            await self._give_up(claimed, reason)

    async def _sent(self, claimed: Claimed, number: int | None) -> None:
        _log.debug("message %d was sent", claimed.id)
        office = self._office
        await office.tell(lambda: office.outbox.sent(claimed, number, office.clock()))

    async def _pause(self, claimed: Claimed, reason: str) -> None:
        """Send nothing more to somebody who is not there, until they are back; who has come back meanwhile gets it once more."""
        office = self._office
        if await office.tell(lambda: office.outbox.gone(claimed, reason)):
            _log.info("nobody to answer to, so nothing more is sent to that chat: %s", reason)
        else:
            await self._try_later(claimed, 0, "the player came back meanwhile")

    async def _unknown(self, claimed: Claimed, reason: str) -> None:
        """Have a story's text sent once more, after ever longer pauses; give it up when it was sent into the dark too often."""
        office = self._office
        if claimed.unknowns + 1 >= office.manner.unknowns:
            await self._give_up(claimed, reason)
            return
        at = office.clock() + _PAUSES[min(claimed.unknowns, len(_PAUSES) - 1)]
        await office.tell(lambda: office.outbox.unknown(claimed, at, reason))

    async def _fail(self, claimed: Claimed, reason: str) -> None:
        """Try again after a while what was refused, if it was not refused too often."""
        if claimed.message.policy == "drop" or claimed.attempts >= self._office.manner.refusals:
            await self._give_up(claimed, reason)
        else:
            await self._try_later(claimed, claimed.attempts, reason)

    async def _try_later(self, claimed: Claimed, seconds: int, reason: str) -> None:
        office = self._office
        at = office.clock() + seconds
        await office.tell(lambda: office.outbox.retry(claimed, at, reason))

    async def _give_up(self, claimed: Claimed, reason: str) -> None:
        level = logging.DEBUG if claimed.message.policy == "drop" else logging.ERROR
        _log.log(level, "message %d is given up: %s", claimed.id, reason)
        office = self._office
        await office.tell(lambda: office.outbox.dead(claimed, reason))
