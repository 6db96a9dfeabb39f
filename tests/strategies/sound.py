"""What must hold of any text that is given to the compiler as a story."""

from __future__ import annotations

import random
from pathlib import Path

from diana_engine.compiler.load import Document, Sources, read_text
from diana_engine.compiler.pipeline import compile_sources
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import page
from diana_engine.diagnostics.render.terminal import render
from diana_engine.play import EndlessPassage, step
from diana_engine.play.actions import Action, Answer, Choose, Continue, Start
from diana_engine.play.state import Moment
from diana_engine.play.view import View
from diana_engine.program.codec import decode, encode
from diana_engine.program.model import Program
from diana_engine.source import SourceFile

__all__ = ["assert_sound"]

STEPS = 12


def assert_sound(text: str, chance: random.Random) -> Program | None:
    """Compile a story of one file; assert that it gives sound findings, and a program that can be played if it may be."""
    file = SourceFile("story.yaml", text)
    root, found = read_text(file)
    sources = Sources(Path("tale"), Document(file, root, root is not None), ())
    result = compile_sources(sources, found)
    for finding in result.diagnostics:
        _assert_finding(finding, file)
    assert list(result.diagnostics) == sorted(result.diagnostics, key=lambda one: one.sort_key)
    assert result.program is not None or any(one.severity == "error" for one in result.diagnostics)
    assert render(result.diagnostics, colour=False, width=80) or not result.diagnostics
    if result.program is not None:
        assert decode(encode(result.program)) == result.program
        if not any(one.severity == "error" for one in result.diagnostics):
            _play(result.program, chance)
    return result.program


def _assert_finding(finding: Diagnostic, file: SourceFile) -> None:
    assert finding.family != 9, finding.message
    assert page(finding.code).severity
    assert finding.message.endswith((".", "?")), finding.message
    assert finding.severity != "error" or finding.help, (finding.code, finding.message)
    for label in (finding.primary, *finding.labels):
        span = label.span
        if span.file is file:
            assert 0 <= span.start <= span.end <= len(file.text)
    if finding.edit is not None and finding.edit.span.file is file:
        assert finding.edit.span.end <= len(file.text)


def _play(program: Program, chance: random.Random) -> None:
    """Play a few steps by chance; who sees a choice that is open can take it."""
    try:
        outcome = step(program, None, Start(chance.randrange(1000)), Moment())
        for _ in range(STEPS):
            action = _action(outcome.view, chance)
            if action is None:
                return
            after = step(program, outcome.state, action, Moment())
            assert isinstance(action, Answer) or after.refused is None, (action, after.refused)
            outcome = after
    except EndlessPassage:
        # A ring that may never rest is a finding, and at play an error that is told.
        pass


def _action(view: View, chance: random.Random) -> Action | None:
    if view.ask is not None:
        return Answer(chance.choice(["1", "", "x" * 50, *view.ask.options]))
    if view.can_continue:
        return Continue()
    open_ = [choice for choice in view.choices if choice.lock is None]
    return Choose(chance.choice(open_).key) if open_ else None
