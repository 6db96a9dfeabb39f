"""The playthroughs of a story, ``tests/*.yaml``: read with their places, and played against its program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from diana_engine.compiler.load import read_file
from diana_engine.compiler.nodes import ScalarNode
from diana_engine.compiler.parsing.reader import Reader
from diana_engine.compiler.shape.schema import load_shape
from diana_engine.compiler.shape.validate import validate
from diana_engine.compiler.shape.values import ListValue, Record, Value
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.durations import seconds_of
from diana_engine.play.playthrough import (
    Expect,
    Finding,
    Join,
    Let,
    Move,
    Pay,
    Playthrough,
    Press,
    Reply,
    Take,
    Written,
    run,
)
from diana_engine.play.rules import EndlessPassage
from diana_engine.program.model import Program
from diana_engine.source import Located, SourceFile

__all__ = ["check_playthrough", "playthrough_paths", "read_playthrough", "report"]

_FOLDER = "tests"
_CONTINUE = "continue"
_SKIP = "skip"


def playthrough_paths(story: Path) -> tuple[Path, ...]:
    """Return the files of a story's playthroughs in order; `story` is its folder or its ``story.yaml``."""
    folder = story if story.is_dir() else story.parent
    found = (folder / _FOLDER).glob("*.yaml")
    return tuple(sorted(path for path in found if not path.name.startswith(".")))


def read_playthrough(path: Path) -> tuple[Playthrough | None, list[Diagnostic]]:
    """Read one file. There is a playthrough only where nothing in it is wrong: half a way leads nowhere."""
    file, root, found = read_file(path, path.as_posix())
    if root is None:
        return None, found
    document = validate(file, root, load_shape("playthrough"))
    found = [*found, *document.found]
    if not isinstance(document.value, Record) or any(one.severity == "error" for one in found):
        return None, found
    reader = Reader(file, document.value, found)
    id_ = reader.text("playthrough")
    steps = reader.value("steps")
    assert id_ is not None, "the shape requires an id"
    assert isinstance(steps, ListValue), "the shape requires steps"
    about = reader.text("about")
    playthrough = Playthrough(
        id_.text,
        tuple(step for item in steps.items for step in _steps(item, reader)),
        about.text if about is not None else None,
        reader.integer("seed", 0),
        _optional(reader.text("ending")),
        id_.whole,
    )
    return playthrough, found


def check_playthrough(program: Program, playthrough: Playthrough) -> list[Diagnostic]:
    """Play `playthrough`; return what it expects and does not find, each at its exact place."""
    try:
        return [
            report(finding, playthrough)
            for played in run(program, playthrough)
            for finding in played.findings
        ]
    except EndlessPassage as error:
        return [report(Finding(str(error)), playthrough)]


def report(finding: Finding, playthrough: Playthrough) -> Diagnostic:
    """Return a finding as a diagnostic; without a place of its own it is said of the playthrough."""
    nowhere = SourceFile(playthrough.id, "").span(0, 0)
    where = finding.where or playthrough.where or nowhere
    return diagnose("DIA109", where, finding.message, help=finding.help)


def _steps(step: Value, outer: Reader) -> Iterator[Move | Expect]:
    """Yield what one entry says: a move, or a record of a move and what is expected after it."""
    match step:
        case ScalarNode():
            written = _written(outer.located(step))
            if written.text == _CONTINUE:
                yield Press(written.where)
            elif written.text == _SKIP:
                yield Pay(written.where)
            else:
                yield Take(written.text, written.where)
        case Record():
            yield from _said(Reader(outer.file, step, outer.found))
        case ListValue():
            raise AssertionError("the shape allows no list here")


def _said(reader: Reader) -> Iterator[Move | Expect]:
    answer = reader.text("answer")
    if answer is not None:
        yield Reply(answer.text, answer.whole)
    wait = reader.text("wait")
    if wait is not None:
        yield Let(seconds_of(wait.text) or 0, wait.whole)
    combine = reader.text("combine")
    if combine is not None:
        yield Join(combine.text, combine.whole)
    if reader.wrote("expect"):
        inner = reader.under("expect")
        assert inner is not None, "the shape requires keys here"
        yield _expect(inner)


def _expect(reader: Reader) -> Expect:
    return Expect(
        at=_optional(reader.text("at")),
        see=_optional(reader.text("see")),
        values=_values(reader),
        items=_several(reader, "items"),
        locked=_several(reader, "locked"),
        hidden=_several(reader, "hidden"),
        open=_several(reader, "open"),
        where=reader.record.node.span(reader.file),
    )


def _values(reader: Reader) -> tuple[tuple[Written, Written], ...]:
    if not reader.wrote("values"):
        return ()
    inner = reader.under("values")
    assert inner is not None, "the shape requires names here"
    return tuple(
        (_written(inner.located(entry.key)), _written(inner.located(entry.value)))
        for entry in inner.record.entries.values()
        if isinstance(entry.value, ScalarNode)
    )


def _several(reader: Reader, key: str) -> tuple[Written, ...]:
    return tuple(map(_written, reader.several(key)))


def _optional(located: Located | None) -> Written | None:
    return None if located is None else _written(located)


def _written(located: Located) -> Written:
    return Written(located.text, located.whole)
