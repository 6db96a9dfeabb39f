"""The compiler and the library `jsonschema` agree, document by document, on what fits the schemas."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from diana_engine.compiler.load import read_text
from diana_engine.compiler.nodes import MappingNode, Node, ScalarNode, SequenceNode
from diana_engine.compiler.shape.schema import (
    EitherShape,
    ListShape,
    MapShape,
    RecordShape,
    ScalarShape,
    Shape,
    load_shape,
)
from diana_engine.compiler.shape.validate import validate
from diana_engine.expressions.parsing.requirements import KEYWORDS
from diana_engine.source import SourceFile

NAMES = ("story", "chapter", "playthrough")
SCHEMAS = {f"{name}.schema.json": json.loads((files("diana_engine.schema") / f"{name}.schema.json").read_text("utf-8"))
           for name in NAMES}  # fmt: skip


@cache
def oracle(name: str) -> Draft202012Validator:
    resources = [(schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()]
    return Draft202012Validator(
        SCHEMAS[f"{name}.schema.json"], registry=Registry().with_resources(resources)
    )


def typed(node: Node, shape: Shape | None) -> Any:
    """Return the data of a node; the schema types its plain values, as the language says."""
    match node:
        case MappingNode():
            shapes = options(shape)
            return {key.value: typed(value, inner(shapes, key.value)) for key, value in node.pairs}
        case SequenceNode():
            item = next((one.item for one in options(shape) if isinstance(one, ListShape)), None)
            return [typed(value, item) for value in node.items]
        case ScalarNode():
            return scalar(node, options(shape))


def scalar(node: ScalarNode, shapes: list[Shape]) -> Any:
    if node.style == "plain":
        if not node.value:
            return None
        kinds = {one.kind for one in shapes if isinstance(one, ScalarShape)}
        if "integer" in kinds and re.fullmatch(r"[-+]?[0-9]{1,16}", node.value):
            return int(node.value)
        if "switch" in kinds and node.value in ("true", "false"):
            return node.value == "true"
    return node.value


def options(shape: Shape | None) -> list[Shape]:
    if isinstance(shape, EitherShape):
        return list(shape.options)
    return [] if shape is None else [shape]


def inner(shapes: list[Shape], key: str) -> Shape | None:
    for shape in shapes:
        match shape:
            case RecordShape() if key in shape.keys:
                return shape.keys[key]
            case MapShape():
                return shape.value
    return None


def keys_of(name: str) -> list[str]:
    text = json.dumps(SCHEMAS[f"{name}.schema.json"])
    return sorted(set(re.findall(r'"([a-z_]+)": \{', text)) - KEYWORDS)


SCALARS = st.sampled_from(["5", "-3", "true", "no", "gate", "garden.gate", "Go", "5 besitos", "trust >= 3", '"5"', "", "points", "one_of",
                           "ending", "es", "0", "99999999999999999", "Ñ", "a b"])  # fmt: skip


@st.composite
def documents(draw: st.DrawFn, name: str) -> str:
    keys = st.sampled_from([*keys_of(name), "gate", "zzz", "Bad-Id"])

    def value(depth: int) -> str:
        kind = draw(st.integers(0, 5 if depth < 5 else 2))
        if kind <= 2:
            return draw(SCALARS)
        if kind == 3:
            return (
                "["
                + ", ".join(value(depth + 1) or '""' for _ in range(draw(st.integers(0, 3))))
                + "]"
            )
        return mapping(depth + 1)

    def mapping(depth: int) -> str:
        chosen = draw(st.lists(keys, max_size=5, unique=True))
        return "{" + ", ".join(f"{key}: {value(depth)}" for key in chosen) + "}"

    required = SCHEMAS[f"{name}.schema.json"]["required"]
    valid = {
        "story": {
            "story": "a",
            "title": "A",
            "language": "es",
            "start": "gate",
            "fragments": "{gate: {text: A, ending: done}}",
        },
        "chapter": {
            "chapter": "a",
            "fragments": "{gate: {text: A, choices: [{text: Go, to: gate}]}}",
        },
        "playthrough": {"playthrough": "a", "steps": "[continue, expect: {at: gate}]"},
    }[name]
    assert set(required) <= set(valid)
    lines = dict(valid)
    for key in draw(st.lists(keys, max_size=3, unique=True)):
        lines[key] = value(0)
    return "".join(f"{key}: {text}\n" for key, text in lines.items())


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_both_accept_the_same_documents(name: str, data: st.DataObject) -> None:
    text = data.draw(documents(name))
    file = SourceFile("x.yaml", text)
    root, found = read_text(file)
    if root is None or found:
        return
    shape = load_shape(name)
    result = validate(file, root, shape)
    errors = [one for one in result.found if one.severity == "error" and one.code != "DIA106"]
    accepted = oracle(name).is_valid(typed(root, shape))
    assert accepted == (not errors), (text, [(one.code, one.message) for one in errors])


@pytest.mark.parametrize("name", NAMES)
def test_the_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[f"{name}.schema.json"])
