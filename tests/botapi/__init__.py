"""A Telegram Bot API server for tests: real HTTP, a clock to turn, faults on order, no Telegram.

A bot under test talks to `BotApiServer` through its own HTTP client; a test talks as `Player`,
looks at what the bot has sent, and plans what goes wrong with `Faults`. Rules and sentences are
those of Telegram's own server and library, as far as their sources tell; `rules`, `keyboards` and
`markup` are pure and can be asked by themselves what Telegram would refuse.
"""

from botapi.clock import Clock
from botapi.errors import ApiError
from botapi.faults import (
    Cut,
    Delay,
    Garble,
    Hold,
    Refuse,
    bad_request,
    forbidden,
    migrated,
    server_error,
    too_many_requests,
)
from botapi.player import Player, Said, Screen, Tapped
from botapi.records import CallbackAnswer, CallbackQuery, Message
from botapi.server import BotApiServer, Call
from botapi.threaded import PlayerInThread, ServerInThread, serve_in_thread

__all__ = [
    "ApiError",
    "BotApiServer",
    "Call",
    "CallbackAnswer",
    "CallbackQuery",
    "Clock",
    "Cut",
    "Delay",
    "Garble",
    "Hold",
    "Message",
    "Player",
    "PlayerInThread",
    "Refuse",
    "Said",
    "Screen",
    "ServerInThread",
    "Tapped",
    "bad_request",
    "forbidden",
    "migrated",
    "serve_in_thread",
    "server_error",
    "too_many_requests",
]
