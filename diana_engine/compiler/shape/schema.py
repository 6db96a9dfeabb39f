"""The JSON Schemas, read into shapes that a document can be held against.

The schemas in ``schema/`` are the one place that says which keys exist. They use a part of JSON Schema that this module
reads in full, and a few annotations that other tools pass over: ``x-say`` (what to call it when something else stands
there), ``x-prose`` (a text for players), ``x-declares`` (it declares a name, or its keys do), ``x-later`` (keys of a later version) and
``x-media`` (keys whose values are paths of media).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

from diana_engine.expressions.types import NameKind
from diana_engine.records import dataclass

__all__ = [
    "EitherShape",
    "ListShape",
    "MapShape",
    "RecordShape",
    "ScalarKind",
    "ScalarShape",
    "Shape",
    "load_shape",
]

ScalarKind = Literal["text", "integer", "switch"]


@dataclass(frozen=True, slots=True)
class ScalarShape:
    """A single value, and what it may be."""

    say: str
    kind: ScalarKind
    pattern: re.Pattern[str] | None
    values: tuple[str, ...]
    min_length: int
    max_length: int | None
    minimum: int | None
    maximum: int | None
    prose: bool
    declares: NameKind | None


@dataclass(frozen=True, slots=True)
class ListShape:
    """Any number of the same."""

    say: str
    item: Shape
    minimum: int
    maximum: int | None


@dataclass(slots=True)
class RecordShape:
    """Keys that are known, each with a shape of its own."""

    say: str
    required: tuple[str, ...]
    later: frozenset[str]
    media: frozenset[str]
    declares: NameKind | None = None
    minimum: int = 0
    keys: Mapping[str, Shape] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MapShape:
    """Keys that the writer chooses, each with a value of the same shape."""

    say: str
    key: ScalarShape | None
    value: Shape
    minimum: int
    declares: NameKind | None


@dataclass(frozen=True, slots=True, eq=False)
class EitherShape:
    """One of several shapes; which one, the form of the value tells. Each is itself alone, so that it is quickly looked up."""

    options: tuple[Shape, ...]


Shape = ScalarShape | ListShape | RecordShape | MapShape | EitherShape

_Schema = Mapping[str, Any]


@cache
def load_shape(name: str) -> Shape:
    """Return the shape of the documents that ``schema/NAME.schema.json`` describes."""
    return _shape(_document(f"{name}.schema.json"), f"{name}.schema.json")


@cache
def _document(file: str) -> _Schema:
    text = (files("diana_engine.schema") / file).read_text(encoding="utf-8")
    return cast(_Schema, json.loads(text))


@cache
def _referred(file: str, pointer: str) -> Shape:
    schema: Any = _document(file)
    for key in pointer.strip("/").split("/"):
        schema = schema[key]
    return _shape(schema, file)


def _shape(schema: _Schema, file: str) -> Shape:
    if "$ref" in schema:
        target, _, pointer = schema["$ref"].partition("#")
        referred = _referred(target or file, pointer)
        if "x-declares" in schema and isinstance(referred, ScalarShape):
            return replace(referred, declares=schema["x-declares"])
        return referred
    if "anyOf" in schema:
        return EitherShape(tuple(_shape(option, file) for option in schema["anyOf"]))
    match schema.get("type"):
        case "object" if "properties" in schema:
            return _record(schema, file)
        case "object":
            key = _shape(schema["propertyNames"], file) if "propertyNames" in schema else None
            return MapShape(
                say=schema["x-say"],
                key=key if isinstance(key, ScalarShape) else None,
                value=_shape(schema["additionalProperties"], file),
                minimum=schema.get("minProperties", 0),
                declares=schema.get("x-declares"),
            )
        case "array":
            item = _shape(schema["items"], file)
            return ListShape(
                schema["x-say"], item, schema.get("minItems", 0), schema.get("maxItems")
            )
        case _:
            return _scalar(schema)


def _record(schema: _Schema, file: str) -> RecordShape:
    return RecordShape(
        say=schema["x-say"],
        required=tuple(schema.get("required", ())),
        later=frozenset(schema.get("x-later", ())),
        media=frozenset(schema.get("x-media", ())),
        declares=schema.get("x-declares"),
        minimum=schema.get("minProperties", 0),
        keys={key: _shape(value, file) for key, value in schema["properties"].items()},
    )


def _scalar(schema: _Schema) -> ScalarShape:
    kinds: dict[Any, ScalarKind] = {"integer": "integer", "boolean": "switch"}
    type_ = schema.get("type")
    return ScalarShape(
        say=schema["x-say"],
        kind=kinds.get(type_, "text") if isinstance(type_, str) else "text",
        # ECMAScript's `$` is the end of the text; Python's would let a line end slip through.
        pattern=re.compile(re.sub(r"\$$", r"\\Z", schema["pattern"]))
        if "pattern" in schema
        else None,
        values=tuple(schema.get("enum", ())),
        min_length=schema.get("minLength", 0),
        max_length=schema.get("maxLength"),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        prose=bool(schema.get("x-prose")),
        declares=schema.get("x-declares"),
    )
