"""Questions, waits and reminders that stand where they would do nothing are refused, each at its own key."""

from __future__ import annotations

from pathlib import Path

import pytest

from diana_engine.compiler.pipeline import compile_story

STORY = """story: tiny
title: Tiny
language: en
version: 1.0.0
start: start
variables:
  name: {{type: text, max_length: 9}}
  gold: {{type: points, initial: 3}}
fragments:
  start: {{{start}}}
  part: {{text: A part., return: true}}
  end: {{text: '{{name}} {{gold}}', {end}ending: done}}
"""


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("text: A., wait: 8h, next: end", "", None),
        ("wait: 8h, skip: 2 gold, next: end", "", None),
        ("text: A., ask: {into: name}, next: end, remind: {after: 1d, text: B.}", "", None),
        ("text: A., ask: {into: name}, wait: 8h, next: end", "", ("DIA146", "8h")),
        ("text: A., wait: 8h, call: part, next: end", "", ("DIA146", "8h")),
        ("text: A., skip: 2 gold, next: end", "", ("DIA146", "2 gold")),
        ("text: A., wait: 8h, skip: 0 gold, next: end", "", ("DIA315", "0 gold")),
        ("text: A., wait: 0s, next: end", "", ("DIA331", "0s")),
        ("text: A., wait: 53w, next: end", "", ("DIA331", "53w")),
        ("next: end, remind: {after: 1d, text: B.}", "", ("DIA146", "remind")),
        ("text: A., next: end", "remind: {after: 1d, text: B.}, ", ("DIA146", "remind")),
        ("text: A., choices: [{text: B, to: end, remind: {after: 1d, text: C.}}]", "", ("DIA146", "remind")),
        ("text: A., choices: [{text: B, to: end, wait: 8h, remind: {after: 1d, text: C.}}]", "", None),
        ("text: A., ask: {into: gold}, next: end", "", ("DIA330", "gold")),
        ("ask: {into: name}, next: end", "", ("DIA145", "ask")),
    ],
)  # fmt: skip
def test_what_cannot_be_waited_for_or_asked_is_told_at_its_place(
    start: str, end: str, told: tuple[str, str] | None, tmp_path: Path
) -> None:
    text = STORY.format(start=start, end=end)
    (tmp_path / "story.yaml").write_text(text, encoding="utf-8")
    errors = [one for one in compile_story(tmp_path).diagnostics if one.severity == "error"]
    spans = [one.primary.span for one in errors]
    found = [
        (one.code, span.file.text[span.start : span.end])
        for one, span in zip(errors, spans, strict=True)
    ]
    assert found == ([told] if told else [])
