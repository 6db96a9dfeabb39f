"""Break one thing in a story that is right: one finding, at the exact token, and nothing in its wake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from diana_engine.compiler.load import Document, Sources, load_story, read_text
from diana_engine.compiler.nodes import MappingNode, Node, ScalarNode, SequenceNode
from diana_engine.compiler.pipeline import compile_sources
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.source import SourceFile

STORIES = Path(__file__).resolve().parents[2] / "stories"
NAMES = ("diana", "first-steps", "verbena")
EXPRESSION_KEYS = {"requires", "if", "effects", "on_enter"}
REFERENCE_KEYS = {"to", "next", "otherwise", "start"}
FREE_KEYS = {"story", "version", "tags", "note", "kind"}


@dataclass(frozen=True)
class Break:
    """Put `text` in place of ``document.text[start:end]``; the finding is to stand at `at`, relative to `start`."""

    document: int
    start: int
    end: int
    text: str
    what: str


@cache
def sources(name: str) -> Sources:
    loaded, found = load_story(STORIES / name)
    assert not found
    return loaded


def documents(name: str) -> list[Document]:
    loaded = sources(name)
    return [loaded.manifest, *loaded.chapters]


def broken(name: str, change: Break) -> tuple[list[Diagnostic], SourceFile]:
    loaded = sources(name)
    every = documents(name)
    file = every[change.document].file
    text = file.text[: change.start] + change.text + file.text[change.end :]
    mutated = SourceFile(file.path, text)
    root, found = read_text(mutated)
    every[change.document] = Document(mutated, root, root is not None)
    result = compile_sources(replace(loaded, manifest=every[0], chapters=tuple(every[1:])), found)
    return [finding for finding in result.diagnostics if finding.severity == "error"], mutated


def walk(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node, bool]]:
    """Yield every scalar with the keys above it; the last part says whether it is a key itself."""
    match node:
        case MappingNode():
            for key, value in node.pairs:
                yield path, key, True
                yield from walk(value, (*path, key.value))
        case SequenceNode():
            for item in node.items:
                yield from walk(item, path)
        case ScalarNode():
            yield path, node, False


def is_declaration(path: tuple[str, ...]) -> bool:
    return path[-1:] in (
        ("variables",),
        ("items",),
        ("conditions",),
        ("characters",),
        ("fragments",),
        ("achievements",),
        ("missions",),
        ("relationship",),
        ("combinations",),
    ) or path == ("choices",)


def is_named(name: str, declared: str) -> bool:
    """Whether anything names what is declared; achievements and storylets need nobody who does."""
    word = re.compile(rf"\b{declared}\b")
    return sum(len(word.findall(document.file.text)) for document in documents(name)) > 1


def breaks(name: str) -> Iterator[Break]:
    for index, document in enumerate(documents(name)):
        assert document.root is not None
        for path, node, is_key in walk(document.root):
            if not isinstance(node, ScalarNode) or node.style != "plain":
                continue
            key = next((part for part in reversed(path) if part), "")
            if is_key and not is_declaration(path):
                if node.value not in FREE_KEYS:
                    slips = (
                        node.value + "zq",
                        node.value[1:],
                        node.value[:-1],
                        "x" + node.value[1:],
                    )
                    yield Break(
                        index, node.start, node.end, slips[node.start % 4], "a key misspelt"
                    )
            elif is_key:
                yield Break(
                    index,
                    node.start,
                    node.end,
                    f"Zq-{node.value}",
                    "an id in a form that is not allowed",
                )
            elif key in REFERENCE_KEYS:
                yield Break(
                    index, node.start, node.end, node.value + "_zq", "a reference to nothing"
                )
            elif key in EXPRESSION_KEYS or path[:1] == ("conditions",):
                yield Break(
                    index,
                    node.start,
                    node.end,
                    node.value + " and",
                    "an expression that breaks off",
                )
                yield Break(
                    index, node.start, node.end, "zq_" + node.value, "a name that is not there"
                )


def every_nth(name: str, most: int) -> list[Break]:
    found = list(breaks(name))
    return found[:: max(1, len(found) // most)]


@pytest.mark.parametrize("name", NAMES)
def test_one_mistake_is_one_finding_at_its_place(name: str) -> None:
    wrong: list[str] = []
    for change in every_nth(name, 150):
        errors, file = broken(name, change)
        place = file.position(change.start)
        end = change.start + len(change.text)
        at_place = [
            finding
            for finding in errors
            if finding.primary.span.file is file
            and change.start <= finding.primary.span.start <= end
        ]
        if len(errors) != 1 or len(at_place) != 1:
            found = [(one.code, one.message, str(one.primary.span.begin)) for one in errors]
            wrong.append(f"{change.what} ({change.text!r} at {file.path}:{place}): {found}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_went_missing_is_told_once_with_all_its_uses(name: str) -> None:
    wrong: list[str] = []
    for index, document in enumerate(documents(name)):
        assert document.root is not None
        for path, node, is_key in walk(document.root):
            if not (is_key and is_declaration(path) and isinstance(node, ScalarNode)):
                continue
            errors, _ = broken(
                name,
                Break(index, node.start, node.end, f"{node.value}_zq", "a declaration renamed"),
            )
            if not is_named(name, node.value) and not errors:
                continue
            if len(errors) != 1 or errors[0].family != 2 or node.value not in errors[0].message:
                found = [(one.code, one.message, str(one.primary.span.begin)) for one in errors]
                wrong.append(f"{node.value} in {document.file.path}: {found}")
    assert not wrong, "\n".join(wrong)
