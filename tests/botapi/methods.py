"""The methods of the Bot API that this server knows, over a store and a queue of updates."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from botapi import rules
from botapi.entities import Formatted
from botapi.errors import ApiError, refusal
from botapi.keyboards import Markup, check_commands, read_markup
from botapi.media import KINDS, Files
from botapi.records import CallbackAnswer, Json, User
from botapi.store import Chat, Store
from botapi.updates import Poll, UpdateQueue
from botapi.wire import Params

__all__ = ["Methods"]

Handler: TypeAlias = Callable[[Params], object]

_ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice record_audio "
    "upload_audio upload_document choose_sticker find_location record_video_note "
    "upload_video_note".split()
)
_WEBHOOK_CONFLICT = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
_NO_WEBHOOK: Json = {"url": "", "has_custom_certificate": False}


class Methods:
    """One bot's methods, called by name."""

    def __init__(self, bot: User, store: Store, updates: UpdateQueue) -> None:
        self.webhook: Json = dict(_NO_WEBHOOK)
        self.on_webhook: Callable[[str, str], None] = lambda _url, _secret: None
        self._bot = bot
        self._store = store
        self._updates = updates
        self.files = Files()
        self._commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self._table: dict[str, Handler] = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "sendmessage": self._send_message,
            **{f"send{kind}": partial(self._send_medium, kind) for kind in KINDS},
            "sendmediagroup": self._send_media_group,
            "editmessagecaption": self._edit_message_caption,
            "editmessagetext": self._edit_message_text,
            "editmessagereplymarkup": self._edit_message_reply_markup,
            "deletemessage": self._delete_message,
            "answercallbackquery": self._answer_callback_query,
            "sendchataction": self._send_chat_action,
            "setmycommands": self._set_my_commands,
            "getmycommands": self._get_my_commands,
            "deletemycommands": self._delete_my_commands,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._set_webhook,
            "getwebhookinfo": self._get_webhook_info,
            "logout": self._nothing,
            "close": self._nothing,
        }

    async def call(self, name: str, params: Params) -> object:
        """Do what a method does and give its result; letters of either size name it.

        Raises:
            ApiError: there is no such method, or it refuses.
        """
        handler = self._table.get(name.lower())
        if handler is None:
            raise ApiError(404, "Not Found: method not found")
        result = handler(params)
        return await result if isinstance(result, Awaitable) else result

    def _get_me(self, params: Params) -> Json:
        del params
        abilities = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries")
        return self._bot.as_json() | dict.fromkeys(abilities, False)

    def _nothing(self, params: Params) -> bool:
        del params
        return True

    # Updates

    async def _get_updates(self, params: Params) -> list[Json]:
        if self.webhook["url"]:
            raise ApiError(409, _WEBHOOK_CONFLICT)
        self._updates.allow(params.lenient_object("allowed_updates"))
        limit = min(max(params.number("limit", 100), 1), 100)
        offset, timeout = params.number("offset"), params.number("timeout")
        return await self._updates.get(Poll(offset, limit, timeout, params.connected))

    def _set_webhook(self, params: Params) -> bool:
        """Say where updates should go; who serves this takes them there."""
        url, secret = params.text("url"), params.text("secret_token")
        if len(secret) > 256:
            raise refusal("secret token is too long")
        if params.flag("drop_pending_updates"):
            self._updates.drop_all()
        self._updates.allow(params.lenient_object("allowed_updates"))
        self.webhook = _NO_WEBHOOK | {"url": url}
        if url:
            connections = min(max(params.number("max_connections", 40), 1), 100)
            self.webhook |= {"max_connections": connections}
            self._updates.interrupt(ApiError(409, "Conflict: terminated by setWebhook request"))
        self.on_webhook(url, secret)
        return True

    def _get_webhook_info(self, params: Params) -> Json:
        del params
        return self.webhook | {"pending_update_count": len(self._updates.pending)}

    # Messages

    def _send_message(self, params: Params) -> Json:
        content = _content(params, edits=False)
        markup = _markup(params)
        chat = self._store.writable(params.text("chat_id"))
        return self._store.send(chat, content, markup).as_json()

    def _send_medium(self, kind: str, params: Params) -> Json:
        caption = _caption(params.given)
        markup = _markup(params)
        chat = self._store.writable(params.text("chat_id"))
        medium = self.files.take(kind, params.text(kind), params)
        return self._store.send(chat, caption, markup, medium).as_json()

    def _send_media_group(self, params: Params) -> list[Json]:
        chat = self._store.writable(params.text("chat_id"))
        album = self.files.album(params)
        captions = [_caption(beside) for _, beside in album]
        id_ = str(self.files.uploads + len(chat.messages) + 1)
        return [
            self._store.send(chat, caption, Markup(), medium, id_).as_json()
            for (medium, _), caption in zip(album, captions, strict=True)
        ]

    def _edit_message_caption(self, params: Params) -> Json:
        caption = _caption(
            params.given | {"caption_entities": params.lenient_object("caption_entities")}
        )
        chat, message_id, keyboard = self._edited(params)
        old = chat.messages.get(message_id)
        if old is not None and old.medium is None:
            raise refusal("There is no caption in the message to edit")
        return self._store.edit(chat, message_id, caption, keyboard.inline).as_json()

    def _edit_message_text(self, params: Params) -> Json:
        content = _content(params, edits=True)
        chat, message_id, keyboard = self._edited(params)
        old = chat.messages.get(message_id)
        if old is not None and old.medium is not None:
            raise refusal("There is no text in the message to edit")
        return self._store.edit(chat, message_id, content, keyboard.inline).as_json()

    def _edit_message_reply_markup(self, params: Params) -> Json:
        chat, message_id, keyboard = self._edited(params)
        return self._store.edit(chat, message_id, None, keyboard.inline).as_json()

    def _edited(self, params: Params) -> tuple[Chat, int, Markup]:
        if not params.text("chat_id") and not params.text("message_id"):
            raise refusal("Message identifier is not specified")
        keyboard = _markup(params)
        chat = self._store.writable(params.text("chat_id"))
        return chat, params.number("message_id"), keyboard

    def _delete_message(self, params: Params) -> bool:
        if not params.number("message_id"):
            raise refusal("Message identifier is not specified")
        chat = self._store.chat(params.text("chat_id"))
        self._store.delete(chat, params.number("message_id"))
        return True

    def _answer_callback_query(self, params: Params) -> bool:
        query_id, text = params.text("callback_query_id"), params.text("text")
        rules.check_callback_answer(text)
        alert, url = params.flag("show_alert"), params.text("url")
        self._store.answer(CallbackAnswer(query_id, text, alert, url))
        return True

    def _send_chat_action(self, params: Params) -> bool:
        action = params.text("action")
        if action not in _ACTIONS:
            raise refusal("Wrong parameter action in request")
        self._store.writable(params.text("chat_id")).actions.append(action)
        return True

    # Commands

    def _set_my_commands(self, params: Params) -> bool:
        given = params.object("commands", "Can't parse commands JSON object")
        self._commands[_scope(params)] = check_commands([] if given is None else given)
        return True

    def _get_my_commands(self, params: Params) -> list[dict[str, str]]:
        return self._commands.get(_scope(params), [])

    def _delete_my_commands(self, params: Params) -> bool:
        self._commands.pop(_scope(params), None)
        return True


def _content(params: Params, *, edits: bool) -> Formatted:
    text, mode = params.text("text"), params.text("parse_mode")
    return rules.check_text(text, mode, params.lenient_object("entities"), edits=edits)


def _caption(given: Mapping[str, Any]) -> Formatted:
    text, mode = str(given.get("caption", "")), str(given.get("parse_mode", ""))
    return rules.check_caption(text, mode, given.get("caption_entities"))


def _markup(params: Params) -> Markup:
    complaint = "Can't parse reply keyboard markup JSON object"
    return read_markup(params.object("reply_markup", complaint))


def _scope(params: Params) -> tuple[str, str]:
    scope = params.object("scope", "Can't parse BotCommandScope JSON object")
    named = {"type": "default"} if scope is None else scope
    return json.dumps(named, sort_keys=True), params.text("language_code")
