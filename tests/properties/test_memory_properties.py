"""A story compiled with what is remembered of it comes out as it would from nothing, byte for byte."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diana_engine.compiler.again import check_story
from diana_engine.compiler.compilation import Compilation
from diana_engine.compiler.memory.recall import Memory
from diana_engine.compiler.memory.shelf import Shelf
from diana_engine.compiler.pipeline import compile_story
from diana_engine.program.codec import encode

MANIFEST = """story: s
title: S
language: en
start: a.one
variables:
  trust: {type: number, min: 0, max: 9}
  coins: {type: points, initial: 5}
  mood: {type: one_of, values: [calm, glad], initial: calm}
  name: {type: text, max_length: 20}
items:
  key: {name: Key}
conditions:
  close: trust >= 3
choices:
  away:
    - {text: Away, to: a.two, effects: [trust += 1]}
fragments:
  home: {text: Home, next: a.one}
"""


def chapter(name: str, following: str) -> str:
    return f"""chapter: {name}
title: Chapter {name}
fragments:
  one:
    text: |
      One of {name}. {{if trust >= 2: More *here*. | else: Less.}}
    choices:
      - {{id: go, text: Go on, to: two, effects: [trust += 1]}}
      - {{text: Turn, to: {following}.one, requires: close}}
  two:
    text: Two of {name}.
    on_enter: [give key]
    choices:
      - {{text: Back, to: one}}
      - {{text: Pay, cost: 2 coins, to: {following}.two, requires: has key}}
      - {{text: Home, to: main.home}}
  end:
    text: The end of {name}.
    ending: fin_{name}
"""


FILES = {
    "story.yaml": MANIFEST,
    "chapters/a.yaml": chapter("a", "b"),
    "chapters/b.yaml": chapter("b", "c"),
    "chapters/c.yaml": chapter("c", "a").replace("to: one}", "to: end}"),
}

EDITS = (
    ("One of", "Once upon a time there was one of"),
    ("Two of", "Two\n      of"),
    ("Go on", "Go further"),
    ("Back", "Turn"),
    ("to: two", "to: three"),
    ("to: two", "to: b.end"),
    ("two:", "three:"),
    ("id: go", "id: gone"),
    ("id: go, ", ""),
    ("requires: close", "requires: chose b.one.go"),
    ("requires: close", "requires: visits(c.two) > 1"),
    ("requires: close", "requires: trust >= 2 and trust < 2"),
    ("requires: close", "requires: clos"),
    ("requires: has key", "requires: mood is glad"),
    ("trust += 1", "mood = glad"),
    ("trust += 1", "name = xxxxxxxxxxxxxxxxxxxx"),
    ("Less.", "{name} is less."),
    ("give key", "take key"),
    ("cost: 2 coins", "cost: 2 trust"),
    ("chapter: b", "chapter: a"),
    ("chapter: c", "chapter: d"),
    ("ending: fin_c", "next: one"),
    ("ending: fin_b", "ignore: DIA401\n    ending: fin_b"),
    ("- {text: Back", "- {ignore: DIA407, text: Back"),
    ("  end:\n", "  extra:\n    text: Extra.\n    next: end\n  end:\n"),
    ("    text: Two", "    texts: Two"),
    ("fragments:", "fragments"),
    ("title: Chapter", "title: 'Chapter"),
    ("max: 9", "max: 2"),
    ("max_length: 20", "max_length: 4000"),
    ("fin_a", "fin_b"),
    ("[calm, glad]", "[calm, sad]"),
    ("choices:\n      - {text: Back", "include: away\n    choices:\n      - {text: Back"),
    ("start: a.one", "start: b.two"),
    ("trust += 1", "trust += x"),
)

steps = st.lists(
    st.tuples(st.sampled_from(sorted(FILES)), st.sampled_from(EDITS), st.booleans()),
    min_size=1,
    max_size=6,
)


def told(result: Compilation) -> tuple[object, ...]:
    return (repr(result.diagnostics), result.fragments, result.choices, result.files)


def whole(result: Compilation) -> tuple[object, ...]:
    program = None if result.program is None else encode(result.program)
    return (*told(result), program, result.report)


def changed(text: str, edit: tuple[str, str]) -> str:
    return text.replace(*edit, 1) if edit[0] in text else text.replace(*reversed(edit), 1)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_after_any_edits_memory_changes_nothing(edits: list[tuple[str, tuple[str, str], bool]]):
    with TemporaryDirectory() as folder:
        story, memory = Path(folder, "story"), Memory(Shelf(Path(folder, "memory")))
        (story / "chapters").mkdir(parents=True)
        for name, text in FILES.items():
            (story / name).write_text(text)
        compile_story(story, memory)
        for name, edit, backwards in edits:
            text = (story / name).read_text()
            (story / name).write_text(changed(text, edit[::-1] if backwards else edit))
            cold = compile_story(story)
            assert whole(compile_story(story, memory)) == whole(cold)
            assert told(check_story(story, memory)) == told(cold)
            assert whole(compile_story(story, memory)) == whole(cold)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32))
def test_damaged_memory_is_as_good_as_none(seed: int):
    chance = Random(seed)
    with TemporaryDirectory() as folder:
        story, kept = Path(folder, "story"), Path(folder, "memory")
        (story / "chapters").mkdir(parents=True)
        for name, text in FILES.items():
            (story / name).write_text(text)
        cold = whole(compile_story(story, Memory(Shelf(kept))))
        for path in sorted(kept.rglob("*.kept")):
            content = path.read_bytes()
            at = chance.randrange(len(content))
            cut, changed = content[:at], bytearray(content)
            changed[at] ^= 1 + chance.randrange(255)
            path.write_bytes(chance.choice([cut, bytes(changed), b""]))
        assert whole(compile_story(story, Memory(Shelf(kept)))) == cold
        assert told(check_story(story, Memory(Shelf(kept)))) == cold[:4]
