"""Files that a bot sends: uploaded or named again, alone or as an album, with what Telegram refuses about them.

The sentences are those of telegram-bot-api and TDLib where they are known. A name (`file_id`) is good for its own kind only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from botapi.errors import ApiError, refusal
from botapi.wire import Attached, Params

__all__ = ["KINDS", "Files", "Sent"]

KINDS = ("photo", "video", "audio", "voice", "animation", "document")
_MEGABYTE = 1_000_000
_WRONG_NAME = "wrong file identifier/HTTP URL specified"
_FAMILIES = {"photo": "seen", "video": "seen", "audio": "audio", "document": "document"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as a message shows it."""

    kind: str
    file_id: str
    name: str
    content: bytes

    def as_json(self) -> Any:
        """Give the object that stands in a message; of a picture there are several sizes, the largest last."""
        described = {"file_id": self.file_id, "file_unique_id": self.file_id[::-1]}
        described |= {"file_size": len(self.content)}
        if self.kind != "photo":
            measured = {"width": 320, "height": 240} if self.kind in ("video", "animation") else {}
            timed = {} if self.kind == "document" else {"duration": 1}
            return described | {"file_name": self.name} | measured | timed
        small = described | {"file_id": f"small-{self.file_id}", "width": 90, "height": 90}
        return [small, described | {"width": 800, "height": 800}]


@dataclass(slots=True)
class Files:
    """Every file that the bot has uploaded; `uploads` counts them."""

    known: dict[str, Sent] = field(default_factory=dict)
    uploads: int = 0
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def forget(self) -> None:
        """Let every name be good for nothing any more."""
        self.known.clear()

    def take(self, kind: str, given: object, params: Params) -> Sent:
        """Give the file that a parameter names or carries."""
        words = str(given or "")
        if not words:
            raise refusal(f"there is no {kind} in the request")
        if not words.startswith("attach://"):
            sent = self.known.get(words)
            if sent is None:
                raise refusal(_WRONG_NAME)
            if sent.kind != kind:
                raise refusal("type of file mismatch")
            return sent
        return self._upload(kind, params.files.get(words.removeprefix("attach://")))

    def _upload(self, kind: str, attached: Attached | None) -> Sent:
        if attached is None:
            raise refusal("attached file not found")
        if not attached.content:
            raise refusal("file must be non-empty")
        limit = 10 if kind == "photo" else 50
        if len(attached.content) > limit * _MEGABYTE:
            raise ApiError(413, "Request Entity Too Large")
        if kind == "photo" and not attached.name.lower().endswith(
            (".jpg", ".jpeg", ".png", ".webp")
        ):
            raise refusal("IMAGE_PROCESS_FAILED")
        self.uploads += 1
        sent = Sent(kind, f"{kind}-{next(self._numbers)}", attached.name, attached.content)
        self.known[sent.file_id] = sent
        return sent

    def album(self, params: Params) -> list[tuple[Sent, Mapping[str, Any]]]:
        """Give the files of an album, each with what stands beside it."""
        given = params.object("media", "can't parse media JSON object")
        if not isinstance(given, list) or not 2 <= len(given) <= 10:
            raise refusal("Wrong number of media: an album has 2 to 10")
        kinds = [str(one.get("type")) for one in given]
        for kind in kinds:
            if kind not in _FAMILIES:
                raise refusal(f"type {kind} can't be used in an album")
        if len({_FAMILIES[kind] for kind in kinds}) > 1:
            raise refusal(f"{kinds[0]} can't be mixed with other media types")
        return [
            (self.take(kind, one.get("media"), params), one)
            for kind, one in zip(kinds, given, strict=True)
        ]
