"""Reading tokens one after another, and saying what was expected where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from functools import lru_cache
from typing import Any, TypeVar, cast

from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.parsing.lexer import Token, TokenKind, tokenise
from diana_engine.records import dataclass
from diana_engine.source import Located, SourceFile, Span

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "MAX_TOKENS", "Cursor", "ParseError", "parse_with"]

MAX_DEPTH = 30
"""How deeply an expression may nest; everything that walks a tree does so by recursion, within this bound."""
MAX_LENGTH = 10_000
"""How many characters an expression may have; what is longer is not even cut into tokens."""

MAX_TOKENS = 250_000
"""How many tokens the expressions of a file may have together: each takes some 7 µs until all of it is checked. A file of
4 MiB has 100,000 of them; one that is larger may have one more for each 16 further characters."""

_SHORT = 80
"""Characters of texts whose trees are kept: the same few requirements and effects stand all over a story."""

_Tree = TypeVar("_Tree")


class ParseError(Exception):
    """Parsing stops here; its finding is noted already. It never leaves this package."""


@dataclass(slots=True)
class Cursor:
    """A place among the tokens, and the findings so far."""

    source: Located
    tokens: list[Token]
    found: list[Diagnostic] = field(default_factory=list)
    index: int = 0
    depth: int = 0

    @property
    def token(self) -> Token:
        """The token that is read next."""
        return self.tokens[self.index]

    def span(self, token: Token) -> Span:
        """Return where `token` stands in its file."""
        return self.source.span(token.start, token.end)

    def sees(self, kind: TokenKind, *texts: str) -> bool:
        """Whether the next token is of `kind` and, where texts are given, one of them."""
        return self.token.kind == kind and (not texts or self.token.text in texts)

    @property
    def passed(self) -> int:
        """Where the last token that was taken ends, a closing bracket included."""
        return self.tokens[self.index - 1].end if self.index else self.token.start

    def take(self) -> Token:
        """Return the next token and go past it; the end is never passed."""
        token = self.token
        if token.kind != "end":
            self.index += 1
        return token

    def fail(
        self, code: str, message: str, help: str | None = None, at: Token | None = None
    ) -> ParseError:
        """Note a finding at token `at`, by default the next one, and return what the caller raises."""
        if not self.found:  # A token that could not be read explains what fails after it.
            self.found.append(diagnose(code, self.span(at or self.token), message, help=help))
        return ParseError()

    def expected(self, what: str, help: str | None = None) -> ParseError:
        """Note that `what` was expected at the next token, and return what the caller raises."""
        seen = "it ends" if self.token.kind == "end" else f"I found `{self.token.text}`"
        return self.fail("DIA110", f"I expected {what} here, but {seen}.", help)

    def descend(self) -> None:
        """Count one more level of nesting, and refuse the one that is too many."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(
                "DIA115",
                "This expression is nested too deeply.",
                "Give its parts names under `conditions:`.",
            )

    def ascend(self) -> None:
        """Leave one level of nesting."""
        self.depth -= 1


def parse_with(
    source: Located, start: int, end: int, parse: Callable[[Cursor], _Tree]
) -> tuple[_Tree | None, list[Diagnostic]]:
    """Run `parse` over the whole of ``source.text[start:end]``; the tree is `None` when something stopped it."""
    if _is_spent(source):
        return None, []
    if len(source.text) <= _SHORT:
        known = _flawless(source.text, start, end, parse)
        if known is not None:
            tree, count = known
            too_many = _too_many(source, start, end, count)
            return (None, too_many) if too_many else (cast(_Tree, tree), [])
    if end - start > MAX_LENGTH:
        help = "Give its parts names under `conditions:`."
        span = source.span(start + MAX_LENGTH, end)
        return None, [diagnose("DIA115", span, "This expression is too long.", help=help)]
    tokens, found = tokenise(source, start, end)
    if too_many := _too_many(source, start, end, len(tokens)):
        return None, too_many
    return _parse(Cursor(source, tokens, found), parse)


@lru_cache(maxsize=4096)
def _flawless(
    text: str, start: int, end: int, parse: Callable[[Cursor], object]
) -> tuple[Any, int] | None:
    """Return the tree of a text, and how many tokens it has, where there is nothing to say of it, wherever it stands."""
    nowhere = Located(text, SourceFile("", text), 0, len(text))
    tokens, found = tokenise(nowhere, start, end)
    tree, found = _parse(Cursor(nowhere, tokens, found), parse)
    return None if found else (tree, len(tokens))


def _is_spent(source: Located) -> bool:
    return source.file.tokens.count > source.file.allows(MAX_TOKENS, 16)


def _too_many(source: Located, start: int, end: int, count: int) -> list[Diagnostic]:
    """Count the tokens of one more expression; return the finding for the one with which there are too many."""
    source.file.tokens.count += count
    if not _is_spent(source):
        return []
    message = "With this one the file holds more requirements and effects than I read."
    help = "Divide it into several files in `chapters/`."
    return [diagnose("DIA030", source.span(start, end), message, help=help)]


def _parse(
    cursor: Cursor, parse: Callable[[Cursor], _Tree]
) -> tuple[_Tree | None, list[Diagnostic]]:
    try:
        if len(cursor.tokens) == 1:
            help = "Write a requirement, like `trust >= 2`, or an effect, like `trust += 1`; or leave it out."
            raise cursor.fail(
                "DIA116", "There is nothing here where an expression should stand.", help
            )
        tree = parse(cursor)
        if not cursor.sees("end"):
            raise cursor.fail(
                "DIA110", f"I did not expect `{cursor.token.text}` here.", _left_over_help(cursor)
            )
    except ParseError:
        return None, cursor.found
    return tree, cursor.found


def _left_over_help(cursor: Cursor) -> str:
    match cursor.token.text:
        case "=":
            return "To compare, write `==` or `is`; effects, which change things, belong under `effects:` or `on_enter:`."
        case "+=" | "-=":
            return "Effects, which change things, belong under `effects:` or `on_enter:`."
        case "==" | "!=" | "<" | "<=" | ">" | ">=":
            return "Compare one pair at a time, joined with `and`; or write `x between 1 and 5`."
        case ")":
            return "There is no `(` that this one closes."
        case _ if cursor.token.kind in ("word", "number", "quoted"):
            return "Between two parts of an expression stands a word like `and` or `or`, or a comparison."
        case _:
            return "An expression reads like `trust >= 2 and has silver_key`, and an effect like `trust += 1`."
