"""docs/promises.md names tests that there are, for each promise and each fault."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| promise |", "| what happens |"))
]
NAMED = re.findall(r"`([a-z_/]+\.py)::(\w+)`", PAGE)


@cache
def defined(file: str) -> frozenset[str]:
    """Return what a file of tests defines or sets at its top."""
    return frozenset(_names(ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))))


def _names(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield name
            case _:
                pass


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_test_that_a_promise_names_is_there(file: str, name: str) -> None:
    assert name.lower().startswith("test")
    assert name in defined(file)


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:60] for row in ROWS])
def test_each_promise_says_what_is_kept_how_and_by_which_test(row: list[str]) -> None:
    promise, kept, tests = row[:3]
    assert promise
    assert kept
    names = re.findall(r"`[^`]+`", tests)
    assert names
    assert [one for one in names if re.fullmatch(r"`[a-z_/]+\.py::\w+`", one) is None] == []
    assert re.sub(r"`[^`]+`", "", tests).strip() == ""
