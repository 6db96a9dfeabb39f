"""The canonical bytes of a program."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest

from diana_engine.errors import DianaError
from diana_engine.expressions import terms, text
from diana_engine.expressions.terms import All, Constant, FlagIs, Not, SetFlag
from diana_engine.expressions.text import Branch, Format, When
from diana_engine.program import model
from diana_engine.program.codec import decode, digest, encode
from diana_engine.program.model import Choices, Flag, Points, Program
from diana_engine.program.shape import Malformed, Record, Shape, record_of
from strategies.builders import choice, ending, fragment, story, words

YES = FlagIs(terms.VariableId("met"))
TALE = story(
    fragment(
        "hall",
        Choices((choice("hall.go", requires=All((YES, Not(YES))), say=words("¡Sí! 🗝")),)),
        on_enter=(SetFlag(terms.VariableId("met"), True),),
    ),
    ending(),
    variables={"met": Flag(), "besitos": Points(3)},
)


def test_a_program_comes_back_from_its_bytes() -> None:
    assert decode(encode(TALE)) == TALE


def test_the_bytes_are_json_without_white_space_and_with_sorted_names() -> None:
    data = encode(TALE)
    document = json.loads(data)
    compact = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert data == compact.encode()
    assert "¡Sí! 🗝".encode() in data


def test_what_has_its_default_is_left_out() -> None:
    packed = json.loads(encode(TALE))["program"]
    assert packed["variables"] == {"besitos": {"$": "Points", "initial": 3}, "met": {"$": "Flag"}}
    assert "items" not in packed


def test_the_order_in_which_a_mapping_was_made_does_not_matter() -> None:
    turned = story(*TALE.fragments.values(), variables={"besitos": Points(3), "met": Flag()})
    assert encode(turned) == encode(TALE)


def test_what_is_read_has_its_mappings_in_the_order_of_their_names() -> None:
    assert list(decode(encode(TALE)).variables) == ["besitos", "met"]
    assert list(decode(encode(TALE)).fragments) == ["main.end", "main.hall"]


def test_the_digest_tells_programs_apart() -> None:
    assert len(digest(TALE)) == 64
    assert digest(TALE) == digest(decode(encode(TALE)))
    assert digest(TALE) != digest(story(ending()))


def test_bytes_and_digest_are_the_same_in_every_process() -> None:
    code = (
        "import sys\n"
        "from diana_engine.program.codec import decode, digest, encode\n"
        "data = sys.stdin.buffer.read()\n"
        "assert encode(decode(data)) == data\n"
        "print(digest(decode(data)))\n"
    )
    path = ":".join([str(Path(__file__).parents[3]), *sys.path])
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=encode(TALE),
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": path},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert told == {f"{digest(TALE)}\n".encode()}


# The registry


def reachable(record: Record, found: set[type]) -> set[type]:
    """Return the classes that may stand anywhere in a value of `record`."""
    if record.kind not in found:
        found.add(record.kind)
        for shape in record.shapes.values():
            within(shape, found)
    return found


def within(shape: Shape, found: set[type]) -> None:
    for record in shape.records.values():
        reachable(record, found)
    for inner in (shape.item, shape.table):
        if inner is not None:
            within(inner, found)


@pytest.mark.parametrize(
    "union",
    [
        terms.Number,
        terms.Requirement,
        terms.Effect,
        text.Inline,
        model.Variable,
        model.Exit,
    ],
)
def test_every_member_of_every_union_can_stand_in_a_program(union: Any) -> None:
    assert set(get_args(union)) <= reachable(record_of(Program), set())


@pytest.mark.parametrize("module", [terms, text, model])
def test_every_class_of_a_program_is_reached_from_its_top(module: ModuleType) -> None:
    shown_only = {text.RichFormat, text.RichLink}
    declared = {
        value
        for value in vars(module).values()
        if isinstance(value, type) and is_dataclass(value) and value.__module__ == module.__name__
    }
    assert declared - shown_only <= reachable(record_of(Program), set())


def test_every_class_of_a_program_is_frozen_and_compared_by_all_its_fields() -> None:
    for kind in reachable(record_of(Program), set()):
        assert kind.__setattr__ is not object.__setattr__
        assert all(field.compare and field.init for field in fields(kind))


# What is no program


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff", b"[" * 100_000, b"null", b"[]", b"{}", b'{"format":"1","program":{}}'],
)
def test_other_bytes_are_no_compiled_story(data: bytes) -> None:
    with pytest.raises(Malformed, match="This is no compiled story"):
        decode(data)


def test_another_format_is_named() -> None:
    with pytest.raises(DianaError, match=r"format 99.*format 1.*Compile the story again"):
        decode(b'{"format":99,"program":{}}')


def spoilt(**changes: object) -> bytes:
    """Return the bytes of the tale with fields of its hall changed."""
    document = json.loads(encode(TALE))
    document["program"]["fragments"]["main.hall"].update(changes)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"colour": 1}, "At fragments › main.hall: Fragment has no field `colour`"),
        ({"title": 3}, "At fragments › main.hall › title: 3 cannot stand here"),
        ({"kind": "tale"}, "At fragments › main.hall › kind: 'tale' cannot stand here"),
        ({"exit": {"$": "Exit"}}, "At fragments › main.hall › exit: `Exit` cannot stand here"),
        ({"exit": {"$": "Constant"}}, "`Constant` cannot stand here"),
        ({"exit": {"name": "end"}}, "exit: an object cannot stand here"),
        ({"exit": {"$": "Ending"}}, "exit: Ending lacks `name`"),
        ({"text": {}}, "text: an object cannot stand here"),
        ({"text": ["Here."]}, "text › number 1: 'Here.' cannot stand here"),
        ({"text": [[]]}, "text › number 1: a list cannot stand here"),
        ({"tags": [True]}, "tags › number 1: True cannot stand here"),
        ({"gate": 1.5}, "gate: 1.5 cannot stand here"),
        ({"on_enter": None}, "on_enter: None cannot stand here"),
    ],
)
def test_what_is_unknown_or_misplaced_is_told_with_its_place(
    changes: dict[str, object], told: str
) -> None:
    with pytest.raises(Malformed) as refusal:
        decode(spoilt(**changes))
    assert told in str(refusal.value)


def test_a_class_of_the_same_name_in_another_place_is_no_confusion() -> None:
    branching = words(When((Branch(YES, words(Format("bold", words("a")))),)))
    way = model.Next((model.Branch(terms.FragmentId("main.end")),))
    hall = model.Fragment(
        terms.FragmentId("main.hall"), model.ChapterId("main"), "story", way, branching
    )
    program = story(hall, ending())
    assert decode(encode(program)) == program


@pytest.mark.parametrize("wrong", [Constant(1), model.Next((Branch(YES, ()),)), 3, ()])
def test_a_value_that_no_program_holds_cannot_be_encoded(wrong: Any) -> None:
    with pytest.raises(TypeError, match="cannot stand here"):
        encode(story(fragment("hall", wrong)))
