"""A program as rows: pure, so that what is stored can be compared with what was compiled."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, assert_never

from sqlalchemy import Table

from diana_engine.database import tables
from diana_engine.database.stories.readable import folded, names_read, plain_text, requirement_words
from diana_engine.expressions.terms import FragmentId, Requirement
from diana_engine.program.exits import branches_of, choices_of
from diana_engine.program.model import (
    Branch,
    Call,
    Choice,
    Deck,
    Ending,
    Flag,
    Fragment,
    OneOf,
    Points,
    Program,
    Variable,
    WholeNumber,
    Words,
)

__all__ = ["EXCERPT", "Row", "content_rows"]

Row = dict[str, Any]

EXCERPT = 160
"""How many characters of a fragment's text a list shows."""


def content_rows(program: Program) -> Mapping[Table, list[Row]]:
    """Return every row of a program, without its version, by table; a table is filled after those it refers to."""
    fragments = list(_in_order(program))
    owned = list(_requirements(program))
    return {
        tables.chapters: [
            {"chapter": id_, "position": position, "title": chapter.title}
            for position, (id_, chapter) in enumerate(program.chapters.items())
        ],
        tables.fragments: [_fragment(position, one) for position, one in enumerate(fragments)],
        tables.choices: [
            _choice(fragment, position, choice)
            for fragment in fragments
            for position, choice in enumerate(choices_of(fragment.exit))
        ],
        tables.links: [link for fragment in fragments for link in _links(fragment)],
        tables.requirements: [
            {"owner_kind": kind, "owner": owner, "words": requirement_words(requirement)}
            for kind, owner, requirement in owned
        ],
        tables.requirement_names: [
            {"kind": of, "name": name, "owner_kind": kind, "owner": owner}
            for kind, owner, requirement in owned
            for of, name in sorted(names_read(requirement))
        ],
        tables.variables: [
            {"variable": id_, **_variable(one)} for id_, one in program.variables.items()
        ],
        tables.items: [
            {
                "item": id_,
                "name": item.name,
                "category": item.category,
                "clue": item.clue,
                "maximum": item.maximum,
                "text": item.text,
            }
            for id_, item in program.items.items()
        ],
    }


def _in_order(program: Program) -> Iterator[Fragment]:
    for chapter in program.chapters.values():
        for id_ in chapter.fragments:
            yield program.fragments[id_]


def _fragment(position: int, fragment: Fragment) -> Row:
    text = plain_text(fragment.text)
    return {
        "fragment": fragment.id,
        "position": position,
        "chapter": fragment.chapter,
        "kind": fragment.kind,
        "title": fragment.title,
        "speaker": fragment.speaker,
        "ending": fragment.exit.name if isinstance(fragment.exit, Ending) else None,
        "rests": fragment.rests,
        "excerpt": _shortened(" ".join(text.split())),
        "search": folded(f"{fragment.title or ''}\n{text}"),
    }


def _shortened(text: str) -> str:
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"


def _branches(fragment: Fragment) -> Iterable[tuple[str, Branch]]:
    for number, branch in enumerate(branches_of(fragment.exit), start=1):
        yield f"{fragment.id}#{number}", branch


def _choice(fragment: Fragment, position: int, choice: Choice) -> Row:
    return {
        "choice": choice.key,
        "fragment": fragment.id,
        "position": position,
        "target": choice.to,
        "text": plain_text(choice.text),
        "once": choice.once,
        "cost_points": choice.cost.points if choice.cost else None,
        "cost_amount": choice.cost.amount if choice.cost else None,
        "has_requirement": choice.requires is not None,
    }


def _links(fragment: Fragment) -> Iterator[Row]:
    def link(kind: str, owner: str, target: FragmentId) -> Row:
        return {"owner_kind": kind, "owner": owner, "source": fragment.id, "target": target}

    if fragment.gate is not None:
        yield link("fragment", fragment.id, fragment.gate.otherwise)
    for owner, branch in _branches(fragment):
        yield link("branch", owner, branch.to)
    if isinstance(fragment.exit, Call):
        yield link("call", fragment.id, fragment.exit.to)
    if isinstance(fragment.exit, Deck):
        for storylet in fragment.exit.storylets:
            yield link("deck", f"{fragment.id}.{storylet}", storylet)
        if fragment.exit.otherwise is not None:
            yield link("otherwise", fragment.id, fragment.exit.otherwise)
    for choice in choices_of(fragment.exit):
        yield link("choice", choice.key, choice.to)


def _requirements(program: Program) -> Iterator[tuple[str, str, Requirement]]:
    for condition, requirement in program.conditions.items():
        yield "condition", condition, requirement
    for fragment in _in_order(program):
        if fragment.gate is not None:
            yield "fragment", fragment.id, fragment.gate.requires
        if fragment.storylet is not None and fragment.storylet.requires is not None:
            yield "storylet", fragment.id, fragment.storylet.requires
        for owner, branch in _branches(fragment):
            if branch.requires is not None:
                yield "branch", owner, branch.requires
        for choice in choices_of(fragment.exit):
            if choice.requires is not None:
                yield "choice", choice.key, choice.requires


def _variable(variable: Variable) -> Row:
    row: Row = {
        "initial": _written(variable.initial),
        "minimum": None,
        "maximum": None,
        "words": None,
    }
    match variable:
        case WholeNumber():
            return {
                **row,
                "type": "number",
                "minimum": variable.minimum,
                "maximum": variable.maximum,
            }
        case Points():
            return {**row, "type": "points", "minimum": 0, "maximum": variable.maximum}
        case Flag():
            return {**row, "type": "flag"}
        case OneOf():
            return {
                **row,
                "type": "one_of",
                "words": json.dumps(variable.values, ensure_ascii=False),
            }
        case Words():
            return {**row, "type": "text", "maximum": variable.max_length}
        case _:
            assert_never(variable)


def _written(value: int | bool | str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
