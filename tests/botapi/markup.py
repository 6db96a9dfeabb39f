"""Telegram's HTML parse mode: plain text and entities, or the very error that Telegram gives.

The grammar is what TDLib's `parse_html` accepts, which is wider than the documentation says: a bare
`&` stays as it is, `</>` closes whatever is open, unknown attributes are ignored. Offsets in errors
count UTF-8 bytes; offsets of entities count UTF-16 code units.
"""

from __future__ import annotations

import re

from botapi.entities import Entity, Formatted
from botapi.tags import TAGS, MarkupError, OpenTag, entity_of, take_attribute

__all__ = ["MarkupError", "parse_html"]

_NAMED = {b"lt": ord("<"), b"gt": ord(">"), b"amp": ord("&"), b"quot": ord('"')}
_REFERENCE = re.compile(rb"&(?:#(?:x([0-9a-fA-F]*)|([0-9]*))|([a-zA-Z]*));?")
_NAME_TOKEN = re.compile(rb"[0-9A-Za-z.-]*")
# TDLib counts the end of the text as a space, which is how all its loops end; so does this.
_SPACE = frozenset(b" \t\r\n\v\0")
_ENDS_ATTRIBUTE = _SPACE | frozenset(b"=>/\"'")
_SURROGATES = range(0xD800, 0xE000)


def parse_html(source: str) -> Formatted:
    """Parse a text in Telegram's HTML.

    Raises:
        MarkupError: the text breaks the grammar; says what Telegram would.
    """
    return _Parser(source).parse()


class _Parser:
    """One pass over the UTF-8 bytes of a text."""

    def __init__(self, source: str) -> None:
        self._source = source.encode()
        self._position = 0
        self._tag_begin = 0
        self._plain: list[str] = []
        self._units = 0
        self._open: list[OpenTag] = []
        self._entities: list[Entity] = []
        self._code_languages: dict[int, str] = {}
        self._has_surrogate = False

    def parse(self) -> Formatted:
        """Read everything."""
        while self._position < len(self._source):
            if self._byte() == ord("<"):
                self._tag()
            elif (code := self._reference()) is not None:
                self._has_surrogate = self._has_surrogate or code in _SURROGATES
                self._emit(_character(code))
            else:
                self._literal()
        if self._open:
            name = self._open[-1].name
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{name}"')
        if self._has_surrogate:
            raise MarkupError(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        ordered = sorted(self._entities, key=lambda entity: entity.rank)
        return Formatted("".join(self._plain), tuple(ordered))

    # Characters

    def _byte(self) -> int:
        """Give the byte here; zero past the end."""
        return self._source[self._position] if self._position < len(self._source) else 0

    def _emit(self, text: str) -> None:
        self._plain.append(text)
        self._units += sum(2 if ord(character) > 0xFFFF else 1 for character in text)

    def _literal(self) -> None:
        """Copy what stands before the next character that may mean something."""
        end = self._position + 1
        while end < len(self._source) and self._source[end] not in b"<&":
            end += 1
        self._emit(self._source[self._position : end].decode())
        self._position = end

    def _reference(self) -> int | None:
        """Read a character reference here; None where `&` is only a character."""
        found = _REFERENCE.match(self._source, self._position)
        code = _decode(found) if found else 0
        if found is None or code == 0:
            return None
        self._position = found.end()
        return code

    # Tags

    def _tag(self) -> None:
        self._tag_begin = self._position
        self._position += 1
        if self._byte() == ord("/"):
            self._end_tag()
        else:
            self._start_tag()

    def _start_tag(self) -> None:
        name = self._until(_SPACE | frozenset(b">")).lower()
        if self._byte() == 0:
            raise self._error("Unclosed start tag")
        if name not in TAGS:
            raise self._error(f'Unsupported start tag "{name}"')
        tag = OpenTag(name, self._units, len(self._plain))
        while self._byte() != ord(">"):
            self._skip_space()
            if self._byte() != ord(">"):
                self._attribute(tag)
        self._position += 1
        if name == "span" and tag.argument != "spoiler":
            raise self._error('Tag "span" must have class "tg-spoiler"')
        self._open.append(tag)

    def _attribute(self, tag: OpenTag) -> None:
        name = self._until(_ENDS_ATTRIBUTE)
        if not name:
            raise self._error(f'Empty attribute name in the tag "{tag.name}"')
        self._skip_space()
        value = ""
        if self._byte() == ord("="):
            self._position += 1
            self._skip_space()
            if self._byte() == 0:
                raise self._error(f'Unclosed start tag "{tag.name}"')
            value = self._value()
            if self._byte() == 0:
                raise self._error("Unclosed start tag")
        elif self._byte() == 0:
            raise self._error(f'Unclosed start tag "{tag.name}"')
        elif (tag.name, name) != ("blockquote", "expandable"):
            return
        take_attribute(tag, name, value)

    def _value(self) -> str:
        quote = self._byte()
        if quote in b"\"'":
            return self._quoted(quote)
        begin = self._position
        token = _NAME_TOKEN.match(self._source, begin)
        assert token is not None, "the pattern matches the empty string"
        self._position = token.end()
        if self._byte() not in _SPACE | frozenset(b">"):
            raise MarkupError(f"Unexpected end of name token at byte offset {begin}")
        return token[0].decode().lower()

    def _quoted(self, quote: int) -> str:
        self._position += 1
        value = bytearray()
        while self._byte() not in (quote, 0):
            code = self._reference()
            if code is not None:
                value += _character(code).encode()
            else:
                value.append(self._byte())
                self._position += 1
        if self._byte() == quote:
            self._position += 1
        return value.decode()

    def _end_tag(self) -> None:
        if not self._open:
            raise self._error("Unexpected end tag")
        self._position += 1
        name = self._until(_SPACE | frozenset(b">")).lower()
        self._skip_space()
        if self._byte() != ord(">"):
            raise self._error("Unclosed end tag")
        self._position += 1
        tag = self._open[-1]
        if name not in ("", tag.name):
            raise self._error("Unmatched end tag", f', expected "</{tag.name}>", found "</{name}>"')
        if self._units > tag.offset:
            self._close(tag)
        self._open.pop()

    def _close(self, tag: OpenTag) -> None:
        """Record the entity that a tag with something inside makes."""
        length = self._units - tag.offset
        if tag.name in ("pre", "code"):
            entity: Entity | None = self._code_block(tag, length)
        else:
            entity = entity_of(tag, length, "".join(self._plain[tag.position :]))
        if entity is not None:
            self._entities.append(entity)

    def _code_block(self, tag: OpenTag, length: int) -> Entity:
        """Make `pre` or `code`; the two around the same text with a language make one `pre`."""
        inner = self._entities[-1] if self._entities else None
        language = ""
        if inner is not None and (inner.offset, inner.length) == (tag.offset, length):
            if tag.name == "pre" and inner.type == "code":
                language = self._code_languages.get(len(self._entities) - 1, "")
            elif tag.name == "code" and inner.type == "pre" and inner.language is None:
                language = tag.argument
        if language:
            self._entities.pop()
            return Entity("pre", tag.offset, length, language=language)
        if tag.name == "code":
            self._code_languages[len(self._entities)] = tag.argument
        return Entity(tag.name, tag.offset, length)

    # Helpers

    def _until(self, stops: frozenset[int]) -> str:
        begin = self._position
        while self._byte() not in stops:
            self._position += 1
        return self._source[begin : self._position].decode()

    def _skip_space(self) -> None:
        while self._byte() != 0 and self._byte() in _SPACE:
            self._position += 1

    def _error(self, sentence: str, rest: str = "") -> MarkupError:
        return MarkupError(f"{sentence} at byte offset {self._tag_begin}{rest}")


def _decode(found: re.Match[bytes]) -> int:
    """Give the code point a reference stands for; zero for one that Telegram leaves as text."""
    hexadecimal, decimal, name = found.groups()
    if name is not None:
        return _NAMED.get(name, 0)
    if len(found[0].removesuffix(b";")) >= 10:
        return 0
    code = int(hexadecimal or b"0", 16) if hexadecimal is not None else int(decimal or b"0")
    return code if code < 0x10FFFF else 0


def _character(code: int) -> str:
    return "\ufffd" if code in _SURROGATES else chr(code)
