"""Stories as they go wrong under a writer's hands, and worse: bytes, lines, words and whole parts put elsewhere.

Seeds are all stories that the project has. A mutation takes chance as an argument, so that Hypothesis, a fuzzer and a
plain seed can each drive it, and returns text that need not be YAML any more.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

__all__ = ["MUTATIONS", "expression", "mutated", "seeds", "template"]

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_NAME = re.compile(r"\b[a-z][a-z0-9_]{2,}\b")
_WORDS = (
    "and or not is has between to visited visits chose chance roll count if elif else sequence cycle shuffle once "
    "give take set clear true false yes no null ~ points number flag one_of text 0 -1 1 99999999999999999999 1.5 0x10"
).split()
_SIGNS = (
    "{ } [ ] ( ) : , | > < >= <= == != += -= = + - * / ' \" # & ! % @ ` \\ ? . ~ … “ ” \t \r \x00 \x85 \u2028 \u202e \ufeff "
    "\U0001f600 é \ud800 --- ... << {if {} }} || ** _ \\{ \\n"
).split(" ")


@cache
def seeds() -> tuple[str, ...]:
    """Return the stories of the codes' pages and the reference, of the conformance tests, and those that are shipped."""
    pages = [
        *(ROOT / "diana_engine" / "diagnostics" / "codes").glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
    ]
    found = {fence for path in sorted(pages) for fence in _FENCE.findall(path.read_text("utf-8"))}
    # The examples of the reference stand in the story that the first of them declares.
    reference = _FENCE.findall((ROOT / "docs" / "language.md").read_text(encoding="utf-8"))
    head = reference[0].partition("fragments:")[0]
    found |= {head + one for one in reference if not one.startswith("story:")}
    folders = [ROOT / "stories" / "first-steps", ROOT / "tests" / "conformance" / "cases"]
    files = (path for folder in folders for path in folder.rglob("*.yaml"))
    found |= {path.read_text(encoding="utf-8") for path in files}
    return tuple(sorted(one for one in found if len(one) < 6_000))


def mutated(text: str, chance: random.Random, slips: int) -> str:
    """Return `text` after so many mutations, each of any kind."""
    for _ in range(slips):
        text = chance.choice(MUTATIONS)(text, chance)[:20_000]
    return text


def _characters(text: str, chance: random.Random) -> str:
    at, gone = _place(text, chance), chance.choice([0, 0, 1, 1, 2, 9])
    return text[:at] + chance.choice(["", chance.choice(_SIGNS)]) + text[at + gone :]


def _bytes(text: str, chance: random.Random) -> str:
    """One byte of its UTF-8 is another one; what is no UTF-8 then stands as escapes that the loader must refuse."""
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)
    return data.decode("utf-8", "replace" if chance.random() < 0.5 else "surrogateescape")


def _lines(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[other])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = " " * chance.randrange(9) + lines[at].lstrip()
        case 4:
            lines[at : at + 2] = [" ".join(lines[at : at + 2])]
        case _:
            source = chance.choice(seeds()).split("\n")
            start = chance.randrange(len(source))
            lines[at:at] = source[start : start + chance.randrange(1, 6)]
    return "\n".join(lines)


def _tokens(text: str, chance: random.Random) -> str:
    tokens = _TOKEN.findall(text)
    if not tokens:
        return text
    at, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
    match chance.randrange(4):
        case 0:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        case 1:
            tokens[at] = chance.choice(_WORDS)
        case 2:
            tokens[at] = tokens[other]
        case _:
            tokens.insert(at, chance.choice(tokens))
    return "".join(tokens)


def _repeated(text: str, chance: random.Random) -> str:
    at = _place(text, chance)
    piece = text[at : at + chance.randrange(1, 40)]
    return text[:at] + piece * chance.choice([2, 3, 40]) + text[at:]


def _place(text: str, chance: random.Random) -> int:
    return chance.randrange(len(text) + 1)


# Trees --------------------------------------------------------------------------------------------------------------


def _tree(text: str, chance: random.Random) -> str:
    """Change one part of what the document says, and write it anew in some style."""
    try:
        root = yaml.load(text, Loader=yaml.CBaseLoader)
    except (yaml.YAMLError, UnicodeError):
        return text
    root = _typed(root)
    places = list(_places(root))
    if not places:
        return text
    holder, key = chance.choice(places)
    _change(holder, key, places, text, chance)
    try:
        return yaml.dump(
            root,
            Dumper=_Dumper,
            allow_unicode=True,
            sort_keys=False,
            default_flow_style=chance.choice([False, False, None, True]),
            default_style=chance.choice([None, None, "'", '"', "|"]),
            width=chance.choice([40, 1000]),
        )
    except (RecursionError, yaml.YAMLError):
        return text


def _typed(node: Any) -> Any:
    """Numbers and switches are written without quotes, as stories want them."""
    match node:
        case dict():
            return {key: _typed(value) for key, value in node.items()}
        case list():
            return [_typed(value) for value in node]
        case "true" | "false":
            return node == "true"
        case str() if _NUMBER.fullmatch(node):
            return int(node)
        case _:
            return node


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _change(
    holder: Any, key: Any, places: list[tuple[Any, Any]], text: str, chance: random.Random
) -> None:
    value = holder[key]
    other = chance.choice(places)
    match chance.randrange(9):
        case 0:
            del holder[key]
        case 1:
            holder[key] = _copy(other[0][other[1]])
        case 2:
            holder[key] = [value]
        case 3:
            holder[key] = {"text": value, "to": value}
        case 4:
            holder[key] = chance.choice(["", None, "no", "-3", [], {}])
        case 5 if isinstance(holder, dict):
            holder[chance.choice([str(other[1]), *_WORDS])] = holder.pop(key)
        case 6:
            holder[key] = expression(text, chance)
        case 7:
            holder[key] = template(text, chance)
        case _ if isinstance(holder, list):
            holder.append(_copy(value))
        case _:
            holder[chance.choice(_keys())] = _copy(value)


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield node, key
            yield from _places(value)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield node, index
            yield from _places(value)


def _copy(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _copy(value) for key, value in node.items()}
    return [_copy(value) for value in node] if isinstance(node, list) else node


@cache
def _keys() -> tuple[str, ...]:
    text = (ROOT / "schema" / "story.schema.json").read_text(encoding="utf-8")
    return tuple(sorted(set(re.findall(r'"([a-z_]+)": \{', text)) | set(_WORDS)))


# Expressions and texts ----------------------------------------------------------------------------------------------


def expression(text: str, chance: random.Random, depth: int = 3) -> str:
    """Return a requirement or an effect over the names of a story; it may or may not be right."""
    inner = lambda: expression(text, chance, depth - 1)  # noqa: E731 -- drawn anew each time
    name = chance.choice([*_NAME.findall(text)[:200], *_WORDS])
    if depth <= 0:
        return chance.choice([name, str(chance.randrange(-5, 15)), f"has {name}", f'"{name}"'])
    forms: list[Callable[[], str]] = [
        lambda: f"{inner()} and {inner()}",
        lambda: f"{inner()} or {inner()}",
        lambda: f"not {inner()}",
        lambda: f"({inner()})",
        lambda: (
            f"{inner()} {chance.choice(['>=', '<', '==', '!=', 'is', 'is not', '+', '-', '*'])} {inner()}"
        ),
        lambda: f"{inner()} between {inner()} and {inner()}",
        lambda: f"{chance.choice(['visits', 'count', 'chance', 'roll', name])}({inner()})",
        lambda: f"{chance.choice(['visited', 'chose', 'has', 'set', 'give', 'take'])} {name}",
        lambda: f"{name} {chance.choice(['+=', '-=', '='])} {inner()}",
        lambda: f"{name} {chance.choice(['>=', '<', '=='])} {chance.randrange(-3, 12)}",
    ]
    return chance.choice(forms)()


def template(text: str, chance: random.Random, depth: int = 3) -> str:
    """Return a text with braces and formatting over the names of a story; it may or may not be right."""
    if depth <= 0:
        return chance.choice(["words", "", " ", "*", "\\{", "é", "\n\n", "[a](https://x.y)"])
    inner = lambda: template(text, chance, depth - 1)  # noqa: E731 -- drawn anew each time
    forms: list[Callable[[], str]] = [
        lambda: f"{inner()} {inner()}",
        lambda: f"{{{expression(text, chance, 1)}}}",
        lambda: f"{{if {expression(text, chance, 2)}: {inner()} | else: {inner()}}}",
        lambda: (
            f"{{if {expression(text, chance, 1)}: {inner()} | elif {expression(text, chance, 1)}: {inner()}}}"
        ),
        lambda: (
            f"{{{chance.choice(['sequence', 'cycle', 'shuffle', 'once'])}: {inner()} | {inner()}}}"
        ),
        lambda: f"*{inner()}*",
        lambda: f"||{inner()}||",
        lambda: f"> {inner()}\n",
        lambda: f"{inner()}{chance.choice(_SIGNS)}{inner()}",
    ]
    return chance.choice(forms)()


MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (
    _characters,
    _bytes,
    _lines,
    _lines,
    _tokens,
    _tokens,
    _repeated,
    _tree,
    _tree,
)
"""Every kind of mutation; lines, words and parts twice, for they leave more to go on with."""
