"""What is said to a player whom a timer wakes: that a wait is over, or the words of a reminder."""

from __future__ import annotations

from diana_engine.adapters.phrases import phrases
from diana_engine.adapters.telegram.showing.presenter import Presenter
from diana_engine.database.port import Message
from diana_engine.runtime.scheduler.firing import Wakeup

__all__ = ["CHANNELS", "waken"]

CHANNELS = "telegram:"
"""How the channel of every Telegram bot begins."""


def waken(wakeup: Wakeup) -> tuple[Message, ...]:
    """Show the scene, which can be gone on from now, or say a reminder. Players of other channels are not spoken to here."""
    if not wakeup.player.channel.startswith(CHANNELS):
        return ()
    say = Presenter(int(wakeup.player.user), phrases(wakeup.language))
    return say.reminded(wakeup.reminder) if wakeup.reminder else say.shown(wakeup.reply)
