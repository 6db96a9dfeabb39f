"""The stories of the codes' pages, and what the compiler makes of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from diana_engine.compiler.compilation import Compilation
from diana_engine.compiler.pipeline import compile_story
from diana_engine.diagnostics.model import Code
from diana_engine.diagnostics.registry import codes, page

_FENCE = re.compile(
    r"(?:^`(?P<file>[^`\n]+)`:\n+)?^```(?:yaml|text)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_SECTION = re.compile(r"^## (\w+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def sections(code: Code) -> Mapping[str, Mapping[str, str]]:
    """Return the stories of a page, by section and file."""
    return {
        name: {match["file"] or "story.yaml": match["text"] for match in _FENCE.finditer(body)}
        for name, body in _SECTION.findall(page(code).body)
    }


def is_generated(code: Code) -> bool:
    """Whether the page says that its wrong story cannot be written in Markdown."""
    folder = files("diana_engine.diagnostics") / "codes"
    entry = next(one for one in folder.iterdir() if one.name.startswith(code))
    return bool(tomllib.loads(entry.read_text(encoding="utf-8").split("+++\n")[1]).get("generated"))


SHOWN = [code for code in codes() if not is_generated(code)]


def compiled(stories: Mapping[str, str], folder: Path) -> Compilation:
    """Write a story into a folder and compile it."""
    for name, text in stories.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return compile_story(folder)
