"""Shared choices: a story that includes them is the story in which they are written out."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.compiler.compilation import Compilation
from diana_engine.compiler.load import Document, Sources, read_text
from diana_engine.compiler.pipeline import compile_sources
from diana_engine.source import SourceFile

MANIFEST = """\
story: s
title: S
language: en
start: a
variables:
  coins: {type: points, initial: 3}
choices:
"""
GARDEN = """\
chapter: garden
fragments:
"""
CHOICES = (
    "- {text: Home, to: main.end}\n",
    "- {id: wave, text: Wave, once: true, say: Hello., to: main.a}\n",
    "- {text: 'Pay {coins}', cost: 1 coins, to: garden.x, requires: chance(50)}\n",
    "- {text: Look, requires: visited main.b and coins > 1, locked: No., to: main.b}\n",
    "- {id: beg, text: Beg, effects: [coins += roll(1 to 3)], to: garden.x}\n",
)
TAIL = "  end: {text: The end., ending: end}\n"

Lists = dict[str, list[int]]
Parts = list[str | int]


def compiled(manifest: str, garden: str) -> Compilation:
    documents = []
    for path, text, expected in (
        ("story.yaml", manifest, True),
        ("chapters/garden.yaml", garden, True),
    ):
        file = SourceFile(path, text)
        root, found = read_text(file)
        assert not found
        documents.append(Document(file, root, expected))
    return compile_sources(Sources(Path(), documents[0], (documents[1],)))


def told(result: Compilation) -> list[tuple[str, str]]:
    return [
        (one.code, one.primary.span.file.text[one.primary.span.start : one.primary.span.end])
        for one in result.diagnostics
    ]


def shared(lists: Lists) -> str:
    return "".join(
        f"  {name}:\n" + indent("".join(CHOICES[one] for one in several), "    ")
        for name, several in lists.items()
    )


def fragment(id: str, parts: Parts, lists: Lists, *, written_out: bool) -> str:
    lines = []
    for part in parts:
        if isinstance(part, int):
            lines.append(CHOICES[part])
        elif written_out:
            lines += [CHOICES[one] for one in lists[part]]
        else:
            lines.append(f"- include: {part}\n")
    return f"  {id}:\n    text: T\n    choices:\n" + indent("".join(lines), "      ")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_including_is_the_same_as_writing_out(data: st.DataObject) -> None:
    some = st.lists(st.integers(0, len(CHOICES) - 1), min_size=1, max_size=3, unique=True)
    lists: Lists = {name: data.draw(some) for name in ("here", "there")}
    part = st.one_of(st.sampled_from(sorted(lists)), st.integers(0, len(CHOICES) - 1))
    places = {id: data.draw(st.lists(part, min_size=1, max_size=4)) for id in "abx"}

    def story(*, written_out: bool) -> Compilation:
        made = {
            id: fragment(id, parts, lists, written_out=written_out) for id, parts in places.items()
        }
        rest = "fragments:\n" + made["a"] + made["b"] + TAIL
        return compiled(MANIFEST + shared(lists) + rest, GARDEN + made["x"])

    included, out = story(written_out=False), story(written_out=True)
    assert included.program == out.program
    # Clashes of ids are told in both, whatever they point at.
    assert {one.code for one in included.diagnostics} - {"DIA231"} <= {
        one.code for one in out.diagnostics
    }


HOME = "  home:\n    - {text: Home, to: end}\n"
TWO = "fragments:\n" + "".join(
    f"  {id}:\n    text: T\n    choices:\n      - {{text: Go, to: {to}}}\n      - include: home\n"
    for id, to in (("a", "b"), ("b", "garden.x"))
)
X = "  x:\n    text: T\n    choices:\n      - include: home\n"


@pytest.mark.parametrize(
    ("choices", "finding"),
    [
        ("{text: Home, to: ennd}", ("DIA201", "ennd")),
        ("{text: Home, to: end, requires: coinz > 1}", ("DIA202", "coinz")),
        ("{text: Home, to: end, requires: coins}", ("DIA301", "coins")),
        ("{text: Home, to: end, requires: coins >= 0}", ("DIA320", "coins >= 0")),
        ("{text: Home, to: end, once: true}", ("DIA216", "text")),
        ("{text: '{if coins > 2: Home}', to: end}", ("DIA711", "'{if coins > 2: Home}'")),
        ("{text: 'A {b', to: end}", ("DIA130", "{")),
    ],
)
def test_what_is_wrong_with_a_shared_choice_is_told_once_and_there(
    choices: str, finding: tuple[str, str]
) -> None:
    result = compiled(MANIFEST + f"  home: [{choices}]\n" + TWO + TAIL, GARDEN + X)
    assert [one for one in told(result) if not one[0].startswith("DIA22")] == [finding]


@pytest.mark.parametrize(
    ("own", "finding"),
    [
        ("{text: Home, to: b}", "DIA710"),
        ("{id: go, text: Elsewhere, to: b}", "DIA212"),
    ],
)
def test_a_choice_that_clashes_with_an_included_one_is_told_at_the_inclusion(
    own: str, finding: str
) -> None:
    manifest = MANIFEST + "  home: [{id: go, text: Home, to: end}]\n" + TWO
    manifest = re.sub(r"\{text: Go, to: b\}", own, manifest) + TAIL
    found = [one for one in told(compiled(manifest, GARDEN + X)) if not one[0].startswith("DIA22")]
    assert found == [(finding, "home")]


def test_a_fragment_has_no_more_than_a_thousand_choices_with_what_it_includes() -> None:
    many = "".join(f"    - {{text: Go {index}, to: end}}\n" for index in range(1000))
    result = compiled(MANIFEST + f"  home:\n{many}" + TWO + TAIL, GARDEN + X)
    assert [one for one in told(result) if one[0] == "DIA107"] == [("DIA107", "home")] * 2
