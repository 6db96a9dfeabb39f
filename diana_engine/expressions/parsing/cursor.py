"""Reading tokens one after another, and saying what was expected where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar, cast

from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.parsing.lexer import Token, TokenKind, tokenise
from diana_engine.source import Located, SourceFile, Span

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "Cursor", "ParseError", "parse_with"]

MAX_DEPTH = 30
"""How deeply an expression may nest; everything that walks a tree does so by recursion, within this bound."""
MAX_LENGTH = 10_000
"""How many characters an expression may have; what is longer is not even cut into tokens."""

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
    if len(source.text) <= _SHORT:
        tree = _flawless(source.text, start, end, parse)
        if tree is not None:
            return cast(_Tree, tree), []
    return _parse_with(source, start, end, parse)


@lru_cache(maxsize=4096)
def _flawless(text: str, start: int, end: int, parse: Callable[[Cursor], object]) -> Any:
    """Return the tree of a text of which there is nothing to say: that is the same wherever it stands; else `None`."""
    nowhere = Located(text, SourceFile("", text), 0, len(text))
    tree, found = _parse_with(nowhere, start, end, parse)
    return None if found else tree


def _parse_with(
    source: Located, start: int, end: int, parse: Callable[[Cursor], _Tree]
) -> tuple[_Tree | None, list[Diagnostic]]:
    if end - start > MAX_LENGTH:
        help = "Give its parts names under `conditions:`."
        span = source.span(start + MAX_LENGTH, end)
        return None, [diagnose("DIA115", span, "This expression is too long.", help=help)]
    tokens, found = tokenise(source, start, end)
    cursor = Cursor(source, tokens, found)
    try:
        if len(tokens) == 1:
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
